using Catalog.Features;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Sdk;

public sealed partial class EveryCallTests
{
    [Fact]
    public async Task Feature_views_are_planned_applied_read_tagged_and_retired()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var source = await RegisteredAsync(catalog);
        var name = new QualifiedName(source.Namespace, "delays");
        var view = new FeatureViewSpec(name, "team", new FeatureDefinition(
            [new Entity("airport", [new EntityKey("airport", "string", "origin")])],
            new FeatureSource(NodeId.Dataset(source.Namespace, source.Name), "landed"),
            [new Feature("delay", "float64", "delay")],
            TimeSpan.FromDays(7)))
        {
            Description = "How late.",
            Tags = ["gold"],
        };

        var plan = await catalog.Features.PlanAsync([view]);
        var applied = await catalog.Features.ApplyAsync([view], plan);
        Assert.Equal((true, plan.Hash, true), (plan.Changes, applied.Hash, applied.Changed));
        var made = Assert.Single(applied.Views);
        Assert.Equal((Catalog.Sdk.PlannedAction.Create, 1), (made.Action, made.Version));
        Assert.False((await catalog.Features.PlanAsync([view])).Changes);
        var late = await Assert.ThrowsAsync<CatalogException>(() => catalog.Features.ApplyAsync([view], plan));
        Assert.Equal((409, "feature_view.plan_stale"), (late.Status, late.Code));

        Assert.True((await catalog.Features.TagAsync(name, "pii")).Changed);
        Assert.True((await catalog.Features.UntagAsync(name, "gold")).Changed);
        var read = await catalog.Features.GetAsync(name);
        Assert.Equal(("How late.", "team", 1), (read.Description, read.Owner, read.Latest));
        Assert.Equal(["pii"], read.Tags);
        var version = await catalog.Features.GetVersionAsync(name, VersionRef.Latest);
        Assert.Equal((view.Definition, view.Definition.Hash()), (version.Definition, version.Hash));
        Assert.Equal(version.Node, (await catalog.Features.GetVersionAsync(version.Node)).Node);
        Assert.Equal(["delay"], Assert.Single(await catalog.Features.ListAsync(name.Namespace).ToListAsync()).Features);
        var found = await catalog.SearchAsync("delays", new SearchOptions { Namespace = name.Namespace }).ToListAsync();
        Assert.Equal(Catalog.Search.SearchKind.FeatureView, Assert.Single(found).Kind);
        var impact = await catalog.Lineage.ImpactAsync(NodeId.Dataset(source.Namespace, source.Name));
        Assert.Equal([version.Node], impact.FeatureViews?.Select(v => v.Node));
        Assert.True((await catalog.Features.RetireAsync(name, "Old.")).Changed);
    }
}
