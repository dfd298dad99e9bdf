using System.Runtime.InteropServices;
using Catalog.Lineage.Snapshots;

namespace Catalog.Lineage.OpenLineage;

/// <summary>
/// What OpenLineage events say together: folds them into the graph as they come, and to the same graph in whatever order they come
/// (display numbers and the positions at which things became known left out). Events accumulate: what one leaves out, it does not take
/// back.
/// </summary>
/// <remarks>
/// A run that completes makes a version of each output, named by the client's own label where it gives one and by the run where not; an
/// input without a label is pinned to the version that was current when the run started. A late event can change both, and then the pins
/// are set again.
/// </remarks>
public sealed class OpenLineageFold
{
    private readonly TemporalGraph _graph;
    private readonly FacetHistories _facets;
    private readonly VersionHistories _versions;
    private readonly JobUses _uses;
    private readonly Dictionary<int, RunHistory> _runs = [];
    private readonly KnownUses _known = new();

    public OpenLineageFold(TemporalGraph graph)
        : this(graph, new TagHistories())
    {
    }

    private OpenLineageFold(TemporalGraph graph, TagHistories tags)
    {
        (_graph, Tags) = (graph, tags);
        _facets = new FacetHistories(graph);
        _versions = new VersionHistories(graph);
        _uses = new JobUses(graph, _runs);
    }

    /// <summary>Which tags things carry; the catalog's own are put here, too.</summary>
    public TagHistories Tags { get; }

    /// <summary>Takes an event in.</summary>
    /// <param name="said">The event.</param>
    /// <param name="position">Where its fact stands in the log.</param>
    public void Apply(OpenLineageEvent said, long position)
    {
        var job = said.Job is { } j ? _graph.Node(j.Node) : (int?)null;
        if (said.Run is { } run && job is { } of)
            Run(said, run, of, position);
        else if (job is { } declared)
            Declare(said, declared, position);

        var time = said.Time.UtcTicks;
        if (said.Job?.Lineage is { } edges)
            _facets.Say(new FacetKey(job ?? 0, By: null, "lineage"), time, Targets(edges, time, position), position);
        if (said.Job is { } taken && taken.Deleted.Contains("lineage", StringComparer.Ordinal))
            _facets.Say(new FacetKey(job ?? 0, By: null, "lineage"), time, [], position);
        foreach (var dataset in said.Dataset is { } alone ? [alone] : said.Inputs.Concat(said.Outputs))
        {
            Describe(dataset, time, job, position);
            Tag(dataset.Node, said.Job?.Node, dataset.Tags, dataset.Facets, dataset.Deleted);
        }

        if (said.Job is { } tagged)
            Tag(tagged.Node, by: null, tagged.Tags, tagged.Facets, tagged.Deleted);
        if (said.Run is { } taggedRun)
            Tag(taggedRun.Node, by: null, taggedRun.Tags, taggedRun.Facets, taggedRun.Deleted);

        void Tag(
            NodeId of, NodeId? by, IReadOnlyList<OpenLineageTag> tags, IReadOnlyList<string> facets, IReadOnlyList<string> deleted)
        {
            if (facets.Contains("tags", StringComparer.Ordinal) || deleted.Contains("tags", StringComparer.Ordinal))
                Tags.Say(of, by, tags, time, position);
        }
    }

    /// <summary>A version that the catalog itself made: runs known from OpenLineage are pinned to it, too.</summary>
    /// <param name="version">With its number.</param>
    /// <param name="time">Ticks (UTC).</param>
    /// <param name="position">Where the fact stands in the log.</param>
    public void AddVersion(NodeId version, long time, long position)
    {
        var node = _graph.Node(version);
        Refresh(_versions.Put(_graph.Node(version.WithoutVersion()), node, time), position);
    }

