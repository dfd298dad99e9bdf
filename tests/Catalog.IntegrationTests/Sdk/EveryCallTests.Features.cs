using System.Text.Json;
using Catalog.Features;
using Catalog.IntegrationTests.Features;
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

    [Fact]
    public async Task Services_and_generations_are_applied_read_activated_taken_back_and_dropped()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var source = await RegisteredAsync(catalog);
        var (view, service) = (new QualifiedName(source.Namespace, "delays"), new QualifiedName(source.Namespace, "live"));
        var viewNode = NodeId.FeatureView(view.Namespace, view.Name);
        var spec = new FeatureViewSpec(view, "team", new FeatureDefinition(
            [], new FeatureSource(NodeId.Dataset(source.Namespace, source.Name), "landed"), [new Feature("delay", "float64", "delay")]))
        {
            Tiers = [ServingTiers.Memory, ServingTiers.Redis, ServingTiers.Offline],
        };
        var wanted = new FeatureServiceSpec(
            service, "team", new FeatureServiceDefinition([new ServedView(viewNode)], TimeSpan.FromMilliseconds(5), 0.999))
        {
            Description = "Served.",
            Tags = ["gold"],
        };

        var plan = await catalog.Features.PlanAsync([spec], [wanted]);
        var applied = await catalog.Features.ApplyAsync([spec], [wanted], plan);
        Assert.Equal((true, 1), (plan.Changes, Assert.Single(applied.Services ?? []).Version));
        Assert.False((await catalog.Features.PlanAsync([], [wanted])).Changes);
        Assert.Equal(spec.Tiers, (await catalog.Features.GetAsync(view)).Tiers);

        var services = catalog.Features.Services;
        Assert.True((await services.TagAsync(service, "pii")).Changed);
        Assert.True((await services.UntagAsync(service, "gold")).Changed);
        var read = await services.GetAsync(service);
        Assert.Equal(("Served.", "team", 1), (read.Description, read.Owner, read.Latest));
        Assert.Equal(["pii"], read.Tags);
        var version = await services.GetVersionAsync(service, VersionRef.Latest);
        Assert.Equal([viewNode.WithVersion(1)], version.Definition.Views.Select(v => v.View));
        Assert.Equal(version.Hash, (await services.GetVersionAsync(version.Node)).Hash);
        var listed = Assert.Single(await services.ListAsync(service.Namespace).ToListAsync());
        Assert.Equal((TimeSpan.FromMilliseconds(5), 0.999), (listed.LatencyTarget, listed.Availability));
        var levels = await services.LevelsAsync(service);
        Assert.Equal((version.Node, 2), (levels.Service, levels.Objectives.Count));
        Assert.Equal(
            (ServiceObjective.Latency, 0.99, TimeSpan.FromMilliseconds(5)),
            (levels.Objectives[1].Objective, levels.Objectives[1].Part, levels.Objectives[1].Within));

        var model = new QualifiedName(source.Namespace, "model");
        await catalog.Models.RegisterAsync(model, new ModelRegistration("team"));
        await using (var run = await catalog.StartRunAsync(new QualifiedName(source.Namespace, "train")))
        {
            var path = Path.Combine(_folder["files"], "model.bin");
            Directory.CreateDirectory(_folder["files"]);
            await File.WriteAllTextAsync(path, "weights");
            await catalog.Models.CommitAsync(
                model, run.Id, new NewModelVersion { Sources = [new VersionSource.Upload(path)], FeatureService = version.Node });
            await run.CompleteAsync();
        }

        Assert.Equal(version.Node, (await catalog.Models.GetVersionAsync(model, 1)).FeatureService);
        Assert.False((await catalog.Models.NameFeatureServiceAsync(model, 1, version.Node)).Changed);
        Assert.False((await catalog.Models.NameFeatureServiceAsync(NodeId.Model(model.Namespace, model.Name, 1), read.Node)).Changed);

        await HandsBackAsync(catalog, model);

        var generations = catalog.Features.Generations;
        var ids = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await Generations.RecordAsync(
                server.Server.Services, viewNode.WithVersion(1), spec.Definition.Hash(),
                NodeId.Dataset(source.Namespace, source.Name, 1)));
        }

        Assert.Equal(ids[2], (await generations.ListAsync(view).ToListAsync())[0].Id);
        Assert.Null(Assert.Single((await generations.ActivateAsync([ids[0]])).Views).Before);
        Assert.Equal(NodeId.Generation(ids[0]), Assert.Single((await generations.ActivateAsync([ids[1]], "Morning.")).Views).Before);
        Assert.True((await generations.GetAsync(ids[1])).Active);
        Assert.Equal(NodeId.Generation(ids[0]), Assert.Single((await generations.RollBackAsync(read.Node, "Wrong.")).Views).Generation);
        Assert.Equal(ids[0], (await catalog.Features.GetVersionAsync(view, 1)).Active);
        Assert.True((await generations.DropAsync(ids[2], "Old.")).Changed);
        var impact = await catalog.Lineage.ImpactAsync(NodeId.Dataset(source.Namespace, source.Name));
        Assert.Equal([version.Node], impact.FeatureServices?.Select(s => s.Node));
        Assert.Equal(3, impact.Generations?.Count);
        Assert.True((await services.RetireAsync(service, "Old.")).Changed);
    }

    private static async Task HandsBackAsync(CatalogClient catalog, QualifiedName model)
    {
        Assert.True((await catalog.Models.SwitchPredictionLogOnAsync(model)).Changed);
        Assert.Equal(new PredictionLogging(183, IsOn: true), (await catalog.Models.GetAsync(model)).PredictionLog);
        var nothing = new Prediction("r-1", NodeId.Model(model.Namespace, model.Name, 1), new Dictionary<string, object?>(), Output: null);
        Assert.Equal(new PredictionReceipt(1, 0), await catalog.Models.LogPredictionsAsync([nothing]));
        Assert.Equal(1, (await catalog.Models.PredictionLogAsync(model)).Waiting);
        Assert.Equal(1, (await catalog.Models.SealPredictionsAsync(model)).Predictions);
        var traced = await catalog.Models.PredictionAsync(model, "r-1");
        Assert.Equal((JsonValueKind.Null, 1L), (traced.Output.ValueKind, traced.SealedIn?.VersionNumber));
        Assert.True((await catalog.Models.SwitchPredictionLogOffAsync(model)).Changed);
    }
}
