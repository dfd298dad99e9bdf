using System.Text.Json.Nodes;
using Catalog.IntegrationTests.Search;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Features;

/// <summary>Services are planned and applied together with the views that they serve.</summary>
public sealed class FeatureServicesTests(ServerFixture server)
{
    [Fact]
    public async Task A_service_and_its_views_are_planned_and_applied_at_once_and_its_views_stored_by_number()
    {
        var views = await Views.OverLandingsAsync(server);

        var plan = (await views.PlanAsync([views.Delays()], [views.Service("live", "delays")])).Expect(200);
        Assert.Equal([("create", 1)], Actions(plan));
        Assert.Contains("\"to\":\"@1\"", plan["services"].GetRawText(), StringComparison.Ordinal);
        (await views.Api.GetAsync(views.ServiceUrl("live"))).ExpectProblem(404, "feature_service.not_found");
        var applied = (await views.ApplyAsync([views.Delays()], [views.Service("live", "delays")])).Expect(200);
        Assert.Equal(plan["hash"].GetString(), applied["hash"].GetString());

        var page = (await views.Api.GetAsync(views.ServiceUrl("live"))).Expect(200);
        var definition = page["versions"][0].GetProperty("definition");
        Assert.Equal($"{views.Node("delays")}@1", definition.GetProperty("views")[0].GetProperty("view").GetString());
        Assert.Equal(
            ("5ms", 0.999), (definition.GetProperty("latencyTarget").GetString(), definition.GetProperty("availability").GetDouble()));
        Assert.False((await views.ApplyAsync([views.Delays()], [views.Service("live", "delays")])).Expect(200)["changed"].GetBoolean());
    }

    [Fact]
    public async Task A_view_without_a_version_means_the_one_that_the_plan_leads_to()
    {
        var views = await Views.OverLandingsAsync(server);
        (await views.ApplyAsync([views.Delays()], [views.Service("live", "delays"), views.Service("kept", $"{views.Node("delays")}@1")]))
            .Expect(200);
        var other = views.Delays().Set("definition.features.0.aggregation.window", "14d");

        var plan = (await views.PlanAsync([other], [views.Service("live", "delays")])).Expect(200);
        Assert.Equal([("newVersion", 2)], Actions(plan));
        (await views.ApplyAsync([other], [views.Service("live", "delays"), views.Service("kept", $"{views.Node("delays")}@1")]))
            .Expect(200);

        Assert.Equal($"{views.Node("delays")}@2", await ServedAsync("live", "latest"));
        Assert.Equal($"{views.Node("delays")}@1", await ServedAsync("live", "1"));
        Assert.Equal($"{views.Node("delays")}@1", await ServedAsync("kept", "latest"));
        (await views.ApplyAsync([], [views.Service("next", "delays")])).Expect(200);
        Assert.Equal($"{views.Node("delays")}@2", await ServedAsync("next", "1"));

        async Task<string?> ServedAsync(string name, string version) =>
            (await views.Api.GetAsync($"{views.ServiceUrl(name)}/versions/{version}")).Expect(200)["definition"]
                .GetProperty("views")[0].GetProperty("view").GetString();
    }

    [Fact]
    public async Task All_is_applied_or_nothing()
    {
        var views = await Views.OverLandingsAsync(server);
        (await views.ApplyAsync([views.Delays("first")], [views.Service("gone", "first")])).Expect(200);
        (await views.Api.PostAsync(views.ServiceUrl("gone") + "/retire", new { reason = "Old." })).Expect(201);

        (await views.ApplyAsync([views.Delays()], [views.Service("gone", "delays")])).ExpectProblem(409, "feature_service.retired");
        (await views.PlanAsync([views.Delays()], [views.Service("gone", "delays")])).ExpectProblem(409, "feature_service.retired");
        (await views.ApplyAsync([views.Delays()], [views.Service("live", "none")])).ExpectProblem(404, "feature_view.not_found");
        (await views.ApplyAsync([views.Delays()], [views.Service("live", $"{views.Node("delays")}@2")]))
            .ExpectProblem(404, "version.not_found");
        (await views.ApplyAsync(views: [], services: [])).ExpectProblem(400, "request.invalid");
        (await views.Api.GetAsync(views.Url("delays"))).ExpectProblem(404, "feature_view.not_found");
    }

