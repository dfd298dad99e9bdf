using Npgsql;

namespace Catalog.Platform.Store;

/// <summary>The PostgreSQL database that the catalog lives in, and the connections that the store's own pool is not right for.</summary>
internal sealed class CatalogDatabase(string connectionString) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _commits = NpgsqlDataSource.Create(ForCommits(connectionString));

    /// <summary>As the server was given it, password included; of several hosts the primary is used, unless it says otherwise.</summary>
    public string ConnectionString { get; } = OnPrimary(connectionString).ConnectionString;

    /// <summary>
    /// The connection for commits, of which there is one: give it back, by disposing it, before the next one is asked for.
    /// </summary>
    public ValueTask<NpgsqlConnection> OpenForCommitAsync(CancellationToken ct) => _commits.OpenConnectionAsync(ct);

    /// <summary>
    /// Has the next commit run on a new connection. To be called when one failed: Npgsql can lose track of which statements are prepared
    /// when a transaction is rolled back that prepared some (npgsql/npgsql#6391).
    /// </summary>
    public void DropCommitConnection() => _commits.Clear();

    /// <summary>
    /// A connection of its own, to hold an advisory lock: no pool keeps it when it is disposed, and PostgreSQL frees the lock within a
    /// second when this process dies, where the platform lets it notice.
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
    /// Shared commits come one after the other, by the same few statements. On one connection, with statements prepared, PostgreSQL's plans
    /// and caches stay warm: without, a lone writer has half the throughput (docs/benchmarks.md). Reads are not prepared: they come in too
    /// many forms, and see <see cref="DropCommitConnection"/>.
    /// </summary>
    private static NpgsqlConnectionStringBuilder ForCommits(string connectionString)
    {
        var commits = OnPrimary(connectionString);
        (commits.MinPoolSize, commits.MaxPoolSize, commits.NoResetOnClose) = (0, 1, true);
        if (!commits.ShouldSerialize("Max Auto Prepare")) // whether it was given; ContainsKey holds for every keyword that Npgsql knows
            (commits.MaxAutoPrepare, commits.AutoPrepareMinUsages) = (100, 2);
        return commits;
    }

    private static NpgsqlConnectionStringBuilder OnPrimary(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        if (builder.Host?.Contains(',', StringComparison.Ordinal) == true && !builder.ShouldSerialize("Target Session Attributes"))
            builder.TargetSessionAttributes = "primary";
        return builder;
    }
}