    /// <summary>Writes what is remembered beside the graph. To be called by whoever calls <see cref="Apply"/>.</summary>
    internal void WriteTo(SnapshotWriter snapshot)
    {
        Tags.WriteTo(snapshot);
        RunHistories.Write(snapshot, _runs.Values);
        _versions.WriteTo(snapshot);
        _uses.WriteTo(snapshot);
        _facets.WriteTo(snapshot);
    }

    /// <summary>The fold of a graph from the same snapshot.</summary>
    internal static OpenLineageFold From(SnapshotReader snapshot, TemporalGraph graph)
    {
        var fold = new OpenLineageFold(graph, TagHistories.From(snapshot, graph.Current.Position));
        foreach (var run in RunHistories.Read(snapshot))
            fold._runs.Add(run.Node, run);
        fold._versions.ReadFrom(snapshot);
        fold._uses.ReadFrom(snapshot);
        fold._facets.ReadFrom(snapshot);
        return fold;
    }

    private void Run(OpenLineageEvent said, OpenLineageRun about, int job, long position)
    {
        var (node, time) = (_graph.Node(about.Node), said.Time.UtcTicks);
        if (!_runs.TryGetValue(node, out var run))
            _runs.Add(node, run = new RunHistory(node));
        _graph.Hold(job, node, LineageRelation.Ran, time, position);
        if (about.Parent is { } parent && parent.Run != about.Node)
        {
            _graph.Hold(_graph.Node(parent.Run), node, LineageRelation.Started, time, position);
            _graph.Hold(_graph.Node(parent.Job), _graph.Node(parent.Run), LineageRelation.Ran, time, position);
        }

        var before = run.JobUse;
        run.Take(said, _known.UsesOf(said, _graph), job);
        _uses.Update(before, run.JobUse, position);
        Refresh(_versions.Update(run, position), position);
    }

    /// <summary>A job says what it reads and writes, without a run.</summary>
    private void Declare(OpenLineageEvent said, int job, long position)
    {
        foreach (var input in said.Inputs)
            _uses.Declare(new Edge(_graph.Node(input.Node), job, LineageRelation.Reads), said.Time.UtcTicks, position);
        foreach (var output in said.Outputs)
            _uses.Declare(new Edge(job, _graph.Node(output.Node), LineageRelation.Writes), said.Time.UtcTicks, position);
    }

    private void Describe(OpenLineageDataset dataset, long time, int? job, long position)
    {
        var node = _graph.Node(dataset.Node);
        foreach (var other in dataset.Symlinks.Select(_graph.Node).Where(other => other != node))
        {
            _graph.Hold(node, other, LineageRelation.Symlink, time, position);
            _graph.Hold(other, node, LineageRelation.Symlink, time, position);
            Refresh(_versions.Join(node, other), position);
        }

        switch (dataset.Change)
        {
            case { State: OpenLineageLifecycle.Rename, Previous: { } previous } when previous != dataset.Node:
                _graph.Hold(_graph.Node(previous), node, LineageRelation.Renamed, time, position);
                Refresh(_versions.Rename(_graph.Node(previous), node, time), position);
                break;
            case { State: OpenLineageLifecycle.Drop }:
                _uses.Drop(node, time, position);
                break;
        }

        if (dataset.Lineage is { } lineage)
            _facets.Say(new FacetKey(node, job, "columns"), time, Targets(lineage, time, position), position);
        else if (dataset.Columns is { } columns)
            _facets.Say(new FacetKey(node, job, "columns"), time, Columns(dataset.Node, columns, job is null), position);
        else if (dataset.Deleted.Any(d => d is "columnLineage" or "lineage"))
            _facets.Say(new FacetKey(node, job, "columns"), time, [], position);
    }

    /// <summary>Pins what runs read anew. What they make does not depend on that: nobody else is affected.</summary>
    private void Refresh(IEnumerable<int> runs, long position)
    {
        foreach (var node in runs)
        {
            // What the catalog made has no run here.
            if (_runs.TryGetValue(node, out var run))
                _versions.Update(run, position);
        }
    }

