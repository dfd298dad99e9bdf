using Catalog.Platform.Store;
using Npgsql;

namespace Catalog.Platform.Writes;

/// <summary>
/// Lets one writer at a time look at streams that it does not write, and then write, on all servers: what no stream's version asserts is
/// decided so.
/// </summary>
internal sealed class Turns(CatalogDatabase database)
{
    private const string Patience = "10s";

    /// <inheritdoc cref="TakeAsync(IEnumerable{Turn}, CancellationToken)"/>
    public Task<IAsyncDisposable> TakeAsync(Turn turn, CancellationToken ct) => TakeAsync([turn], ct);

    /// <summary>Waits for the turns; disposing ends them.</summary>
    /// <exception cref="CatalogBusyException">Others had one for ten seconds.</exception>
    public async Task<IAsyncDisposable> TakeAsync(IEnumerable<Turn> turns, CancellationToken ct)
    {
        var connection = await database.OpenForLockAsync(ct);
        try
        {
            await using (var patience = new NpgsqlCommand($"set lock_timeout = '{Patience}'", connection))
                await patience.ExecuteNonQueryAsync(ct);

            // In one order, so that two of them never wait for each other.
            foreach (var key in turns.Select(t => t.Key).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
                await LockAsync(connection, key, ct);
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

    /// <summary>
    /// Waits for a turn for as long as it takes: for work that others wait for, too, and that goes on once whoever has it is done or dead.
    /// </summary>
    public async Task<IAsyncDisposable> AwaitAsync(Turn turn, CancellationToken ct)
    {
        var connection = await database.OpenForLockAsync(ct);
        try
        {
            await LockAsync(connection, turn.Key, ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task LockAsync(NpgsqlConnection connection, string key, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select pg_advisory_lock(hashtextextended($1, 0))", connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        await command.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>What there is one turn for.</summary>
/// <param name="Key">The same on all servers.</param>
internal readonly record struct Turn(string Key)
{
    /// <summary>Nesting groups in each other: no circle may come of it.</summary>
    public static Turn Groups { get; } = new($"groups:{CatalogStore.Schema}");

    /// <summary>Erasing the data of a subject: two at once would each put successors in the place of the same versions.</summary>
    public static Turn Erasure { get; } = new($"erasure:{CatalogStore.Schema}");

    /// <summary>Applying features of a namespace: what an entity means there is decided over all its views.</summary>
    public static Turn Features(string ns) => new($"features:{CatalogStore.Schema}:{ns}");

    /// <summary>Making a policy projection: it is made once.</summary>
    /// <param name="projection">Its hash.</param>
    public static Turn Projection(string projection) => new($"projection:{CatalogStore.Schema}:{projection}");
}
