using Catalog.Datasets;
using Catalog.Integrity;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Models;
using Catalog.Platform;
using Catalog.Platform.Writes;
using Marten;
using Npgsql;
using NpgsqlTypes;

namespace Catalog.Lineage;

/// <summary>
/// Fills a <see cref="LineageGraph"/> with what lies around a node, level by level, and walks it. Versions that no run made came from outside:
/// upstream of them are their files.
/// </summary>
internal sealed class LineageReader(IQuerySession session, States states, ManifestStore manifests)
{
    private const int MaxFilesShown = 100;

    /// <summary>The node as it stands in the graph: a dataset or model without a number becomes the version meant now.</summary>
    public async Task<Outcome<NodeRef>> ResolveAsync(NodeId node, CancellationToken ct) => node.Kind switch
    {
        _ when node.Column is not null => Problem.Of("node.invalid", $"Lineage knows versions, not columns: ask for '{node.WithoutVersion()}'."),
        NodeKind.Dataset => await states.LoadAsync<Dataset>(node.StreamId, ct) is { } dataset ? Pin(node, dataset.Resolve(node.Version ?? Dataset.LatestAlias)) : Missing(node),
        NodeKind.Model => await states.LoadAsync<Model>(node.StreamId, ct) is { } model
            ? Pin(node, VersionText.Resolve(node.Version ?? Dataset.LatestAlias, model.Latest, model.Aliases)) : Missing(node),
        NodeKind.Run => await states.LoadAsync<Run>(node.StreamId, ct) is null ? Missing(node) : new NodeRef(node),
        NodeKind.Job => await states.LoadAsync<Job>(node.StreamId, ct) is null ? Missing(node) : new NodeRef(node),
        NodeKind.File => (await VersionsOfFilesAsync([node], ct)).Count == 0 ? Missing(node) : new NodeRef(node),
        NodeKind.Deployment => (await EdgesAsync([node], LineageDirection.Up, ct)).Count == 0 ? Missing(node) : new NodeRef(node),
        _ => Missing(node),
    };

    public async Task<LineageAnswer> WalkAsync(NodeId start, LineageDirection direction, int depth, int limit, CancellationToken ct)
    {
        var graph = new LineageGraph();
        var seen = new HashSet<NodeId> { start };
        var frontier = new List<NodeId> { start };
        var cut = false;

        // One node more than the limit is enough for the walk to know that it was cut.
        for (var level = 0; level < depth && frontier.Count > 0 && seen.Count <= limit; level++)
        {
            var (edges, more) = await NeighboursAsync(frontier, direction, ct);
            cut |= more;
            frontier = [];
            foreach (var edge in edges)
            {
                graph.Add(edge.From, edge.To, edge.Relation);
                var next = direction == LineageDirection.Up ? edge.From : edge.To;
                if (seen.Add(next))
                    frontier.Add(next);
            }
        }

        var answer = graph.Walk(start, direction, depth, limit);
        return answer with { Truncated = answer.Truncated || cut };
    }

    private async Task<(List<LineageEdge> Edges, bool Cut)> NeighboursAsync(List<NodeId> nodes, LineageDirection direction, CancellationToken ct)
    {
        var edges = await EdgesAsync(nodes, direction, ct);
        edges.AddRange(await RunsOfJobsAsync(nodes.FindAll(n => n.Kind == NodeKind.Job), direction, ct));
        if (direction == LineageDirection.Down)
        {
            edges.AddRange(await VersionsOfFilesAsync(nodes.FindAll(n => n.Kind == NodeKind.File), ct));
            return (edges, Cut: false);
        }

        var made = edges.Where(e => e.Relation is LineageRelations.Output).Select(e => e.To).ToHashSet();
        var (files, cut) = await FilesOfAsync(nodes.FindAll(n => n.Kind == NodeKind.Dataset && !made.Contains(n)), ct);
        edges.AddRange(files);
        return (edges, cut);
    }

    private async Task<List<LineageEdge>> EdgesAsync(List<NodeId> nodes, LineageDirection direction, CancellationToken ct)
    {
        var (near, far) = direction == LineageDirection.Up ? ("target", "source") : ("source", "target");
        await using var connection = session.DocumentStore.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand($"select {near}, {far}, relation from {LineageEdges.TableName} where {near} = any($1)", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = nodes.Select(n => n.ToString()).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });

        var edges = new List<LineageEdge>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var (here, there) = (NodeId.Parse(reader.GetString(0)), NodeId.Parse(reader.GetString(1)));
            edges.Add(direction == LineageDirection.Up ? new LineageEdge(there, here, reader.GetString(2)) : new LineageEdge(here, there, reader.GetString(2)));
        }

        return edges;
    }

    /// <summary>A job stands for its runs, on whichever side the walk goes.</summary>
    private async Task<List<LineageEdge>> RunsOfJobsAsync(List<NodeId> jobs, LineageDirection direction, CancellationToken ct)
    {
        var edges = new List<LineageEdge>();
        foreach (var job in jobs)
        {
            var id = job.ToString();
            var runs = await session.Query<RunPage>().Where(r => r.Job == id).OrderBy(r => r.Id).Select(r => r.Id).ToListAsync(ct);
            edges.AddRange(runs.Select(NodeId.Parse).Select(run =>
                direction == LineageDirection.Up ? new LineageEdge(run, job, LineageRelations.Ran) : new LineageEdge(job, run, LineageRelations.Ran)));
        }

        return edges;
    }

    private async Task<(List<LineageEdge> Edges, bool Cut)> FilesOfAsync(List<NodeId> versions, CancellationToken ct)
    {
        var edges = new List<LineageEdge>();
        var cut = false;
        var pages = await session.LoadManyAsync<VersionPage>(ct, versions.Select(v => v.ToString()).ToArray());
        foreach (var page in pages.Where(p => p.ManifestHash is not null))
        {
            var root = await manifests.LoadRootAsync(page.ManifestHash ?? "", ct);
            cut |= root.Chunks.Sum(c => c.Files) > MaxFilesShown;
            await foreach (var file in manifests.ReadFilesAsync(root, after: null, ct).Take(MaxFilesShown).WithCancellation(ct))
                edges.Add(new LineageEdge(NodeId.File(file.Sha256), NodeId.Parse(page.Id), LineageRelations.File));
        }

        return (edges, cut);
    }

    private async Task<List<LineageEdge>> VersionsOfFilesAsync(List<NodeId> files, CancellationToken ct)
    {
        var edges = new List<LineageEdge>();
        foreach (var file in files)
        {
            var used = await manifests.FindManifestsAsync(file.Name, ct);
            var datasets = await session.Query<VersionPage>().Where(v => v.ManifestHash!.IsOneOf(used)).Select(v => v.Id).ToListAsync(ct);
            var models = await session.Query<ModelVersionPage>().Where(v => v.ManifestHash.IsOneOf(used)).Select(v => v.Id).ToListAsync(ct);
            edges.AddRange(datasets.Concat(models).Select(id => new LineageEdge(file, NodeId.Parse(id), LineageRelations.File)));
        }

        return edges;
    }

    private static Outcome<NodeRef> Pin(NodeId node, long? number) =>
        number is { } found ? new NodeRef(node.WithVersion(found)) : VersionText.NotFound(node.WithoutVersion(), node.Version ?? Dataset.LatestAlias);

    private static Problem Missing(NodeId node) => Problem.Of("node.not_found", $"There is no '{node}'.");
}

/// <summary>A node that is there.</summary>
internal sealed record NodeRef(NodeId Node);
