using System.Runtime.InteropServices;
using Catalog.Lineage.Snapshots;

namespace Catalog.Lineage.OpenLineage;

/// <summary>A dataset that a run reads or writes, and the client's label of the version, where it gave one.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Use(int Dataset, string? Label)
{
    public static IComparer<Use> Order { get; } = Comparer<Use>.Create((a, b) =>
        a.Dataset != b.Dataset ? a.Dataset.CompareTo(b.Dataset) : string.CompareOrdinal(a.Label, b.Label));
}

/// <summary>
/// What a run reads and writes, each in order and once. A use with a label says more than the same without, and takes its place. Never
/// changed: runs of a job that use the same share one.
/// </summary>
internal sealed class Uses
{
    private Uses(Use[] inputs, Use[] outputs) => (Inputs, Outputs) = (inputs, outputs);

    public static Uses None { get; } = new([], []);

    public Use[] Inputs { get; }

    public Use[] Outputs { get; }

    public static Uses Of(IEnumerable<Use> inputs, IEnumerable<Use> outputs) =>
        Ordered(inputs) is var reads && Ordered(outputs) is var writes && reads.Length + writes.Length > 0 ? new Uses(reads, writes) : None;

    public Uses With(Uses more)
    {
        if (more == this || more == None)
            return this;
        if (this == None)
            return more;
        var both = Of(Inputs.Concat(more.Inputs), Outputs.Concat(more.Outputs));
        return both.Says(this) ? this : both.Says(more) ? more : both;
    }

    public static Uses From(SnapshotReader snapshot) => new(Read(snapshot), Read(snapshot));

    public void WriteTo(SnapshotWriter snapshot)
    {
        foreach (var uses in new[] { Inputs, Outputs })
        {
            snapshot.Count(uses.Length);
            foreach (var use in uses)
            {
                snapshot.Count(use.Dataset);
                snapshot.Text(use.Label);
            }
        }
    }

    private static Use[] Read(SnapshotReader snapshot)
    {
        var uses = new Use[snapshot.Count()];
        for (var i = 0; i < uses.Length; i++)
            uses[i] = new Use(snapshot.Count(), snapshot.Text());
        return uses;
    }

    public bool Says(Uses other) => Inputs.AsSpan().SequenceEqual(other.Inputs) && Outputs.AsSpan().SequenceEqual(other.Outputs);

    private static Use[] Ordered(IEnumerable<Use> uses)
    {
        var all = uses.Distinct().Order(Use.Order).ToArray();

        // No label comes first: where one follows, that is enough.
        var isLabelled = false;
        for (var i = 1; i < all.Length; i++)
            isLabelled |= all[i].Dataset == all[i - 1].Dataset && all[i - 1].Label is null;
        return isLabelled
            ? [.. all.Where((use, i) => use.Label is not null || i + 1 == all.Length || all[i + 1].Dataset != use.Dataset)]
            : all;
    }
}

/// <summary>What runs use, so that those that use the same share it: nearly all runs of a job do.</summary>
internal sealed class KnownUses
{
    private const int Remembered = 100_000;

    private readonly HashSet<Uses> _known = new(EqualityComparer<Uses>.Create((a, b) => a is not null && b?.Says(a) == true, HashOf));

    public Uses UsesOf(OpenLineageEvent said, TemporalGraph graph)
    {
        var uses = Uses.Of(
            said.Inputs.Select(d => new Use(graph.Node(d.Node), d.Version)),
            said.Outputs.Select(d => new Use(graph.Node(d.Node), d.Version)));
        if (_known.TryGetValue(uses, out var known))
            return known;
        if (_known.Count == Remembered)
            _known.Clear();
        _known.Add(uses);
        return uses;
    }

    private static int HashOf(Uses uses)
    {
        var hash = default(HashCode);
        foreach (var use in uses.Inputs)
            hash.Add(use);
        hash.Add(uses.Inputs.Length);
        foreach (var use in uses.Outputs)
            hash.Add(use);
        return hash.ToHashCode();
    }
}
