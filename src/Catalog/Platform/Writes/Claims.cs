using Catalog.Platform.Store;
using Npgsql;

namespace Catalog.Platform.Writes;

/// <summary>
/// A row beside the log that can be there once, whoever brings it: a write whose row is there already has been made before, and is
/// <see cref="Decision.Unchanged"/>. A write with a claim is one that every state accepts: nothing else may decide whether the row is
/// stored.
/// </summary>
/// <param name="Table">Its first column is the key; its statement passes over keys that are there and returns those that it stored.</param>
/// <param name="Key">What there can be one of.</param>
/// <param name="Rest">The other columns.</param>
internal sealed record Claim(SideTable Table, byte[] Key, params IReadOnlyList<object> Rest);

/// <summary>
/// The claims of one shared commit. They are brought before anything is decided, in the transaction of the facts and with one statement a
/// table, so that finding a repeated write costs no look before the write, and a repeated one fails nobody else's.
/// </summary>
internal sealed class Claims : IAsyncDisposable
{
    private readonly HashSet<PendingWrite> _repeated = [];

    private readonly NpgsqlConnection _connection;

    private Claims(NpgsqlConnection connection, NpgsqlTransaction? transaction) => (_connection, Transaction) = (connection, transaction);

    /// <summary>The transaction that the facts go into; null when no write brought a claim.</summary>
    public NpgsqlTransaction? Transaction { get; }

    /// <summary>Whether the write was made before, by itself or by another of the same commit.</summary>
    public bool IsRepeated(PendingWrite write) => _repeated.Contains(write);

    public static async Task<Claims> BringAsync(NpgsqlConnection connection, IReadOnlyList<PendingWrite> batch, CancellationToken ct)
    {
        if (!batch.Any(w => w.Claim is not null))
            return new Claims(connection, transaction: null);

        var claims = new Claims(connection, await connection.BeginTransactionAsync(ct));
        try
        {
            foreach (var table in batch.Where(w => w.Claim is not null).GroupBy(w => w.Claim?.Table))
                await claims.BringAsync(table.Key, table, ct);
            return claims;
        }
        catch
        {
            await claims.DisposeAsync();
            throw;
        }
    }

    /// <summary>A log position that includes what was there already; 0 where nothing was. To be asked once all else is stored.</summary>
    public async Task<long> FindEndAsync(CancellationToken ct)
    {
        if (_repeated.Count == 0)
            return 0;
        var end = $"select coalesce(max(seq_id), 0) from {CatalogStore.Schema}.mt_events";
        await using var command = new NpgsqlCommand(end, _connection, Transaction);
        return await command.ExecuteScalarAsync(ct) is long position ? position : 0;
    }

    public Task CommitAsync(CancellationToken ct) => Transaction?.CommitAsync(ct) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => Transaction?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task BringAsync(SideTable? table, IEnumerable<PendingWrite> writes, CancellationToken ct)
    {
        if (table is null)
            return;

        // Servers that bring the same keys must not wait for each other crosswise: all go in one order.
        var first = new SortedDictionary<byte[], PendingWrite>(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
        foreach (var write in writes)
        {
            if (write.Claim is { } claim && !first.TryAdd(claim.Key, write))
                _repeated.Add(write);
        }

        await using var command = new NpgsqlCommand(table.Sql, _connection, Transaction);
        var rows = first.Select(f => (object[])[f.Key, .. f.Value.Claim?.Rest ?? []]).ToList();
        for (var i = 0; i < table.Columns.Count; i++)
            command.Parameters.Add(new NpgsqlParameter { Value = SideRows.Column(table.Columns[i], rows, i) });

        await using var stored = await command.ExecuteReaderAsync(ct);
        while (await stored.ReadAsync(ct))
            first.Remove(stored.GetFieldValue<byte[]>(0));
        _repeated.UnionWith(first.Values);
    }
}
