using System.Text.Json;
using Catalog.Access;
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
        HttpContext http, Gate gate, LineageReader lineage, KnownDatasets datasets, FacetReader facets)
    {
        var (query, ct) = (http.Request.Query, http.RequestAborted);
        var meant = MarquezIds.Read(query["nodeId"].ToString());
        if (meant.Count == 0)
            return MarquezAnswers.Wrong(
                "query param nodeId must be such as 'datasetField:namespace:name:field' or 'dataset:namespace:name'.");
        var down = bool.TryParse(query["withDownstream"], out var wanted) && wanted;
        if (down && meant[0].Version is not null)
            return MarquezAnswers.Wrong("Node version cannot be specified when withDownstream is true");
        var scene = await lineage.SetAsync(LogMoment.Read(query, "asOf"), at: null, atLeast: null, LineageGranularity.Column, ct);
        if (!scene.Succeeded)
            throw new ProblemException(scene.Problem);

        var now = new MarquezGraph(scene.Value.View, scene.Value.Moment);
        var (root, starts) = await FindAsync([.. meant.Select(m => m.Node)], now, datasets, facets, ct);
        if (starts.Count == 0)
            return MarquezAnswers.NotFound("Node", query["nodeId"].ToString());
        if (gate.Refuses(root.WithoutVersion()) is { } no)
            return no;

        var graph = meant[0].Version is not { } uuid ? now
            : now.VersionOf(root.WithoutVersion(), uuid) is { } version
                ? new MarquezGraph(scene.Value.View, scene.Value.Moment with { At = now.Since(root.WithoutVersion(), version).UtcTicks })
            : null;
        if (graph is null)
            return MarquezAnswers.NotFound("Node", query["nodeId"].ToString());
        var depth = PageRequest.Number(query, "depth", LineageBounds.DefaultDepth, 0, LineageBounds.MaxDepth);
        var columns = graph.Around(starts, s_flow, down, depth, LineageRoutes.MaxNodes, n => n.Column is not null);
        return MarquezAnswers.Json(new { Graph = await ShapeAsync(columns, graph, datasets, facets, ct) });
    }

    /// <summary>Of what an id can mean, the first that there is with its columns.</summary>
    private static async Task<(NodeId Root, IReadOnlyList<NodeId> Columns)> FindAsync(
        IReadOnlyList<NodeId> meant, MarquezGraph graph, KnownDatasets datasets, FacetReader facets, CancellationToken ct)
    {
        foreach (var node in meant)
        {
            IReadOnlyList<NodeId> of = node.Kind == NodeKind.Job ? graph.OutputsOf(node) : [node];
            var columns = node.Column is not null ? of : await ColumnsOfAsync(of, graph, datasets, facets, ct);
            if (columns.Where(graph.Knows).ToList() is { Count: > 0 } known)
                return (node, known);
        }

        return (default, []);
    }

    /// <summary>Those that something is said to be made into, and those of the schema.</summary>
    private static async Task<IReadOnlyList<NodeId>> ColumnsOfAsync(
        IReadOnlyList<NodeId> of, MarquezGraph graph, KnownDatasets datasets, FacetReader facets, CancellationToken ct)
    {
        var known = await datasets.FindAsync(of, ct);
        var said = await facets.ReadAsync(of, new HashSet<string>(["schema"], StringComparer.Ordinal), ct);
        return
        [
            .. of.SelectMany(graph.ColumnsOf)
                .Union(known.Values.SelectMany(d => DatasetShapes.Show(d, graph, RunShapes.Merge(said[d.Node])).Fields
                    .Select(f => NodeId.TryCreate(d.Node.Kind, d.Node.Namespace, d.Node.Name, version: null, f.Name, out var column, out _)
                        ? column : default))),
        ];
    }

    private static async Task<IEnumerable<NodeShape>> ShapeAsync(
        IReadOnlyList<NodeId> columns, MarquezGraph graph, KnownDatasets datasets, FacetReader facets, CancellationToken ct)
    {
        IReadOnlyList<NodeId> of = [.. columns.Select(c => c.WithoutVersion()).Distinct()];
        var known = await datasets.FindAsync(of, ct);
        var found = await facets.ReadAsync(of, new HashSet<string>(["schema", "columnLineage"], StringComparer.Ordinal), ct);
        var told = of.ToDictionary(d => d, d => RunShapes.Merge(found[d]));
        var edges = graph.EdgesAmong(columns, s_flow).ToList();
        var into = edges.ToLookup(e => e.To, e => e.From);
        return LineageRoutes.Shape(
            columns,
            [.. edges.Select(e => new EdgeShape(MarquezIds.Write(e.From), MarquezIds.Write(e.To)))],
            column => ("DATASET_FIELD", Show(column, [.. into[column].Order(NodeId.Order)], told[column.WithoutVersion()])));

        ColumnShape Show(NodeId column, IReadOnlyList<NodeId> inputs, IReadOnlyDictionary<string, JsonElement> facet)
        {
            var dataset = known.GetValueOrDefault(column.WithoutVersion());
            var fields = dataset is null ? [] : DatasetShapes.Show(dataset, graph, facet).Fields;
            var type = fields.FirstOrDefault(f => f.Name == column.Column)?.Type;
            var said = ColumnLineageFacet.Of(facet).FirstOrDefault(c => c.Name == column.Column);
            return new ColumnShape(
                column.Namespace, column.Name, Newest(column), column.Column ?? "", type, said?.TransformationDescription,
                said?.TransformationType, [.. inputs.Select(i => Input(i, said))]);
        }

        ColumnInputShape Input(NodeId input, ColumnLineageShape? said)
        {
            var how = said?.InputFields.FirstOrDefault(
                i => (i.Namespace, i.Dataset, i.Field) == (input.Namespace, input.Name, input.Column));
            return new ColumnInputShape(
                input.Namespace, input.Name, Newest(input), input.Column ?? "", how?.TransformationDescription, how?.TransformationType);
        }

        Guid? Newest(NodeId column) =>
            graph.VersionsOf(column.WithoutVersion()) is [var (version, _), ..] ? MarquezIds.Uuid(version) : null;
    }
}
