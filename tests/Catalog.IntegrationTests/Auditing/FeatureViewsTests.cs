using Catalog.Features;
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

    private static FeatureViewSpec View(params Feature[] features) =>
        new("demo/delays", "team", new FeatureDefinition([], new FeatureSource(NodeId.Dataset("demo", "flights"), "landed"), features));
}
