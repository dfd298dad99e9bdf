using System.Text.Json;
using Catalog.Lineage.OpenLineage;
using Catalog.Platform.Store;
using Marten;

namespace Catalog.Lineage.Reported;

/// <summary>A facet that events told of a run, job or dataset, as the latest of them has it.</summary>
/// <param name="Name">Such as <c>schema</c>.</param>
/// <param name="Member">What it stood under in the event: <c>facets</c>, <c>inputFacets</c> or <c>outputFacets</c>.</param>
/// <param name="Value">The facet, whole; null where the event's body was erased.</param>
/// <param name="EventTime">When it was so.</param>
/// <param name="Position">Where the event's fact stands in the log.</param>
/// <param name="Producer">What made the event.</param>
internal sealed record ReportedFacet(
    string Name, string Member, JsonElement? Value, DateTimeOffset EventTime, long Position, string? Producer);

/// <summary>Finds facets in the bodies of the events that told them last.</summary>
internal sealed class FacetReader(IDocumentStore store, OpenLineageBodies bodies)
{
    /// <summary>Of one thing; a client that never gives the same facets twice is not followed to its beginnings.</summary>
    private const int MaxSets = 100;

    /// <summary>The facets that stand, by name.</summary>
    /// <param name="nodes">Runs, jobs and datasets, without version and column.</param>
    /// <param name="names">Which facets; null for all.</param>
    /// <param name="ct">Stops.</param>
    public async Task<ILookup<NodeId, ReportedFacet>> ReadAsync(
        IReadOnlyCollection<NodeId> nodes, IReadOnlySet<string>? names, CancellationToken ct)
    {
        var sets = await FindSetsAsync(nodes, ct);
        var wanted = sets.GroupBy(s => s.Node).SelectMany(of => Standing([.. of], names)).ToLookup(w => w.Set.Hash);
        var found = new List<(NodeId Node, byte[] Stamp, ReportedFacet Facet)>();
        await foreach (var (hash, body) in bodies.ReadAsync([.. wanted.Select(w => w.Key)], ct))
            found.AddRange(body is { } bytes ? Read(bytes, wanted[hash]) : wanted[hash].Select(Erased));

        // An input's facet does not take the place of an output's; what the dataset itself has is one, whoever told it.
        return found.GroupBy(f => (f.Node, f.Facet.Member, f.Facet.Name))
            .Select(same => same.MaxBy(f => f.Stamp, s_byStamp))
            .OrderBy(f => f.Facet.Name, StringComparer.Ordinal)
            .ToLookup(f => f.Node, f => f.Facet);
    }

    private static readonly IComparer<byte[]> s_byStamp = Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b));

    /// <summary>For each facet, the latest sets that name it, in each role; none from before it was last taken back.</summary>
    private static IEnumerable<Wanted> Standing(IReadOnlyList<FacetSet> sets, IReadOnlySet<string>? names)
    {
        var deleted = sets.SelectMany(s => s.Deleted.Select(name => (Name: name, s.Stamp)))
            .GroupBy(d => d.Name, StringComparer.Ordinal)
            .ToDictionary(d => d.Key, d => d.Select(s => s.Stamp).Max(s_byStamp), StringComparer.Ordinal);
        return sets.SelectMany(s => s.Facets.Select(name => new Wanted(name, s)))
            .Where(w => names?.Contains(w.Name) != false)
            .GroupBy(w => (w.Name, w.Set.Role))
            .Select(same => same.MaxBy(w => w.Set.Stamp, s_byStamp))
            .OfType<Wanted>()
            .Where(w => deleted.GetValueOrDefault(w.Name) is not { } since || s_byStamp.Compare(w.Set.Stamp, since) > 0);
    }

    private static IEnumerable<(NodeId Node, byte[] Stamp, ReportedFacet Facet)> Read(ReadOnlyMemory<byte> body, IEnumerable<Wanted> wanted)
    {
        if (!OpenLineageInterpreter.TryParse(body, out var document, out _))
            yield break;
        using (document)
        {
            var facets = new EventFacets(document.RootElement);
            var producer = EventFacets.Text(document.RootElement, "producer");
            foreach (var of in wanted.GroupBy(w => w.Set))
            {
                var names = of.Select(w => w.Name).ToHashSet(StringComparer.Ordinal);
                foreach (var (member, name, value) in facets.Of(of.Key.Node, of.Key.Role))
                {
                    if (names.Contains(name))
                    {
                        var facet = new ReportedFacet(name, member, value.Clone(), of.Key.EventTime, of.Key.Position, producer);
                        yield return (of.Key.Node, of.Key.Stamp, facet);
                    }
                }
            }
        }
    }

    private static (NodeId Node, byte[] Stamp, ReportedFacet Facet) Erased(Wanted wanted) => (
        wanted.Set.Node,
        wanted.Set.Stamp,
        new ReportedFacet(wanted.Name, "facets", Value: null, wanted.Set.EventTime, wanted.Set.Position, Producer: null));

    private Task<List<FacetSet>> FindSetsAsync(IReadOnlyCollection<NodeId> nodes, CancellationToken ct) => store.ReadAsync(
        $"""
        select s.node, s.role, s.facets, s.deleted, s.event_time, s.position, s.hash, s.stamp
        from unnest($1) as asked (node)
        cross join lateral (
          select * from {ReportedTables.FacetSets.Name} t where t.node = asked.node order by t.stamp desc limit {MaxSets}) s
        """,
        [nodes.Select(n => n.ToString()).ToArray()],
        row => new FacetSet(
            NodeId.Parse(row.GetString(0)), row.Text(1), row.GetFieldValue<string[]>(2), row.GetFieldValue<string[]>(3),
            row.GetFieldValue<DateTimeOffset>(4), row.GetInt64(5), Convert.ToHexStringLower(row.GetFieldValue<byte[]>(6)),
            row.GetFieldValue<byte[]>(7)),
        ct);

    private sealed record Wanted(string Name, FacetSet Set);

    private sealed record FacetSet(
        NodeId Node, string? Role, string[] Facets, string[] Deleted, DateTimeOffset EventTime, long Position, string Hash, byte[] Stamp);
}
