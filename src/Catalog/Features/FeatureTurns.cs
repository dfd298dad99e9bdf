using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Npgsql;

namespace Catalog.Features;

/// <summary>
/// Lets one apply at a time look at the views of a namespace and change them, on all servers: what an entity means there is decided over
/// streams that are not written, which no stream's version asserts.
/// </summary>
internal sealed class FeatureTurns(CatalogDatabase database)
{
    private const string Patience = "10s";

    /// <summary>Waits for the turn; disposing ends it.</summary>
    /// <exception cref="CatalogBusyException">Others had it for ten seconds.</exception>
    public async Task<IAsyncDisposable> TakeAsync(IEnumerable<string> namespaces, CancellationToken ct)
    {
        var connection = await database.OpenForLockAsync(ct);
        try
        {
            await using (var patience = new NpgsqlCommand($"set lock_timeout = '{Patience}'", connection))
                await patience.ExecuteNonQueryAsync(ct);

            // In one order, so that two of them never wait for each other.
            foreach (var ns in namespaces.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
                await LockAsync(connection, ns, ct);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (e is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable })
                throw CatalogBusyException.Full();
            throw;
        }
    }

    private static async Task LockAsync(NpgsqlConnection connection, string ns, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select pg_advisory_lock(hashtextextended($1, 0))", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"features:{CatalogStore.Schema}:{ns}" });
        await command.ExecuteNonQueryAsync(ct);
    }
}
