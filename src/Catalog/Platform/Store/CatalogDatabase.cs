using Npgsql;

namespace Catalog.Platform.Store;

/// <summary>The PostgreSQL database that the catalog lives in, and the connections that the store's own pool is not right for.</summary>
internal sealed class CatalogDatabase(string connectionString) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _commits = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Tuned(connectionString))
    {
        // Shared commits come one after the other. On one connection PostgreSQL's plans and caches for them stay warm; taking turns over the
        // connections of a pool costs a lone writer a quarter of its throughput (docs/benchmarks.md).
        MinPoolSize = 0,
        MaxPoolSize = 1,
        NoResetOnClose = true,
    });

    /// <summary>As the server was given it, password included, and tuned.</summary>
    public string ConnectionString { get; } = Tuned(connectionString);

    /// <summary>The connection for commits, of which there is one: give it back, by disposing it, before the next one is asked for.</summary>
    public ValueTask<NpgsqlConnection> OpenForCommitAsync(CancellationToken ct) => _commits.OpenConnectionAsync(ct);

    /// <summary>
    /// A connection of its own, to hold an advisory lock: no pool keeps it when it is disposed, and PostgreSQL frees the lock within a second when
    /// this process dies, where the platform lets it notice.
    /// </summary>
    public async Task<NpgsqlConnection> OpenForLockAsync(CancellationToken ct)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
            await AskToNoticeDeathAsync(connection, ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task AskToNoticeDeathAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            await using var notice = new NpgsqlCommand("select set_config('client_connection_check_interval', '1000', false)", connection);
            await notice.ExecuteNonQueryAsync(ct);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidParameterValue or PostgresErrorCodes.UndefinedObject)
        {
            // Not on this platform: there a closed socket is all that tells.
        }
    }

    public ValueTask DisposeAsync() => _commits.DisposeAsync();

    /// <summary>
    /// Statements that come again are prepared, and of several hosts the primary is used, unless the connection string says otherwise (as for a pooler
    /// that cannot prepare).
    /// </summary>
    private static string Tuned(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        if (!builder.ShouldSerialize("Max Auto Prepare")) // whether it was given; ContainsKey holds for every keyword that Npgsql knows
            (builder.MaxAutoPrepare, builder.AutoPrepareMinUsages) = (200, 2);
        if (builder.Host?.Contains(',', StringComparison.Ordinal) == true && !builder.ShouldSerialize("Target Session Attributes"))
            builder.TargetSessionAttributes = "primary";
        return builder.ConnectionString;
    }
}
