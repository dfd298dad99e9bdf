using Catalog.Platform.Store;
using Marten;
using Npgsql;

namespace Catalog.Platform.Log;

/// <summary>Which position the log had reached at a time.</summary>
internal sealed class LogClock(IDocumentStore store)
{
    /// <summary>
    /// The last position recorded by a time; 0 when the log is younger. Times in the log grow with positions, but for what clocks of
    /// several servers differ; the search goes by halves, as in a sorted list, and needs no index over times.
    /// </summary>
    public async Task<long> PositionAtAsync(DateTimeOffset time, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        var (low, high) = (0L, await EndAsync(connection, ct));
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            var (position, recorded) = await AtOrBeforeAsync(connection, middle, ct);
            if (position == 0 || recorded <= time)
                low = middle;
            else
                high = position - 1;
        }

        return low;
    }

    private static async Task<long> EndAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"select coalesce(max(seq_id), 0) from {CatalogStore.Schema}.mt_events", connection);
        return (long)(await command.ExecuteScalarAsync(ct) ?? 0L);
    }

    private static async Task<(long Position, DateTimeOffset Time)> AtOrBeforeAsync(NpgsqlConnection connection, long position, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"select seq_id, timestamp from {CatalogStore.Schema}.mt_events where seq_id <= $1 order by seq_id desc limit 1", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1)) : default;
    }
}
