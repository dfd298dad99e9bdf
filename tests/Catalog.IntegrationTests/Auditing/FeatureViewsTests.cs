using Catalog.Features;
using Catalog.IntegrationTests.Features;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Auditing;

/// <summary>What SQL tools see of feature views.</summary>
public sealed class FeatureViewsTests(AuditedCatalog catalog) : IClassFixture<AuditedCatalog>
{
    [Fact]
    public async Task Each_version_is_a_row_as_it_was_extended_last()
    {
        using var client = new CatalogClient(catalog.Server.Address, catalog.Api.Key ?? "");
        var first = View(new Feature("delay", "float64", "delay"));
        await client.Features.ApplyAsync([first]);
        await client.Features.ApplyAsync([View(new Feature("delay", "float64", "delay"), new Feature("origin", "string", "origin"))]);
        await client.Features.ApplyAsync([View(new Feature("delay", "float64", "late"))]);
        await client.Features.TagAsync("demo/delays", "pii");
        await client.Features.RetireAsync("demo/delays", "Old.");

        var rows = await Sql.ReadAsync<string[]>(
            catalog.Auditor,
            """
            select array_agg(concat_ws(' ', feature_view_version, number, owner, array_to_string(tags, ','), dataset,
                jsonb_array_length(definition->'features'), length(definition_hash), extended_at is not null, retired, retired_because)
                order by number)
            from catalog.feature_views where feature_view = 'feature-view:demo/delays'
            """);

        Assert.Equal(
            [
                "feature-view:demo/delays@1 1 team pii dataset:demo/flights 2 64 t t Old.",
                "feature-view:demo/delays@2 2 team pii dataset:demo/flights 1 64 f t Old.",
            ],
            rows);
    }

    [Fact]
    public async Task Services_and_generations_are_rows_that_say_what_serves()
    {
        using var client = new CatalogClient(catalog.Server.Address, catalog.Api.Key ?? "");
        var view = View(new Feature("delay", "float64", "delay")) with { Name = "demo/served", Tiers = ["redis", "offline"] };
        var node = NodeId.FeatureView("demo", "served");
        var service = new FeatureServiceSpec(
            "demo/live", "team", new FeatureServiceDefinition([new ServedView(node)], TimeSpan.FromMilliseconds(5), 0.999));
        await client.Features.ApplyAsync([view], [service]);
        var ids = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await Generations.RecordAsync(
                catalog.Server.Services, node.WithVersion(1), view.Definition.Hash(), NodeId.Dataset("demo", "flights", 3)));
        }

        await client.Features.Generations.ActivateAsync([ids[1]]);
        await client.Features.Generations.DropAsync(ids[0], "Old.");

        Assert.Equal(
            ["feature-service:demo/live@1 1 team feature-view:demo/served@1 5ms 0.999 64"],
            await Sql.ReadAsync<string[]>(
                catalog.Auditor,
                """
                select array_agg(concat_ws(' ', feature_service_version, number, owner, array_to_string(views, ','), latency_target,
                    availability, length(definition_hash)))
                from catalog.feature_services where feature_service = 'feature-service:demo/live'
                """));
        Assert.Equal(
            [
                $"{NodeId.Generation(ids[0])} feature-view:demo/served@1 f dataset:demo/flights@3 12 Old.",
                $"{NodeId.Generation(ids[1])} feature-view:demo/served@1 t dataset:demo/flights@3 12",
                $"{NodeId.Generation(ids[2])} feature-view:demo/served@1 f dataset:demo/flights@3 12",
            ],
            await Sql.ReadAsync<string[]>(
                catalog.Auditor,
                """
                select array_agg(concat_ws(' ', generation, feature_view_version, active, array_to_string(sources, ','), rows,
                    dropped_because) order by built_at)
                from catalog.feature_generations where feature_view = 'feature-view:demo/served'
                """));
        Assert.Equal(
            [$"redis,offline {NodeId.Generation(ids[1])}"],
            await Sql.ReadAsync<string[]>(
                catalog.Auditor,
                """
                select array_agg(concat_ws(' ', array_to_string(tiers, ','), active_generation))
                from catalog.feature_views where feature_view = 'feature-view:demo/served'
                """));
    }

    private static FeatureViewSpec View(params Feature[] features) =>
        new("demo/delays", "team", new FeatureDefinition([], new FeatureSource(NodeId.Dataset("demo", "flights"), "landed"), features));
}
