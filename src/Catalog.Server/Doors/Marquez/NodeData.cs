using Catalog.Lineage.Known;
using Catalog.Lineage.Reported;

namespace Catalog.Server.Doors.Marquez;

/// <summary>What nodes of Marquez's graph carry: the job or dataset, as far as somebody told of it.</summary>
internal sealed class NodeData(KnownJobs jobs, KnownDatasets datasets, KnownRuns runs, FacetReader facets, MarquezGraph graph)
{
    /// <summary>Of what an id can mean, the first that there is.</summary>
    public async Task<NodeId?> FindAsync(IReadOnlyList<NodeId> meant, CancellationToken ct)
    {
        if (meant.FirstOrDefault(graph.Knows) is { Kind: not default(NodeKind) } known)
            return known;
        var ofJobs = await jobs.FindAsync(OfKind(meant, NodeKind.Job), ct);
        var ofDatasets = await datasets.FindAsync(OfKind(meant, NodeKind.Dataset), ct);
        return meant.Where(n => ofJobs.ContainsKey(n) || ofDatasets.ContainsKey(n)).Select(n => (NodeId?)n).FirstOrDefault();
    }

    public async Task<IReadOnlyDictionary<NodeId, object?>> ShowAsync(IReadOnlyCollection<NodeId> nodes, CancellationToken ct)
    {
        var (ofJobs, ofDatasets) = (OfKind(nodes, NodeKind.Job), OfKind(nodes, NodeKind.Dataset));
        var knownJobs = await jobs.FindAsync(ofJobs, ct);
        var knownDatasets = await datasets.FindAsync(ofDatasets, ct);
        var latest = await runs.LatestAsync(ofJobs, each: 1, ct);
        var said = await facets.ReadAsync(nodes, names: null, ct);
        return nodes.ToDictionary(n => n, n =>
        {
            var merged = RunShapes.Merge(said[n]);
            return knownJobs.TryGetValue(n, out var job)
                ? JobShapes.Show(job, graph, [.. latest[n].Select(RunShapes.Brief)], merged)
                : (object?)DatasetShapes.Show(knownDatasets.GetValueOrDefault(n) ?? Mentioned(n), graph, merged);
        });
    }

    /// <summary>A thing that others only refer to.</summary>
    private static KnownDataset Mentioned(NodeId node) => new(
        node, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, LastWritten: null, Type: null, Change: null, ChangedAt: null, Page: null);

    private static IReadOnlyList<NodeId> OfKind(IEnumerable<NodeId> nodes, NodeKind kind) => [.. nodes.Where(n => n.Kind == kind)];
}
