using Catalog.Lineage.Snapshots;

namespace Catalog.Lineage.OpenLineage;

/// <summary>The runs in a snapshot: what several use in common is written once.</summary>
internal static class RunHistories
{
    public static void Write(SnapshotWriter snapshot, IReadOnlyCollection<RunHistory> runs)
    {
        var known = new List<Uses> { Uses.None };
        var numbers = new Dictionary<Uses, int>(ReferenceEqualityComparer.Instance) { [Uses.None] = 0 };
        foreach (var uses in runs.SelectMany(r => r.AllUses()))
        {
            if (numbers.TryAdd(uses, known.Count))
                known.Add(uses);
        }

        snapshot.Count(known.Count);
        foreach (var uses in known[1..])
            uses.WriteTo(snapshot);
        snapshot.Count(runs.Count);
        foreach (var run in runs)
            run.WriteTo(snapshot, uses => numbers[uses]);
    }

    public static IEnumerable<RunHistory> Read(SnapshotReader snapshot)
    {
        var uses = new Uses[snapshot.Count()];
        for (var i = 0; i < uses.Length; i++)
            uses[i] = i == 0 ? Uses.None : Uses.From(snapshot);
        for (var left = snapshot.Count(); left > 0; left--)
            yield return RunHistory.From(snapshot, uses);
    }
}
