using Catalog.Datasets;
using Catalog.Features;
using Catalog.FeatureServices;
using Catalog.Jobs;
using Catalog.Lineage.Reported;
using Catalog.Models;
using Catalog.Platform;
using Catalog.Platform.Log;
using Catalog.Platform.Projections;
using Catalog.Platform.Writes;
using Marten;

namespace Catalog.Lineage;

/// <summary>Puts a question to this server's lineage graph: which graph, which moment, and which nodes are meant.</summary>
internal sealed class LineageReader(
    GraphFollower follower, LogClock log, ProjectionProgress progress, IQuerySession session, States states, ReportedThings told,
    FilesInLineage files)
{
    private static readonly Dictionary<string, long> s_noAliases = [];

    /// <summary>The graph and the moment that a question is about.</summary>
    public async Task<Outcome<Scene>> SetAsync(LineageQuestion question, CancellationToken ct) =>
        await SetAsync(question.AsOf, question.At, question.AtLeast, question.Granularity, ct);

    public async Task<Outcome<Scene>> SetAsync(
        LogMoment? asOf, DateTimeOffset? at, long? atLeast, LineageGranularity granularity, CancellationToken ct)
    {
        long? position = asOf is null ? null : asOf.Position ?? await log.PositionAtAsync(asOf.Time ?? default, ct);
        if (asOf?.Position > follower.Current.Position && asOf.Position > await progress.FindEndAsync(ct))
            return ProjectionProgress.Beyond(asOf.Position ?? 0);
        var reached = await follower.ReachAsync(Math.Max(atLeast ?? 0, asOf?.Position ?? 0), ct);
        return reached.Succeeded
            ? new Scene(reached.Value, follower.CurrentTags, Moment.Of(position, at), granularity, position) { AtLeast = atLeast }
            : reached.Problem;
    }

    /// <summary>
    /// The node as it stands in the graph: at the granularity asked for, a dataset or model without a number becomes the version meant
    /// then.
    /// </summary>
    public async Task<Outcome<NodeRef>> ResolveAsync(NodeId node, Scene scene, CancellationToken ct) => scene.Granularity switch
    {
        LineageGranularity.Column => node.Column is null
            ? Problem.Of("node.invalid", $"Lineage of columns begins at a column: ask for '{node.WithoutVersion()}#' and its name.")
            : await ResolveColumnAsync(node.WithVersion(version: null), scene, ct),
        _ when node.Column is not null =>
            Problem.Of("node.invalid", $"'{node}' is a column: ask for granularity 'column', or for '{node.WithoutVersion()}'."),
        LineageGranularity.Version => await ResolveVersionAsync(node, scene, ct),
        _ when node.Kind is NodeKind.Run or NodeKind.File =>
            Problem.Of("node.invalid", $"'{node}' is known at granularity 'version' only."),
        _ => await ResolveThingAsync(node.WithoutVersion(), scene, ct),
    };

    /// <summary>A column that nobody said anything of has no lineage; whether there is one, its dataset's schema may not tell.</summary>
    private async Task<Outcome<NodeRef>> ResolveColumnAsync(NodeId column, Scene scene, CancellationToken ct) =>
        Known(column, scene) is { Succeeded: true } there ? there
        : (await ResolveThingAsync(column.WithoutVersion(), scene, ct)).Succeeded ? new NodeRef(column)
        : Missing(column, scene);

    private async Task<Outcome<NodeRef>> ResolveVersionAsync(NodeId node, Scene scene, CancellationToken ct)
    {
        switch (node.Kind)
        {
            case NodeKind.Dataset or NodeKind.Model when Known(node, scene) is { Succeeded: true } there && node.Version is not null:
                return there;
            case NodeKind.Dataset:
                if (await LoadAsync<Dataset>(node, scene, ct) is { } dataset && dataset.Latest > 0)
                    return Pin(node, dataset.Resolve(node.Version ?? Dataset.LatestAlias), scene);
                if (NewestVersion(node, scene) is { } newest)
                    return newest;
                return node.Version is null ? await ResolveThingAsync(node, scene, ct) : Missing(node, scene);
            case NodeKind.Model:
                return await LoadAsync<Model>(node, scene, ct) is { } model
                    ? Pin(node, VersionText.Resolve(node.Version ?? Dataset.LatestAlias, model.Latest, model.Aliases), scene)
                    : Missing(node, scene);
            case NodeKind.FeatureView:
                return await LoadAsync<FeatureView>(node, scene, ct) is { } view
                    ? Pin(node, VersionText.Resolve(node.Version ?? Dataset.LatestAlias, view.Latest, s_noAliases), scene)
                    : Missing(node, scene);
            case NodeKind.FeatureService:
                return await LoadAsync<FeatureService>(node, scene, ct) is { } service
                    ? Pin(node, VersionText.Resolve(node.Version ?? Dataset.LatestAlias, service.Latest, s_noAliases), scene)
                    : Missing(node, scene);
            case NodeKind.File:
                return await files.IsKnownAsync(node, ct) ? new NodeRef(node) : Missing(node, scene);
            default:
                return await ResolveThingAsync(node, scene, ct);
        }
    }

    /// <summary>Things without edges are known by their streams.</summary>
    private async Task<Outcome<NodeRef>> ResolveThingAsync(NodeId node, Scene scene, CancellationToken ct) =>
        Known(node, scene) is { Succeeded: true } there ? there
        : node.Kind switch
        {
            NodeKind.Dataset => await LoadAsync<Dataset>(node, scene, ct) is not null,
            NodeKind.Model => await LoadAsync<Model>(node, scene, ct) is not null,
            NodeKind.FeatureView => await LoadAsync<FeatureView>(node, scene, ct) is not null,
            NodeKind.FeatureService => await LoadAsync<FeatureService>(node, scene, ct) is not null,
            NodeKind.Job => await LoadAsync<Job>(node, scene, ct) is not null,
            NodeKind.Run => await LoadAsync<Run>(node, scene, ct) is not null,
            _ => false,
        }
        || await IsToldOfAsync(node, scene, ct)
        ? new NodeRef(node) : Missing(node, scene);

    /// <summary>An event may describe a thing and say nothing of what flows in or out of it.</summary>
    private async Task<bool> IsToldOfAsync(NodeId node, Scene scene, CancellationToken ct) =>
        scene.AsOf is null && node.Kind is NodeKind.Dataset or NodeKind.Job or NodeKind.Run
        && await progress.WaitForAllAsync(scene.AtLeast, ct) is null
        && await told.FindAsync(node, ct) is not null;

    /// <summary>The state as known then.</summary>
    private async Task<TState?> LoadAsync<TState>(NodeId node, Scene scene, CancellationToken ct)
        where TState : class, IState<TState>
    {
        if (scene.AsOf is not { } position)
            return await states.LoadAsync<TState>(node.StreamId, ct);
        var facts = await session.Events.FetchStreamAsync(node.StreamId, token: ct);
        return facts.Where(f => f.Sequence <= position).Aggregate(default(TState), (state, fact) => TState.Fold(state, fact.Data));
    }

    /// <summary>Of a dataset that has no versions of its own making, the one that was heard of last.</summary>
    private static Outcome<NodeRef>? NewestVersion(NodeId node, Scene scene)
    {
        var thing = scene.View.Find(node.WithoutVersion());
        var versions = thing < 0 || node.Version is not (null or Dataset.LatestAlias)
            ? [] : scene.View.Neighbours(thing, into: false, LineageRelations.Of(LineageRelation.Version), scene.Moment);
        if (versions.Count == 0)
            return null;
        var newest = versions.MaxBy(v => (scene.View.HeldSince(thing, v.Node, LineageRelation.Version, scene.Moment), v.Node));
        return new NodeRef(scene.View.NodeOf(newest.Node));
    }

    /// <summary>Known by then: the graph may hold nodes that came later.</summary>
    private static Outcome<NodeRef> Known(NodeId node, Scene scene) =>
        scene.View.Find(node) is var number and >= 0 && scene.View.IsKnown(number, scene.Moment.AsOf)
            ? new NodeRef(node)
            : Missing(node, scene);

    private static Outcome<NodeRef> Pin(NodeId node, long? number, Scene scene) =>
        number is { } found ? new NodeRef(node.WithVersion(found))
        : scene.AsOf is not null ? Missing(node, scene)
        : VersionText.NotFound(node.WithoutVersion(), node.Version ?? Dataset.LatestAlias);

    private static Problem Missing(NodeId node, Scene scene) => Problem.Of(
        "node.not_found", scene.AsOf is { } then ? $"'{node}' was not known at log position {then}." : $"There is no '{node}'.");
}

/// <summary>A node that is there.</summary>
internal sealed record NodeRef(NodeId Node);

/// <summary>What a question is asked of.</summary>
/// <param name="View">The graph.</param>
/// <param name="Tags">Which tags things carry.</param>
/// <param name="Moment">What was known when, and what held when.</param>
/// <param name="Granularity">Along what.</param>
/// <param name="AsOf">The log position that the question names, or its time stands for; null for all that is known.</param>
internal sealed record Scene(GraphView View, TagView Tags, Moment Moment, LineageGranularity Granularity, long? AsOf)
{
    /// <summary>The position that the answer has to include, where the question named one.</summary>
    public long? AtLeast { get; init; }

    public LineageRelations Relations { get; } = LineageRelations.For(Granularity);

    /// <summary>Whoever carried one of some tags then. Tags may be ahead of the graph; the answer is not.</summary>
    public IReadOnlyList<NodeId> CarriersOf(IEnumerable<string> tags) =>
        [.. tags.SelectMany(t => Tags.CarriersOf(t, Moment with { AsOf = Math.Min(Moment.AsOf, View.Position) })).Distinct()];

    /// <summary>The position that an answer holds at.</summary>
    public long Position => Math.Min(AsOf ?? long.MaxValue, View.Position);
}
