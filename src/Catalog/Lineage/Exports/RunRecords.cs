using Catalog.Platform.Log;
using Catalog.Platform.Writes;

namespace Catalog.Lineage.Exports;

/// <summary>Reads what exports tell of runs, as it was known at a position.</summary>
internal sealed class RunRecords(LogReader log, FactRegistry facts)
{
    /// <summary>So many facts are read for one export.</summary>
    private const int MaxFacts = 50_000;

    /// <returns>By run, and whether there was too much to read.</returns>
    public async Task<(IReadOnlyDictionary<NodeId, RunRecord> Found, bool Cut)> ReadAsync(
        IReadOnlyCollection<NodeId> runs, long upTo, CancellationToken ct)
    {
        var byStream = runs.ToDictionary(r => r.StreamId, r => new RunRecord(r), StringComparer.Ordinal);
        var positions = await log.PositionsOnAsync(
            byStream.Keys, [.. RunRecord.Facts.Select(facts.NameOf)], upTo, MaxFacts + 1, ct);
        await foreach (var entry in log.ReadAsync([.. positions.Take(MaxFacts)], ct))
            byStream[entry.Stream] = RunRecord.Fold(byStream[entry.Stream], entry, entry.ReadFact(facts));
        return (byStream.Values.ToDictionary(r => r.Node), positions.Count > MaxFacts);
    }
}
