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
    private const int VersionsAtOnce = 32;

    /// <summary>
    /// How many edges of one level are read for each node that the answer may hold. Many edges may lead to the same few nodes, but a level that has more
    /// than that is cut.
    /// </summary>
    private const int EdgesPerNode = 10;

    /// <summary>The node as it stands in the graph: a dataset or model without a number becomes the version meant now.</summary>
    public async Task<Outcome<NodeRef>> ResolveAsync(NodeId node, CancellationToken ct) => node.Kind switch
    {
        _ when node.Column is not null => Problem.Of("node.invalid", $"Lineage knows versions, not columns: ask for '{node.WithoutVersion()}'."),
        NodeKind.Dataset => await states.LoadAsync<Dataset>(node.StreamId, ct) is { } dataset
            ? Pin(node, dataset.Resolve(node.Version ?? Dataset.LatestAlias)) : Missing(node),
        NodeKind.Model => await states.LoadAsync<Model>(node.StreamId, ct) is { } model
            ? Pin(node, VersionText.Resolve(node.Version ?? Dataset.LatestAlias, model.Latest, model.Aliases)) : Missing(node),
        NodeKind.Run => await states.LoadAsync<Run>(node.StreamId, ct) is null ? Missing(node) : new NodeRef(node),
        NodeKind.Job => await states.LoadAsync<Job>(node.StreamId, ct) is null ? Missing(node) : new NodeRef(node),
        NodeKind.File => await IsThereAsync(level => VersionsOfFilesAsync([node], level, ct)) ? new NodeRef(node) : Missing(node),
        NodeKind.Deployment => await IsThereAsync(level => EdgesAsync([node], level, ct)) ? new NodeRef(node) : Missing(node),
        _ => Missing(node),
    };

    public async Task<LineageAnswer> WalkAsync(NodeId start, LineageDirection direction, int depth, int limit, CancellationToken ct)
    {
        var graph = new LineageGraph();
        var seen = new HashSet<NodeId> { start };
        var frontier = new List<NodeId> { start };
        var cut = false;

        // One node more than the limit is enough for the walk to know that it was cut.
        for (var depthNow = 0; depthNow < depth && frontier.Count > 0 && seen.Count <= limit; depthNow++)
        {
            var level = new Level(direction, limit * EdgesPerNode);
            await ReadAsync(frontier, level, ct);
            cut |= level.IsCut;
            frontier = [];
            foreach (var edge in level.Edges)
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

    private static async Task<bool> IsThereAsync(Func<Level, Task> readAsync)
    {
        var level = new Level(LineageDirection.Up, limit: 1);
        await readAsync(level);
        return level.Edges.Count > 0;
    }

    private async Task ReadAsync(List<NodeId> nodes, Level level, CancellationToken ct)
    {
        await EdgesAsync(nodes, level, ct);
        await RunsOfJobsAsync(nodes.FindAll(n => n.Kind == NodeKind.Job), level, ct);
        if (level.Direction == LineageDirection.Down)
        {
            await VersionsOfFilesAsync(nodes.FindAll(n => n.Kind == NodeKind.File), level, ct);
            return;
        }

        var made = level.Edges.Where(e => e.Relation is LineageRelations.Output).Select(e => e.To).ToHashSet();
        await FilesOfAsync(nodes.FindAll(n => n.Kind == NodeKind.Dataset && !made.Contains(n)), level, ct);
    }

    /// <summary>Those that became known first, if there are too many.</summary>
    private async Task EdgesAsync(List<NodeId> nodes, Level level, CancellationToken ct)
    {
        var (near, far) = level.Direction == LineageDirection.Up ? ("target", "source") : ("source", "target");
        await using var connection = session.DocumentStore.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"select {near}, {far}, relation from {LineageEdges.TableName} where {near} = any($1) order by position, id limit $2", connection);
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = nodes.Select(n => n.ToString()).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = level.OneTooMany });

        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            level.Add(NodeId.Parse(reader.GetString(0)), NodeId.Parse(reader.GetString(1)), reader.GetString(2));
    }

    /// <summary>A job stands for its runs, on whichever side the walk goes.</summary>
    private async Task RunsOfJobsAsync(List<NodeId> jobs, Level level, CancellationToken ct)
    {
        foreach (var job in jobs)
        {
            var id = job.ToString();
            var runs = await session.Query<RunPage>().Where(r => r.Job == id).OrderBy(r => r.Id).Select(r => r.Id).Take(level.OneTooMany).ToListAsync(ct);
            foreach (var run in runs)
                level.Add(job, NodeId.Parse(run), LineageRelations.Ran);
        }
    }

    private async Task FilesOfAsync(List<NodeId> versions, Level level, CancellationToken ct)
    {
        foreach (var few in versions.Chunk(VersionsAtOnce))
        {
            var pages = await session.LoadManyAsync<VersionPage>(ct, few.Select(v => v.ToString()).ToArray());
            foreach (var page in pages.Where(p => p.ManifestHash is not null))
            {
                var root = await manifests.LoadRootAsync(page.ManifestHash ?? "", ct);
                level.IsCut |= root.Chunks.Sum(c => c.Files) > MaxFilesShown;
                await foreach (var file in manifests.ReadFilesAsync(root, after: null, ct).Take(MaxFilesShown).WithCancellation(ct))
                    level.Add(NodeId.Parse(page.Id), NodeId.File(file.Sha256), LineageRelations.File);
            }

            if (level.IsFull)
                return;
        }
    }

    private async Task VersionsOfFilesAsync(List<NodeId> files, Level level, CancellationToken ct)
    {
        foreach (var file in files)
        {
            var used = await manifests.FindManifestsAsync(file.Name, level.OneTooMany, ct);
            var datasets = await session.Query<VersionPage>()
                .Where(v => v.ManifestHash.IsOneOf(used)).OrderBy(v => v.Id).Select(v => v.Id).Take(level.OneTooMany).ToListAsync(ct);
            var models = await session.Query<ModelVersionPage>()
                .Where(v => v.ManifestHash.IsOneOf(used)).OrderBy(v => v.Id).Select(v => v.Id).Take(level.OneTooMany).ToListAsync(ct);
            foreach (var id in datasets.Concat(models))
                level.Add(file, NodeId.Parse(id), LineageRelations.File);
            level.IsCut |= used.Length == level.OneTooMany;
        }
    }

    private static Outcome<NodeRef> Pin(NodeId node, long? number) =>
        number is { } found ? new NodeRef(node.WithVersion(found)) : VersionText.NotFound(node.WithoutVersion(), node.Version ?? Dataset.LatestAlias);

    private static Problem Missing(NodeId node) => Problem.Of("node.not_found", $"There is no '{node}'.");
}

/// <summary>The edges at one distance from the start, as many as there is room for.</summary>
internal sealed class Level(LineageDirection direction, int limit)
{
    private readonly List<LineageEdge> _edges = [];

    public LineageDirection Direction => direction;

    public IReadOnlyList<LineageEdge> Edges => _edges;

    public bool IsFull => _edges.Count == limit;

    /// <summary>Whether something was left out.</summary>
    public bool IsCut { get; set; }

    /// <summary>How many to ask the database for: what there is room for, and one more to know whether that is all.</summary>
    public int OneTooMany => limit - _edges.Count + 1;

    /// <param name="near">On the side of the start.</param>
    /// <param name="far">Where the walk goes.</param>
    public void Add(NodeId near, NodeId far, string relation)
    {
        if (IsFull)
            IsCut = true;
        else
            _edges.Add(direction == LineageDirection.Up ? new LineageEdge(far, near, relation) : new LineageEdge(near, far, relation));
    }
}

/// <summary>A node that is there.</summary>
internal sealed record NodeRef(NodeId Node);
