using System.Text.Json;
using Catalog.Lineage;
using Catalog.Lineage.Known;
using Catalog.Lineage.Reported;

namespace Catalog.Server.Doors.Marquez;

/// <summary>Runs as Marquez shows them.</summary>
internal sealed class RunShapes(GraphFollower follower, FacetReader facets, RunFacets inRuns)
{
    private static readonly IReadOnlyDictionary<string, JsonElement> s_none = new Dictionary<string, JsonElement>(StringComparer.Ordinal);

    /// <summary>Runs with the versions they read and made, and all facets.</summary>
    public async Task<IReadOnlyList<RunShape>> WholeAsync(IReadOnlyList<KnownRun> runs, CancellationToken ct)
    {
        var graph = MarquezGraph.Current(follower);
        var own = await facets.ReadAsync([.. runs.Select(r => r.Node)], names: null, ct);
        var used = runs.ToDictionary(r => r.Node, r => (Read: graph.ReadBy(r.Node), Made: graph.MadeBy(r.Node)));
        var asked = runs.SelectMany(r => (InRun[])
        [
            .. used[r.Node].Read.Select(v => Input(r.Node, v)), .. used[r.Node].Made.Select(v => Output(r.Node, v)),
        ]);
        var said = await inRuns.ReadAsync([.. asked], ct);
        return
        [
            .. runs.Select(r => Brief(r) with
            {
                Facets = Merge(own[r.Node]),
                InputDatasetVersions = [.. used[r.Node].Read.Select(v => new UsedVersion(MarquezIds.Version(v), said[Input(r.Node, v)]))],
                OutputDatasetVersions = [.. used[r.Node].Made.Select(v => new UsedVersion(MarquezIds.Version(v), said[Output(r.Node, v)]))],
            }),
        ];
    }

    /// <summary>A run without what takes a look into the bodies of events.</summary>
    public static RunShape Brief(KnownRun run) => new(
        run.Node.Name, run.FirstSeen, run.LastSeen, run.NominalStart, run.NominalEnd, run.State.ToUpperInvariant(), run.Started, run.Ended,
        run is { Started: { } from, Ended: { } to } ? (long)(to - from).TotalMilliseconds : null,
        run.Parameters, run.Job is { } job ? MarquezIds.Version(job) : null, [], [], s_none);

    /// <summary>By name; of facets that a dataset has in several roles, the latest.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Merge(IEnumerable<ReportedFacet> facets)
    {
        var merged = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var facet in facets.OrderBy(f => f.EventTime).ThenBy(f => f.Position))
        {
            if (facet.Value is { } value)
                merged[facet.Name] = value;
        }

        return merged;
    }

    private static InRun Input(NodeId run, NodeId version) => new(run, version.WithoutVersion(), "input");

    private static InRun Output(NodeId run, NodeId version) => new(run, version.WithoutVersion(), "output");
}
