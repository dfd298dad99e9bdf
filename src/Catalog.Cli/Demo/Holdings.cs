using Catalog.Sdk;

namespace Catalog.Cli.Demo;

/// <summary>What the catalog holds in the demo's namespace, as it lists it itself: doing something twice would show here.</summary>
internal sealed record Holdings(
    IReadOnlyList<NodeId> Datasets, IReadOnlyList<NodeId> Versions, IReadOnlyList<NodeId> Runs, IReadOnlyList<NodeId> Models)
{
    public static async Task<Holdings> ListAsync(CatalogClient catalog, string @namespace, CancellationToken ct)
    {
        var datasets = await catalog.Datasets.ListAsync(new DatasetQuery(@namespace), ct).Select(d => d.Node).ToListAsync(ct);
        var models = await catalog.Models.ListAsync(@namespace, ct: ct).Select(m => m.Node).ToListAsync(ct);
        var jobs = await catalog.Jobs.ListAsync(@namespace, ct: ct).Select(j => j.Node).ToListAsync(ct);
        return new Holdings(
            Sorted(datasets),
            Sorted(await EachAsync(datasets, d => catalog.Datasets.VersionsAsync(QualifiedName.Of(d), ct: ct).Select(v => v.Node), ct)),
            Sorted(await EachAsync(jobs, j => catalog.Runs.ListAsync(new RunQuery(QualifiedName.Of(j)), ct).Select(r => r.Node), ct)),
            Sorted(await EachAsync(models, m => catalog.Models.VersionsAsync(QualifiedName.Of(m), ct: ct).Select(v => v.Node), ct)));
    }

    private static async Task<List<NodeId>> EachAsync(
        IEnumerable<NodeId> of, Func<NodeId, IAsyncEnumerable<NodeId>> list, CancellationToken ct)
    {
        var all = new List<NodeId>();
        foreach (var node in of)
            all.AddRange(await list(node).ToListAsync(ct));
        return all;
    }

    private static List<NodeId> Sorted(List<NodeId> nodes) => [.. nodes.Order(NodeId.Order)];
}
