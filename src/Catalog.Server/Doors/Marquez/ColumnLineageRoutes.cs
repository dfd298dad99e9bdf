using Catalog.Lineage;
using Catalog.Lineage.Known;
using Catalog.Lineage.Reported;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Server.Doors.Marquez;

/// <summary>The graph of columns around a column, or around those of a dataset or of the datasets that a job writes.</summary>
internal static class ColumnLineageRoutes
{
    private static readonly LineageRelations s_flow = LineageRelations.For(LineageGranularity.Column);

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/column-lineage", ShowAsync);

    private static async Task<IResult> ShowAsync(
        HttpContext http, MarquezSight sight, LineageReader lineage, KnownDatasets datasets, FacetReader facets)
    {
        var (query, ct) = (http.Request.Query, http.RequestAborted);
        var meant = MarquezIds.Read(query["nodeId"].ToString());
        if (meant.Count == 0)
            return MarquezAnswers.WrongNode("'datasetField:namespace:name:field' or 'dataset:namespace:name'");
        var down = bool.TryParse(query["withDownstream"], out var wanted) && wanted;
        if (down && meant[0].Version is not null)
            return MarquezAnswers.Wrong("Node version cannot be specified when withDownstream is true");
        var seen = sight.Among([.. meant.Select(m => m.Node)], out var no);
        if (no is not null)
            return no;
        var scene = await lineage.SetAsync(LogMoment.Read(query, "asOf"), at: null, atLeast: null, LineageGranularity.Column, ct);
        if (!scene.Succeeded)
            throw new ProblemException(scene.Problem);

        var now = new MarquezGraph(scene.Value.View, scene.Value.Moment, sight);
        var (root, starts) = await FindAsync(seen, now, datasets, facets, ct);
        if (starts.Count == 0)
            return MarquezAnswers.NotFound("Node", query["nodeId"].ToString());

        var graph = meant[0].Version is not { } uuid ? now
            : now.VersionOf(root.WithoutVersion(), uuid) is { } version
                ? new MarquezGraph(
                    scene.Value.View, scene.Value.Moment with { At = now.Since(root.WithoutVersion(), version).UtcTicks }, sight)
            : null;
        if (graph is null)
            return MarquezAnswers.NotFound("Node", query["nodeId"].ToString());
        var depth = PageRequest.Number(query, "depth", LineageBounds.DefaultDepth, 0, LineageBounds.MaxDepth);
        var (columns, cut) = graph.Around(starts, s_flow, down, depth, LineageRoutes.MaxNodes, n => n.Column is not null);
        return MarquezAnswers.Graph(http, cut, new { Graph = await ShapeAsync(columns, graph, datasets, facets, ct) });
    }

    /// <summary>Of what an id can mean, the first that there is with its columns; all are looked up together.</summary>
    private static async Task<(NodeId Root, IReadOnlyList<NodeId> Columns)> FindAsync(
        IReadOnlyList<NodeId> meant, MarquezGraph graph, KnownDatasets datasets, FacetReader facets, CancellationToken ct)
    {
        var columns = await ColumnsOfAsync([.. meant.Where(n => n.Column is null).SelectMany(Of).Distinct()], graph, datasets, facets, ct);
        return meant
            .Select(node => (Root: node, Columns: (IReadOnlyList<NodeId>)[.. ColumnsOf(node).Where(graph.Knows)]))
            .FirstOrDefault(found => found.Columns.Count > 0, (default, []));

        IReadOnlyList<NodeId> Of(NodeId node) => node.Kind == NodeKind.Job ? graph.OutputsOf(node) : [node];

        IEnumerable<NodeId> ColumnsOf(NodeId node) => node.Column is not null ? [node] : Of(node).SelectMany(d => columns[d]);
    }

    /// <summary>Of each dataset, the columns that something is said to be made into, and those of the schema.</summary>
    private static async Task<IReadOnlyDictionary<NodeId, IReadOnlyList<NodeId>>> ColumnsOfAsync(
        IReadOnlyList<NodeId> of, MarquezGraph graph, KnownDatasets datasets, FacetReader facets, CancellationToken ct)
    {
        if (of.Count == 0)
            return new Dictionary<NodeId, IReadOnlyList<NodeId>>();
        var known = await datasets.FindAsync(of, ct);
        var said = await facets.ReadAsync(of, new HashSet<string>(["schema"], StringComparer.Ordinal), ct);
        return of.ToDictionary(d => d, d => (IReadOnlyList<NodeId>)[.. graph.ColumnsOf(d).Union(InSchema(d))]);

        IEnumerable<NodeId> InSchema(NodeId dataset) =>
            from field in known.TryGetValue(dataset, out var found) ? DatasetShapes.Fields(found, RunShapes.Merge(said[dataset])) : []
            let column = Column(dataset, field.Name)
            where column is not null
            select column.Value;
    }

    private static NodeId? Column(NodeId dataset, string name) =>
        NodeId.TryCreate(dataset.Kind, dataset.Namespace, dataset.Name, version: null, name, out var column, out _) ? column : null;

    private static async Task<IEnumerable<NodeShape>> ShapeAsync(
        IReadOnlyList<NodeId> columns, MarquezGraph graph, KnownDatasets datasets, FacetReader facets, CancellationToken ct)
    {
        IReadOnlyList<NodeId> of = [.. columns.Select(c => c.WithoutVersion()).Distinct()];
        var known = await datasets.FindAsync(of, ct);
        var said = await facets.ReadAsync(of, new HashSet<string>(["schema", "columnLineage"], StringComparer.Ordinal), ct);
        var shapes = new ColumnShapes(of.ToDictionary(
            d => d, d => ColumnsTold.Of(d, known.GetValueOrDefault(d), graph, RunShapes.Merge(said[d]))));
        var edges = graph.EdgesAmong(columns, s_flow).ToList();
        var into = edges.ToLookup(e => e.To, e => e.From);
        return LineageRoutes.Shape(
            columns,
            [.. edges.Select(e => new EdgeShape(MarquezIds.Write(e.From), MarquezIds.Write(e.To)))],
            column => ("DATASET_FIELD", shapes.Show(column, into[column])));
    }
}
