using Catalog.Lineage;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>
/// What came from what: now, as it was known at an earlier time, and as it held then. A dataset or model without a version stands for the
/// newest that was known.
/// </summary>
public sealed class LineageClient
{
    private const string Root = "lineage";
    private readonly Transport _transport;

    internal LineageClient(Transport transport) => _transport = transport;

    /// <summary>Walks from a node to what it was made from, to what was made from it, or both ways.</summary>
    /// <param name="node">Where to begin: <c>model:demo/flight-delay@2</c>.</param>
    /// <param name="direction">Up to the origins, down to the uses, or both at every step.</param>
    /// <param name="options">When, along what, how far, and what of it to show.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="CatalogException"><c>node.not_found</c>, also when the node was not known then.</exception>
    public Task<LineageTrace> TraceAsync(
        NodeId node, LineageDirection direction, LineageOptions? options = null, CancellationToken ct = default) =>
        _transport.GetAsync<LineageTrace>(
            With(Route.Of(Root).With("node", node.ToString()).With("direction", Word(direction)), options), ct);

    /// <summary>Walks as <see cref="TraceAsync"/> does, and has the server write what it finds in a format of others.</summary>
    /// <param name="node">Where to begin: <c>model:demo/flight-delay@2</c>.</param>
    /// <param name="direction">Up to the origins, down to the uses, or both at every step.</param>
    /// <param name="format">An indented text, a Mermaid flowchart, PROV-JSON, or OpenLineage events for another catalog.</param>
    /// <param name="options">When, along what, how far, and what of it to show.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="CatalogException"><c>node.not_found</c>, also when the node was not known then.</exception>
    public Task<LineageExport> ExportAsync(
        NodeId node, LineageDirection direction, LineageFormat format, LineageOptions? options = null, CancellationToken ct = default) =>
        _transport.GetTextAsync(
            With(
                Route.Of(Root).With("node", node.ToString()).With("direction", Word(direction)).With("format", Word(format)), options),
            (text, answer) => new LineageExport(
                text,
                answer.Content.Headers.ContentType?.MediaType ?? "",
                long.TryParse(Header(answer, Transport.PositionHeader), out var position) ? position : null,
                Header(answer, "Catalog-Truncated") == "true"),
            ct);

    /// <summary>Finds a shortest way along which data flowed.</summary>
    /// <param name="from">Where data came from: <c>dataset:demo/flights@1</c>.</param>
    /// <param name="to">What it flowed into: <c>deployment:demo/flight-delay</c>.</param>
    /// <param name="options">When, along what, and how far.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="CatalogException"><c>node.not_found</c>. That there is no way is an answer.</exception>
    public Task<LineagePath> FindPathAsync(NodeId from, NodeId to, LineageOptions? options = null, CancellationToken ct = default) =>
        _transport.GetAsync<LineagePath>(
            With(Route.Of(Root, "path").With("from", from.ToString()).With("to", to.ToString()), options), ct);

    /// <summary>Lists what a thing reaches, whom that belongs to, and the shortest reason for each.</summary>
    /// <param name="node">A dataset, model, version or column: <c>dataset:demo/flights#delay</c>.</param>
    /// <param name="options">When and how far.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="CatalogException"><c>node.not_found</c></exception>
    public Task<LineageImpact> ImpactAsync(NodeId node, LineageOptions? options = null, CancellationToken ct = default) =>
        _transport.GetAsync<LineageImpact>(With(Route.Of(Root, "impact").With("node", node.ToString()), Everything(options)), ct);

    /// <summary>Lists what the datasets and columns with a tag reach.</summary>
    /// <param name="tag">Such as <c>pii</c>. When nothing carries it, nothing is reached.</param>
    /// <param name="options">When and how far.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<LineageImpact> ImpactOfTagAsync(string tag, LineageOptions? options = null, CancellationToken ct = default) =>
        _transport.GetAsync<LineageImpact>(With(Route.Of(Root, "impact").With("tag", tag), Everything(options)), ct);

    /// <summary>Says what differs upstream of two nodes; or of one node, given twice, at two times.</summary>
    /// <param name="from">The one: <c>model:demo/flight-delay@1</c>.</param>
    /// <param name="to">The other: <c>model:demo/flight-delay@2</c>.</param>
    /// <param name="options">When and how far.</param>
    /// <param name="toAsOf">What was known of the other then; null for the same as of the one.</param>
    /// <param name="toAt">What held of the other then; null for the same as of the one.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="CatalogException"><c>node.not_found</c></exception>
    public Task<LineageDifference> CompareAsync(
        NodeId from,
        NodeId to,
        LineageOptions? options = null,
        AsOf? toAsOf = null,
        DateTimeOffset? toAt = null,
        CancellationToken ct = default) =>
        _transport.GetAsync<LineageDifference>(
            With(Route.Of(Root, "diff").With("from", from.ToString()).With("to", to.ToString()), options)
                .With("toAsOf", toAsOf?.ToString())
                .With("toAt", toAt is { } time ? AsOf.Text(time) : null),
            ct);

    /// <summary>Says why an edge is there: all that was ever said of it, by whom, when, and word for word.</summary>
    /// <param name="from">Where data came from: <c>dataset:demo/flights@1</c>.</param>
    /// <param name="to">What it flowed into in one step: <c>run:0198…</c>.</param>
    /// <param name="options"><see cref="LineageOptions.AsOf"/> leaves out what was said later, and <see cref="LineageOptions.Limit"/> is of
    /// facts.</param>
    /// <param name="withBodies">Shows OpenLineage events as they were sent, too.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="CatalogException"><c>edge.not_found</c></exception>
    public Task<LineageExplanation> ExplainAsync(
        NodeId from, NodeId to, LineageOptions? options = null, bool withBodies = false, CancellationToken ct = default) =>
        _transport.GetAsync<LineageExplanation>(
            With(
                Route.Of(Root, "edge").With("from", from.ToString()).With("to", to.ToString()).With("body", withBodies ? "true" : null),
                options),
            ct);

    /// <summary>Shows what OpenLineage events told of a run, job or dataset: states and times, and every facet whole.</summary>
    /// <param name="node">Such as <c>job:airflow/daily.transform</c>; a version or column stands for its dataset.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="CatalogException"><c>node.not_found</c>: neither events nor anybody here ever named it.</exception>
    public Task<LineageReport> ShowAsync(NodeId node, CancellationToken ct = default) =>
        _transport.GetAsync<LineageReport>(Route.Of(Root, "node").With("node", node.ToString()), ct);

    private static Route With(Route route, LineageOptions? options)
    {
        if (options is null)
            return route;

        route
            .With("granularity", options.Granularity is { } granularity ? Word(granularity) : null)
            .With("depth", options.Depth)
            .With("limit", options.Limit)
            .With("asOf", options.AsOf?.ToString())
            .With("at", options.At is { } at ? AsOf.Text(at) : null);
        foreach (var kind in options.Kinds)
            route.With("kind", NodeId.WordOf(kind));
        foreach (var ns in options.Namespaces)
            route.With("namespace", ns);
        foreach (var tag in options.Tags)
            route.With("tag", tag);
        return route;
    }

    /// <summary>A tag says there where to begin, and all is shown.</summary>
    private static LineageOptions? Everything(LineageOptions? options) =>
        options is null ? null : options with { Kinds = [], Namespaces = [], Tags = [] };

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
