using System.Runtime.CompilerServices;
using Catalog.Platform.Store;
using Marten;
using Npgsql;

namespace Catalog.Platform.Log;

/// <summary>Reads single facts of the log.</summary>
internal sealed class LogReader(IDocumentStore store)
{
    private const int AtOnce = 200;

    /// <summary>The facts at some positions, by position; where there is none, none.</summary>
    public async Task<IReadOnlyDictionary<long, LogEntry>> FindAsync(IReadOnlyList<long> positions, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        var found = await LogTail.ReadAtAsync(connection, positions, ct);
        return found.ToDictionary(f => f.Position);
    }

    /// <summary>The positions of the facts of some types on some streams, up to a position; the earliest when there are more.</summary>
    /// <param name="streams">Ids of streams.</param>
    /// <param name="types">Stored names of facts.</param>
    /// <param name="upTo">The last position.</param>
    /// <param name="limit">How many at most.</param>
    public async Task<IReadOnlyList<long>> PositionsOnAsync(
        IReadOnlyCollection<string> streams, IReadOnlyCollection<string> types, long upTo, int limit, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);

        // Materialized: else the planner may look for few facts by walking through the whole log in order.
        await using var command = new NpgsqlCommand(
            $"""
            with found as materialized (
                select seq_id from {CatalogStore.Schema}.mt_events where stream_id = any($1) and type = any($2) and seq_id <= $3)
            select seq_id from found order by seq_id limit $4
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. streams] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. types] });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = upTo });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        var found = new List<long>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            found.Add(reader.GetInt64(0));
        return found;
    }

    /// <summary>The facts at some positions, some at a time, so that one can stop.</summary>
    public async IAsyncEnumerable<LogEntry> ReadAsync(IReadOnlyList<long> positions, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var some in positions.Chunk(AtOnce))
        {
            var facts = await FindAsync(some, ct);
            foreach (var position in some)
            {
                if (facts.TryGetValue(position, out var fact))
                    yield return fact;
            }
        }
    }
}
