using System.Text.Json.Nodes;
using Catalog.Features;
using Catalog.IntegrationTests.Serving;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.IntegrationTests.Features;

/// <summary>How other areas find the definition that a view has, or had.</summary>
public sealed class FeatureViewsTests(ServerFixture server)
{
    [Fact]
    public async Task A_version_is_found_by_number_as_latest_and_by_none()
    {
        var views = await Views.OverLandingsAsync(server);
        var second = views.Delays().Set("definition.features.0.aggregation.window", "14d").Set("tags", new JsonArray("gold"));
        (await views.ApplyAsync(views.Delays())).Expect(200);
        (await views.ApplyAsync(second)).Expect(200);
        (await views.Api.PostAsync(views.Url("delays") + "/retire", new { reason = "Old." })).Expect(201);
        using var scope = server.Server.Services.CreateScope();
        var found = scope.ServiceProvider.GetRequiredService<FeatureViews>();
        var node = NodeId.Parse(views.Node("delays"));

        var first = (await found.FindAsync(node.WithVersion(1), CancellationToken.None)).Value;
        Assert.Equal(
            (node.WithVersion(1), 1, TimeSpan.FromDays(7)),
            (first?.Node, first?.Number, first?.Definition.Features[0].Aggregation?.Window));
        foreach (var version in (string?[])[null, "latest", "2"])
        {
            var latest = (await found.FindAsync(node.WithVersion(version), CancellationToken.None)).Value;
            Assert.Equal((node.WithVersion(2), "team-flights", true), (latest?.Node, latest?.Owner, latest?.Retired));
            Assert.Equal(latest?.Definition.Hash(), latest?.Hash);
            Assert.Equal(["gold"], latest?.Tags);
        }
    }

    [Fact]
    public async Task What_is_not_there_is_a_problem()
    {
        var views = await Views.OverLandingsAsync(server);
        (await views.ApplyAsync(views.Delays())).Expect(200);
        using var scope = server.Server.Services.CreateScope();
        var found = scope.ServiceProvider.GetRequiredService<FeatureViews>();

        foreach (var (node, code) in ((string, string)[])
        [
            (views.Node("none"), "feature_view.not_found"), ($"{views.Node("delays")}@2", "version.not_found"),
            ($"{views.Node("delays")}@gold", "alias.not_found"), (views.Source.Node, "node.invalid"),
            ($"{views.Node("delays")}#delay_mean_7d", "node.invalid"),
        ])
            Assert.Equal(code, (await found.FindAsync(NodeId.Parse(node), CancellationToken.None)).Problem?.Code);
    }
}