    /// <summary>
    /// Edges of the facet <c>columnLineage</c>. Columns that the dataset as a whole depends on reach its columns through the dataset.
    /// </summary>
    private HashSet<Edge> Columns(NodeId dataset, OpenLineageColumns columns, bool alone)
    {
        var edges = new HashSet<Edge>();
        foreach (var field in columns.Fields)
        {
            var column = NodeId.Dataset(dataset.Namespace, dataset.Name, version: null, field.Name);
            edges.Add(new Edge(_graph.Node(dataset), _graph.Node(column), LineageRelation.HasColumn));
            foreach (var source in field.Sources)
                Add(edges, source, column, alone);
            if (columns.Dataset.Count > 0)
                edges.Add(new Edge(_graph.Node(dataset), _graph.Node(column), LineageRelation.ColumnInfluence));
        }

        foreach (var source in columns.Dataset)
            Add(edges, source, dataset, alone);
        return edges;
    }

    /// <summary>Edges of the facet <c>lineage</c>. What jobs read and write accumulates, as it does where runs say it.</summary>
    private HashSet<Edge> Targets(IReadOnlyList<OpenLineageTarget> targets, long time, long position)
    {
        var edges = new HashSet<Edge>();
        foreach (var target in targets)
        {
            if (target.Node.Column is not null)
                edges.Add(new Edge(_graph.Node(target.Node.WithoutVersion()), _graph.Node(target.Node), LineageRelation.HasColumn));
            foreach (var source in target.Sources)
                Add(edges, source, target.Node, alone: true);
        }

        foreach (var use in edges.Where(e => e.Relation is LineageRelation.Reads or LineageRelation.Writes).ToList())
        {
            edges.Remove(use);
            _uses.Declare(use, time, position);
        }

        return edges;
    }

    /// <param name="edges">Added to.</param>
    /// <param name="source">Where data came from.</param>
    /// <param name="target">A dataset, a column or a job.</param>
    /// <param name="alone">Whether nothing else says that the datasets behind the columns depend on each other.</param>
    private void Add(HashSet<Edge> edges, OpenLineageSource source, NodeId target, bool alone)
    {
        var (from, to) = (source.Node, target);
        switch (from.Kind, to.Kind)
        {
            case (NodeKind.Job, NodeKind.Job):
                edges.Add(new Edge(_graph.Node(from), _graph.Node(to), LineageRelation.Follows));
                return;
            case (NodeKind.Job, _):
                edges.Add(new Edge(_graph.Node(from), _graph.Node(to.WithoutVersion()), LineageRelation.Writes));
                return;
            case (_, NodeKind.Job):
                edges.Add(new Edge(_graph.Node(from.WithoutVersion()), _graph.Node(to), LineageRelation.Reads));
                return;
        }

        if (from.Column is not null || to.Column is not null)
        {
            var direct = from.Column is not null && to.Column is not null
                && (source.Transformations.Count == 0 || source.Transformations.Any(t => t.Type == "DIRECT"));
            edges.Add(new Edge(_graph.Node(from), _graph.Node(to), direct ? LineageRelation.Column : LineageRelation.ColumnInfluence));
        }

        if (alone && from.WithoutVersion() != to.WithoutVersion())
            edges.Add(new Edge(_graph.Node(from.WithoutVersion()), _graph.Node(to.WithoutVersion()), LineageRelation.Derived));
    }
}

/// <summary>An edge by the numbers of its nodes.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Edge(int From, int To, LineageRelation Relation)
{
    public static Edge Read(SnapshotReader snapshot) => new(snapshot.Count(), snapshot.Count(), (LineageRelation)snapshot.Count());

    public void WriteTo(SnapshotWriter snapshot)
    {
        snapshot.Count(From);
        snapshot.Count(To);
        snapshot.Count((int)Relation);
    }
}
