using Npgsql;

namespace Catalog.Platform.Store;

/// <summary>The PostgreSQL database that the catalog lives in, and the connections that the store's own pool is not right for.</summary>
internal sealed class CatalogDatabase(string connectionString)
{
    /// <summary>As the server was given it, password included; of several hosts the primary is used, unless it says otherwise.</summary>
    public string ConnectionString { get; } = OnPrimary(connectionString).ConnectionString;

    /// <summary>A connection for shared commits that come one after the other.</summary>
    public CommitConnection NewCommitConnection() => new(OnPrimary(connectionString));

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

    private static NpgsqlConnectionStringBuilder OnPrimary(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        if (builder.Host?.Contains(',', StringComparison.Ordinal) == true && !builder.ShouldSerialize("Target Session Attributes"))
            builder.TargetSessionAttributes = "primary";
        return builder;
    }
}
