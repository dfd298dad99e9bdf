using Catalog.Datasets;
using Catalog.Jobs;
using Catalog.Platform;
using Marten;

namespace Catalog.Lineage;

/// <summary>What a walk found, as it is shown.</summary>
/// <param name="Nodes">From near to far.</param>
/// <param name="Edges">In the direction of the flow of data.</param>
/// <param name="Truncated">Whether a limit left nodes out.</param>
internal sealed record Traced(IReadOnlyList<LineageNode> Nodes, IReadOnlyList<LineageEdge> Edges, bool Truncated);

/// <summary>What a walk found, with the graph and the moment it was found in.</summary>
/// <param name="Redacted">How many nodes stand for others, which the caller may not see.</param>
internal sealed record TracedScene(Scene Scene, LineageExtract Extract, int Redacted);

/// <summary>Walks from a node, adds the files at the ends, and leaves out what was not asked for.</summary>
internal sealed class LineageTracer(LineageReader lineage, FilesInLineage files, LineageSight sight)
{
    public async Task<Outcome<TracedScene>> TraceAsync(
        NodeId node, LineageDirection direction, LineageQuestion question, CancellationToken ct)
    {
        var scene = await lineage.SetAsync(question, ct);
        if (!scene.Succeeded)
            return scene.Problem;
        var root = await lineage.ResolveAsync(node, scene.Value, ct);
        if (!root.Succeeded)
            return root.Problem;
        var found = await TraceAsync(root.Value.Node, direction, scene.Value, question, ct);
        var extract = new LineageExtract(root.Value.Node, direction, found.Nodes, found.Edges, found.Truncated);
        return new TracedScene(scene.Value, sight.Show(extract), sight.Redacted);
    }

    private async Task<Traced> TraceAsync(
        NodeId root, LineageDirection direction, Scene scene, LineageQuestion question, CancellationToken ct)
    {
        var entries = await EntriesAsync(root, direction, scene, ct);
        if (question.Depth == 0)
            return new Traced([new LineageNode(root, Depth: 0)], [], Truncated: false);

        var around = Walk(root, entries, direction, scene, question);
        if (scene.Granularity == LineageGranularity.Version && direction != LineageDirection.Down)
            around = await WithFilesAsync(around, question, ct);
        if (scene.Granularity == LineageGranularity.Version && direction != LineageDirection.Up)
            around = WithViews(around, scene, question);
        var shown = Shown(around, scene, question);
        return shown is null ? around.Traced() : around.Only(shown);
    }

    /// <summary>
    /// Where the graph is entered when the root itself has no edges there: a job stands for its runs, a file for the versions it is part
    /// of, and upstream for those of which it shows what policies let somebody see.
    /// </summary>
    private async Task<Entries> EntriesAsync(NodeId root, LineageDirection direction, Scene scene, CancellationToken ct)
    {
        if (scene.Granularity != LineageGranularity.Version)
            return Entries.None;
        if (root.Kind == NodeKind.File)
            return direction == LineageDirection.Up
                ? new Entries(LineageRelation.Projected, await files.ProjectedFromAsync(root, ct))
                : new Entries(LineageRelation.File, await files.VersionsOfAsync(root, ct));
        if (root.Kind != NodeKind.Job || scene.View.Find(root) is var job && job < 0)
            return Entries.None;
        var runs = scene.View.Neighbours(job, into: false, LineageRelations.Of(LineageRelation.Ran), scene.Moment);
        return new Entries(LineageRelation.Ran, [.. runs.Select(r => scene.View.NodeOf(r.Node)).Order(NodeId.Order)]);
    }

    private static Around Walk(NodeId root, Entries entries, LineageDirection direction, Scene scene, LineageQuestion question)
    {
        var around = new Around(root, direction);
        if (entries.Nodes.Count == 0)
        {
            var start = scene.View.Find(root);
            if (start >= 0)
                around.Add(scene.View.Walk([start], direction, scene.Relations, scene.Moment, question.Depth, question.Limit), scene);
            return around;
        }

        // One step and one node are taken by the root.
        foreach (var entry in entries.Nodes.Take(question.Limit - 1))
            around.Enter(entry, entries.Relation);
        around.Truncated |= entries.Nodes.Count > question.Limit - 1;
        int[] starts = [.. entries.Nodes.Select(scene.View.Find).Where(n => n >= 0).Take(question.Limit - 1)];
        if (starts.Length > 0)
            around.Add(scene.View.Walk(starts, direction, scene.Relations, scene.Moment, question.Depth - 1, question.Limit - 1), scene);
        return around;
    }

    /// <summary>Versions that no run made came from outside: upstream of them are their files.</summary>
    private async Task<Around> WithFilesAsync(Around around, LineageQuestion question, CancellationToken ct)
    {
        var origins = around.Origins(question.Depth);
        if (origins.Count == 0)
            return around;
        var (found, cut) = await files.OfAsync([.. origins.Keys], ct);
        around.Truncated |= cut;
        foreach (var (version, file) in found)
        {
            if (!around.AddFile(file, origins[version], question.Limit))
                break;
        }

        return around;
    }

    /// <summary>
    /// Feature views take a dataset in whichever version: they are shown below each of its versions, and not walked on from, because what
    /// is made of them says itself which version it was made of.
    /// </summary>
    private static Around WithViews(Around around, Scene scene, LineageQuestion question)
    {
        foreach (var (dataset, place) in around.Datasets(question.Depth))
        {
            var thing = scene.View.Find(dataset.WithoutVersion());
            var views = thing < 0 ? []
                : scene.View.Neighbours(thing, into: false, LineageRelations.Of(LineageRelation.Features), scene.Moment);
            foreach (var view in views.Select(v => scene.View.NodeOf(v.Node)).Order(NodeId.Order))
            {
                if (!around.AddView(view, place, question.Limit))
                    return around;
            }
        }

        return around;
    }

    /// <summary>The nodes that are asked for; null for all.</summary>
    private static HashSet<NodeId>? Shown(Around around, Scene scene, LineageQuestion question)
    {
        var (kinds, namespaces, tags) = question.Show;
        if (question.Granularity == LineageGranularity.Job)
            kinds = [NodeKind.Job];
        if (kinds.Count == 0 && question.Show.ShowsAll)
            return null;
        var tagged = tags.Count == 0 ? null : scene.CarriersOf(tags).ToHashSet();
        return [around.Root, .. around.Nodes.Where(IsShown)];

        // A version has its dataset's tags, and a column these and its own.
        bool IsShown(NodeId node) =>
            (kinds.Count == 0 || kinds.Contains(node.Kind))
            && (namespaces.Count == 0 || namespaces.Contains(node.Namespace))
            && (tagged is null || tagged.Contains(node) || tagged.Contains(node.WithoutVersion()));
    }

    private sealed record Entries(LineageRelation Relation, IReadOnlyList<NodeId> Nodes)
    {
        public static Entries None { get; } = new(default, []);
    }
}