    [Fact]
    public async Task What_cannot_be_is_refused_field_by_field()
    {
        var views = await Views.OverLandingsAsync(server);
        var wrong = views.Service("live", "delays", views.Source.Node).Set("definition.latencyTarget", "0s");
        var unknown = views.Service("live", "delays").Set("definition.views.0.features", new JsonArray("no_such"));

        var problem = (await views.ApplyAsync([views.Delays()], [wrong])).ExpectProblem(400, "feature_service.invalid");
        Assert.Equal(
            ["services[0].definition.views[1].view", "services[0].definition.latencyTarget"],
            problem["errors"].EnumerateObject().Select(e => e.Name));
        problem = (await views.ApplyAsync([views.Delays()], [unknown])).ExpectProblem(400, "feature_service.invalid");
        Assert.Contains("'no_such' is none; it has delay_mean_7d", problem["detail"].GetString(), StringComparison.Ordinal);
        (await views.ApplyAsync([views.Delays().Set("tiers", new JsonArray("disk"))], [])).ExpectProblem(400, "request.invalid");
    }

    [Fact]
    public async Task Tiers_are_declared_with_the_view_and_are_no_part_of_a_version()
    {
        var views = await Views.OverLandingsAsync(server);
        (await views.ApplyAsync(views.Delays())).Expect(200);
        Assert.Equal("[\"memory\",\"offline\"]", (await views.Api.GetAsync(views.Url("delays")))["tiers"].GetRawText());

        var cached = views.Delays().Set("tiers", new JsonArray("redis", "offline"));
        Assert.Equal("describe", (await views.ApplyAsync(cached)).Expect(200)["views"][0].GetProperty("action").GetString());

        var page = (await views.Api.GetAsync(views.Url("delays"))).Expect(200);
        Assert.Equal(("[\"redis\",\"offline\"]", 1), (page["tiers"].GetRawText(), page["latest"].GetInt32()));
    }

    [Fact]
    public async Task A_service_is_listed_tagged_found_and_retired()
    {
        var views = await Views.OverLandingsAsync(server);
        var found = new Searched(views.Api, server.NewFolder(), views.Source.Namespace);
        var service = views.Service("flight_scoring", "delays").Set("description", "What punctuality models are given.");
        (await views.ApplyAsync([views.Delays()], [service])).Expect(200);
        found.Include((await views.Api.PutAsync(views.ServiceUrl("flight_scoring") + "/tags/gold")).Expect(200));

        var item = Assert.Single((await views.Api.GetAsync($"/v1/feature-services?namespace={views.Source.Namespace}")).Items);
        Assert.Equal(
            (views.ServiceNode("flight_scoring"), "[\"gold\"]", $"[\"{views.Node("delays")}@1\"]"),
            (item.GetProperty("node").GetString(), item.GetProperty("tags").GetRawText(), item.GetProperty("views").GetRawText()));
        Assert.Equal(["flight_scoring"], await found.NamesAsync("punctuality", "kind=featureService"));
        Assert.True((await views.Api.DeleteAsync(views.ServiceUrl("flight_scoring") + "/tags/gold")).Expect(200)["changed"].GetBoolean());
        found.Include((await views.Api.PostAsync(views.ServiceUrl("flight_scoring") + "/retire", new { reason = "Old." })).Expect(201));
        Assert.True(Assert.Single(await found.FoundAsync("punctuality")).GetProperty("retired").GetBoolean());
        (await views.Api.PutAsync(views.ServiceUrl("flight_scoring") + "/tags/x")).ExpectProblem(409, "feature_service.retired");
    }

    private static IEnumerable<(string?, int)> Actions(Answer answer) => answer["services"].EnumerateArray()
        .Select(s => (s.GetProperty("action").GetString(), s.GetProperty("version").GetInt32()));
}
