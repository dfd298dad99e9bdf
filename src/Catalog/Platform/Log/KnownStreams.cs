using Catalog.Platform.Store;
using Marten;
using Npgsql;

namespace Catalog.Platform.Log;

/// <summary>
/// The streams of some kinds, and where in the log whoever follows them goes on from there. Facts that were on their way meanwhile are gone
/// over again.
/// </summary>
/// <param name="From">Behind this position.</param>
/// <param name="Streams">The newest first.</param>
internal sealed record KnownStreams(long From, IReadOnlyList<string> Streams)
{
    /// <summary>A fact is given its number before it is committed; that many others are not in between.</summary>
    private const long OnTheirWay = 10_000;

    /// <param name="store">Where the log is.</param>
    /// <param name="prefixes">What ids of the streams begin with.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="ct">Gives up.</param>
    public static async Task<KnownStreams> FindAsync(
        IDocumentStore store, IReadOnlyList<string> prefixes, int most, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        var streams = new NpgsqlBatchCommand(
            $"select id from {CatalogStore.Schema}.mt_streams where id ^@ any($1) order by created desc limit $2");
        streams.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. prefixes] });
        streams.Parameters.Add(new NpgsqlParameter<int> { TypedValue = most });
        await using var batch = new NpgsqlBatch(connection)
        {
            // The end first: what comes between the two is followed.
            BatchCommands = { new($"select coalesce(max(seq_id), 0) from {CatalogStore.Schema}.mt_events"), streams },
        };
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var (end, found) = (reader.GetInt64(0), new List<string>());
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
            found.Add(reader.GetString(0));
        return new(Math.Max(0, end - OnTheirWay), found);
    }
}
