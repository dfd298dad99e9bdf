using System.Text.Json;
using Catalog.Datasets;
using Catalog.Features;
using Catalog.FeatureServices;
using Catalog.Lineage.OpenLineage;
using Catalog.Lineage.Reported;
using Catalog.Models;
using Marten;

namespace Catalog.Lineage;

/// <summary>Whom datasets, models, feature views and services belong to: as registered, else as other tools told.</summary>
internal sealed class Owners(IQuerySession pages, FacetReader facets)
{
    private const int AtOnce = 500;
    private static readonly HashSet<string> s_ownership = new(StringComparer.Ordinal) { "ownership" };

    /// <summary>The owners, by name, with those of the things that are theirs.</summary>
    public async Task<IReadOnlyList<AssessImpact.AffectedOwner>> OfAsync(IReadOnlyList<NodeId> things, CancellationToken ct)
    {
        var byKind = things.ToLookup(t => t.Kind, t => t.ToString());
        var datasets = await pages.LoadManyAsync<DatasetPage>(ct, byKind[NodeKind.Dataset].ToArray());
        var models = await pages.LoadManyAsync<ModelPage>(ct, byKind[NodeKind.Model].ToArray());
        var views = await pages.LoadManyAsync<FeatureViewPage>(ct, byKind[NodeKind.FeatureView].ToArray());
        var services = await pages.LoadManyAsync<FeatureServicePage>(ct, byKind[NodeKind.FeatureService].ToArray());
        var registered = datasets.Select(d => (d.Owner, d.Id)).Concat(models.Select(m => (m.Owner, m.Id)))
            .Concat(views.Select(v => (v.Owner, v.Id))).Concat(services.Select(s => (s.Owner, s.Id)))
            .Select(t => (t.Owner, Thing: NodeId.Parse(t.Id))).ToList();

        var others = things.Where(t => t.Kind == NodeKind.Dataset).Except(registered.Select(r => r.Thing)).ToList();
        foreach (var some in others.Chunk(AtOnce))
            registered.AddRange(await ToldAsync(some, ct));
        return
        [
            .. registered.GroupBy(t => t.Owner, t => t.Thing, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => new AssessImpact.AffectedOwner(g.Key, [.. g.Distinct().Order(NodeId.Order)])),
        ];
    }

    private async Task<IEnumerable<(string Owner, NodeId Thing)>> ToldAsync(IReadOnlyCollection<NodeId> datasets, CancellationToken ct)
    {
        var found = await facets.ReadAsync(datasets, s_ownership, ct);
        return found.SelectMany(thing => thing.SelectMany(facet => NamesIn(facet.Value)).Select(name => (name, thing.Key)));
    }

    private static IEnumerable<string> NamesIn(JsonElement? ownership) =>
        ownership is { } facet && facet.TryGetProperty("owners", out var owners) && owners.ValueKind == JsonValueKind.Array
            ? owners.EnumerateArray().Select(o => EventFacets.Text(o, "name")).OfType<string>()
            : [];
}
