using Catalog.Lineage.OpenLineage;
using Catalog.Lineage.Snapshots;

namespace Catalog.Lineage;

/// <summary>
/// Which tags things carry: when they carried them, and when that became known. One writer, who publishes; readers ask
/// <see cref="Current"/>.
/// </summary>
/// <remarks>
/// A tag on a thing has the same two times as an edge of lineage, and is kept as one: in a graph of its own, from the tag, which stands
/// there under an id, to whatever carries it.
/// </remarks>
public sealed class TagHistories
{
    /// <summary>Put on and taken off in the catalog.</summary>
    private const LineageRelation Here = LineageRelation.Input;

    /// <summary>Told of in facets, which are replaced as a whole; the two do not take back each other's words.</summary>
    private const LineageRelation Elsewhere = LineageRelation.Output;

    private readonly TemporalGraph _graph;
    private readonly FacetHistories _facets;

    public TagHistories()
        : this(new TemporalGraph())
    {
    }

    private TagHistories(TemporalGraph graph) => (_graph, _facets) = (graph, new FacetHistories(graph));

    /// <summary>As last published.</summary>
    public TagView Current => new(_graph.Current);

    /// <summary>The catalog was told to put a tag on.</summary>
    /// <param name="carrier">A dataset, a column or a run.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="since">Ticks (UTC).</param>
    /// <param name="position">Log position of the fact that says so.</param>
    public void PutOn(NodeId carrier, string tag, long since, long position) =>
        _graph.Hold(Number(tag), _graph.Node(carrier), Here, since, position);

    /// <summary>The catalog was told to take a tag off.</summary>
    /// <param name="carrier">A dataset, a column or a run.</param>
    /// <param name="tag">The tag.</param>
    /// <param name="at">Ticks (UTC).</param>
    /// <param name="position">Log position of the fact that says so.</param>
    public void TakeOff(NodeId carrier, string tag, long at, long position)
    {
        var (from, to) = (Number(tag), _graph.Node(carrier));
        var held = _graph.HeldNow(from, to, Here).Select(h => h.To == long.MaxValue ? h with { To = at } : h);
        _graph.Replace(from, to, Here, [.. held], position);
    }

    /// <summary>An event has the facet <c>tags</c>, which takes the place of the one before.</summary>
    /// <param name="of">Whose facet it is.</param>
    /// <param name="by">The job whose run said it of a dataset; null where none did.</param>
    /// <param name="tags">All it says; none where the facet was taken back.</param>
    /// <param name="time">Ticks (UTC).</param>
    /// <param name="position">Log position of the event's fact.</param>
    internal void Say(NodeId of, NodeId? by, IEnumerable<OpenLineageTag> tags, long time, long position)
    {
        var carried = tags.Select(t => new Edge(Number(TextOf(t)), _graph.Node(CarrierOf(of, t)), Elsewhere)).ToHashSet();
        _facets.Say(new FacetKey(_graph.Node(of), by is { } job ? _graph.Node(job) : null, "tags"), time, carried, position);
    }

    /// <summary>Lets readers see what was said since.</summary>
    public void Publish(long position) => _graph.Publish(position);

    internal static TagHistories From(SnapshotReader snapshot, long position)
    {
        var tags = new TagHistories(TemporalGraph.From(snapshot, position));
        tags._facets.ReadFrom(snapshot);
        return tags;
    }

    /// <summary>To be called by the writer.</summary>
    internal void WriteTo(SnapshotWriter snapshot)
    {
        _graph.Current.WriteTo(snapshot);
        _facets.WriteTo(snapshot);
    }

    /// <summary>As the catalog writes tags: <c>pii</c>, <c>tier:gold</c>.</summary>
    private static string TextOf(OpenLineageTag tag) => tag.Value is "" or "true" ? tag.Key : $"{tag.Key}:{tag.Value}";

    private static NodeId CarrierOf(NodeId of, OpenLineageTag tag) =>
        tag.Field is { } column && of.Kind == NodeKind.Dataset
            ? NodeId.OfChecked(of.Kind, of.Namespace, of.Name, version: null, column)
            : of;

    private int Number(string tag) => _graph.Node(IdOf(tag));

    /// <summary>Tags are no nodes of the catalog. In a graph that has nothing else at this end any kind will do.</summary>
    internal static NodeId IdOf(string tag) => NodeId.OfChecked(NodeKind.Generation, "", tag, version: null, column: null);
}

/// <summary>Who carried which tags, as it was at one log position.</summary>
public sealed class TagView
{
    private static readonly LineageRelations s_all = LineageRelations.Of(LineageRelation.Input, LineageRelation.Output);

    private readonly GraphView _view;

    internal TagView(GraphView view) => _view = view;

    /// <summary>Every tag that something carries or carried.</summary>
    public IEnumerable<string> Tags =>
        Enumerable.Range(0, _view.NodeCount).Where(n => _view.KindOf(n) == NodeKind.Generation).Select(n => _view.NodeOf(n).Name);

    /// <summary>Datasets, columns, jobs and runs with a tag.</summary>
    public IReadOnlyList<NodeId> CarriersOf(string tag, Moment moment) =>
        _view.Find(TagHistories.IdOf(tag)) is var number and >= 0
            ? [.. _view.Neighbours(number, into: false, s_all, moment).Select(c => _view.NodeOf(c.Node)).Distinct().Order(NodeId.Order)]
            : [];
}
