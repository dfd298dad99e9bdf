using Catalog.Access;
using Catalog.Lineage;
using Catalog.Lineage.Known;
using Catalog.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Server.Doors.Marquez;

/// <summary>Datasets and their versions.</summary>
internal static class DatasetRoutes
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/namespaces/{ns}/datasets", ListAsync);
        api.MapGet("/namespaces/{ns}/datasets/{dataset}", ShowAsync);
        api.MapGet("/namespaces/{ns}/datasets/{dataset}/versions", ListVersionsAsync);
        api.MapGet("/namespaces/{ns}/datasets/{dataset}/versions/{version}", ShowVersionAsync);
    }

    private static async Task<IResult> ListAsync(
        Segment ns, MarquezPage page, KnownDatasets datasets, KnownNames names, DatasetShapes shapes, CancellationToken ct)
    {
        var (found, total) = await datasets.ListAsync(ns, page.Limit, page.Offset, ct);
        return total == 0 && (await names.NamespacesAsync(kind: null, ns, 1, 0, ct)).Count == 0
            ? MarquezAnswers.NotFound("Namespace", ns)
            : MarquezAnswers.Json(new { Datasets = await shapes.ShowAsync(found, ct), TotalCount = total });
    }

    private static async Task<IResult> ShowAsync(
        Segment ns, Segment dataset, Gate gate, KnownDatasets datasets, DatasetShapes shapes, CancellationToken ct)
    {
        var (found, no) = await FindAsync(ns, dataset, gate, datasets, ct);
        return found is null ? no : MarquezAnswers.Json((await shapes.ShowAsync([found], ct))[0]);
    }

    private static async Task<IResult> ListVersionsAsync(
        Segment ns, Segment dataset, MarquezPage page, Gate gate, KnownDatasets datasets, DatasetShapes shapes, GraphFollower graph,
        CancellationToken ct)
    {
        var (found, no) = await FindAsync(ns, dataset, gate, datasets, ct);
        if (found is null)
            return no;
        var versions = MarquezGraph.Current(graph).VersionsOf(found.Node);
        var shown = await shapes.ShowVersionsAsync(found, [.. versions.Skip(page.Offset).Take(page.Limit)], ct);
        return MarquezAnswers.Json(new { Versions = shown, TotalCount = versions.Count });
    }

    private static async Task<IResult> ShowVersionAsync(
        Segment ns, Segment dataset, Segment version, Gate gate, KnownDatasets datasets, DatasetShapes shapes, GraphFollower graph,
        CancellationToken ct)
    {
        var (found, no) = await FindAsync(ns, dataset, gate, datasets, ct);
        if (found is null)
            return no;
        var view = MarquezGraph.Current(graph);
        return Guid.TryParse(version, out var uuid) && view.VersionOf(found.Node, uuid) is { } node
            ? MarquezAnswers.Json((await shapes.ShowVersionsAsync(found, [(node, view.Since(found.Node, node))], ct))[0])
            : MarquezAnswers.NotFound("Dataset version", version);
    }

    /// <summary>The dataset, or what to answer with instead.</summary>
    private static async Task<(KnownDataset? Found, IResult No)> FindAsync(
        string ns, string name, Gate gate, KnownDatasets datasets, CancellationToken ct)
    {
        var node = NodeId.Dataset(ns, name);
        var found = (await datasets.FindAsync([node], ct)).GetValueOrDefault(node);
        var missing = MarquezAnswers.NotFound("Dataset", name);
        return gate.Refuses(node, found?.Page?.Tags ?? []) is { } no ? (null, no) : (found, missing);
    }
}
