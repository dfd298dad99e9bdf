using System.Text.Json;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Features;

public sealed class ApplyFeaturesTests(ServerFixture server)
{
    private const string Taxi = """{"name":"taxi_max_1d","type":"int64","column":"taxi","aggregation":{"function":"max","window":"1d"}}""";

    [Fact]
    public async Task A_plan_shows_what_applying_does_and_changes_nothing()
    {
        var views = await Views.OverLandingsAsync(server);

        var plan = (await views.PlanAsync(views.Delays())).Expect(200);

        Assert.Equal([("create", 1)], Actions(plan));
        Assert.Contains("float64 = mean(delay) over 7d", plan.Text, StringComparison.Ordinal);
        (await views.Api.GetAsync(views.Url("delays"))).ExpectProblem(404, "feature_view.not_found");
        var applied = (await views.ApplyAsync(plan["hash"].GetString(), views.Delays())).Expect(200);
        Assert.Equal(plan["hash"].GetString(), applied["hash"].GetString());
        Assert.True(applied["changed"].GetBoolean() && applied.Position > 0);

        var page = (await views.Api.GetAsync(views.Url("delays"))).Expect(200);
        Assert.Equal(
            (views.Node("delays"), "team-flights", 1), (page["node"].GetString(), page["owner"].GetString(), page["latest"].GetInt32()));
        Assert.Equal("\"2\"", page.ETag);
        Assert.Equal("7d", page["versions"][0].GetProperty("definition").GetProperty("features")[0].GetProperty("aggregation")
            .GetProperty("window").GetString());
        Assert.Equal([("unchanged", 1)], Actions((await views.PlanAsync(views.Delays())).Expect(200)));
        var again = (await views.ApplyAsync(views.Delays())).Expect(200);
        Assert.False(again["changed"].GetBoolean());
        Assert.Equal(applied.Position, again.Position);
        Assert.Equal(2, await server.CountFactsOnAsync(views.Node("delays")));
    }

    [Fact]
    public async Task Features_at_the_end_extend_a_version_and_every_other_change_makes_one_beside_it()
    {
        var views = await Views.OverLandingsAsync(server);
        (await views.ApplyAsync(views.Delays())).Expect(200);

        Assert.Equal([("extend", 1)], Actions((await views.ApplyAsync(views.Delays().With(Taxi))).Expect(200)));
        var extended = (await views.Api.GetAsync(views.Url("delays") + "/versions/1")).Expect(200);
        Assert.Equal(3, extended["definition"].GetProperty("features").GetArrayLength());
        var other = views.Delays().With(Taxi).Set("definition.features.0.aggregation.window", "14d");
        Assert.Equal([("newVersion", 2)], Actions((await views.ApplyAsync(other)).Expect(200)));

        var page = (await views.Api.GetAsync(views.Url("delays"))).Expect(200);
        string?[] windows = [.. page["versions"].EnumerateArray().Select(v => v.GetProperty("definition").GetProperty("features")[0]
            .GetProperty("aggregation").GetProperty("window").GetString())];
        Assert.Equal(["7d", "14d"], windows);
        Assert.Equal(extended["hash"].GetString(), page["versions"][0].GetProperty("hash").GetString());
        Assert.Equal($"{views.Node("delays")}@2", (await views.Api.GetAsync(views.Url("delays") + "/versions/latest"))["node"].GetString());
        (await views.Api.GetAsync(views.Url("delays") + "/versions/3")).ExpectProblem(404, "version.not_found");
    }

    [Fact]
    public async Task Owner_description_and_tags_are_no_part_of_a_version()
    {
        var views = await Views.OverLandingsAsync(server);
        var view = views.Delays();
        view["description"] = "How late.";
        view["tags"] = new System.Text.Json.Nodes.JsonArray("a", "b");
        (await views.ApplyAsync(view)).Expect(200);

        (await views.Api.PutAsync(views.Url("delays") + "/tags/c")).Expect(200);
        (await views.Api.DeleteAsync(views.Url("delays") + "/tags/a")).Expect(200);
        var left = views.Delays().Set("owner", "team-delays");
        Assert.Equal([("describe", 1)], Actions((await views.ApplyAsync(left)).Expect(200)));

        var page = (await views.Api.GetAsync(views.Url("delays"))).Expect(200);
        Assert.Equal(
            ("team-delays", "How late.", "[\"b\",\"c\"]"),
            (page["owner"].GetString(), page["description"].GetString(), page["tags"].GetRawText()));
        Assert.Equal([("describe", 1)], Actions((await views.ApplyAsync(view)).Expect(200)));
        Assert.Equal("[\"a\",\"b\"]", (await views.Api.GetAsync(views.Url("delays")))["tags"].GetRawText());
    }

    [Fact]
    public async Task A_plan_that_no_longer_holds_is_not_applied()
    {
        var views = await Views.OverLandingsAsync(server);
        var plan = (await views.PlanAsync(views.Delays(), views.Delays("others"))).Expect(200)["hash"].GetString();
        (await views.ApplyAsync(views.Delays().With(Taxi))).Expect(200);

        (await views.ApplyAsync(plan, views.Delays(), views.Delays("others"))).ExpectProblem(409, "feature_view.plan_stale");
        (await views.Api.GetAsync(views.Url("others"))).ExpectProblem(404, "feature_view.not_found");
    }

    [Fact]
    public async Task Of_a_set_all_are_applied_or_none()
    {
        var views = await Views.OverLandingsAsync(server);
        (await views.ApplyAsync(views.Delays("gone"))).Expect(200);
        (await views.Api.PostAsync(views.Url("gone") + "/retire", new { reason = "Old." })).Expect(201);

        (await views.ApplyAsync(views.Delays("fresh"), views.Delays("gone"))).ExpectProblem(409, "feature_view.retired");
        (await views.PlanAsync(views.Delays("gone"))).ExpectProblem(409, "feature_view.retired");
        (await views.Api.GetAsync(views.Url("fresh"))).ExpectProblem(404, "feature_view.not_found");
        (await views.Api.PutAsync(views.Url("gone") + "/tags/x")).ExpectProblem(409, "feature_view.retired");
        Assert.True((await views.Api.GetAsync(views.Url("gone"))).Expect(200)["retired"].GetBoolean());
        Assert.Equal(
            [("create", 1), ("create", 1)],
            Actions((await views.ApplyAsync(views.Delays("one"), views.Of("two", Taxi))).Expect(200)));
    }

    [Fact]
    public async Task Applies_at_the_same_time_make_each_version_once()
    {
        var views = await Views.OverLandingsAsync(server);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => views.ApplyAsync(views.Delays(), views.Of("taxi", Taxi))));

        Assert.Single(answers, a => a.Expect(200)["changed"].GetBoolean());
        Assert.Equal(2, await server.CountFactsOnAsync(views.Node("delays")));
    }

    [Fact]
    public async Task An_entity_is_the_same_in_every_view_of_its_namespace_also_when_two_come_at_once()
    {
        var views = await Views.OverLandingsAsync(server, committed: false);
        var other = views.Delays("other").Set("definition.entities.0.keys.0.type", "int64");

        var answers = await Task.WhenAll(views.ApplyAsync(views.Delays("one")), views.ApplyAsync(other));

        var refused = Assert.Single(answers, a => a.Code != 200).ExpectProblem(409, "feature_view.entity_conflict");
        var (there, wanted) = answers[0].Code == 200 ? ("one", "other") : ("other", "one");
        Assert.Contains(views.Node(there), refused["detail"].GetString(), StringComparison.Ordinal);
        (await views.Api.PostAsync(views.Url(there) + "/retire", new { reason = "Mistaken." })).Expect(201);
        (await views.ApplyAsync(wanted == "other" ? other : views.Delays("one"))).Expect(200);
        (await views.PlanAsync(views.Delays("a"), views.Delays("b").Set("definition.entities.0.keys.0.name", "iata")))
            .ExpectProblem(409, "feature_view.entity_conflict");
    }

    [Fact]
    public async Task What_the_source_does_not_have_is_named_with_both_types()
    {
        var views = await Views.OverLandingsAsync(server);
        var view = views.Of(
            "wrong",
            """{"name":"taxi","type":"string","column":"taxi"}""",
            """{"name":"gone","type":"int64","column":"no_such"}""",
            """{"name":"wide","type":"int64","column":"taxi"}""");

        var problem = (await views.ApplyAsync(view)).ExpectProblem(422, "feature_view.schema_mismatch");

        Assert.Equal(
            ["views[0].definition.features[0].type", "views[0].definition.features[1].column"],
            problem["errors"].EnumerateObject().Select(e => e.Name));
        Assert.Contains("of 'taxi' is string, and the column 'taxi' is int32", problem["detail"].GetString(), StringComparison.Ordinal);
        (await views.ApplyAsync(views.Delays().Set("definition.source.eventTime", "carrier")))
            .ExpectProblem(422, "feature_view.schema_mismatch");
    }

    [Fact]
    public async Task A_source_that_is_not_there_is_refused_and_one_without_a_version_is_warned_of()
    {
        var views = await Views.OverLandingsAsync(server, committed: false);

        var plan = (await views.PlanAsync(views.Delays())).Expect(200);
        Assert.Contains("no version with a schema", plan["views"][0].GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);
        (await views.PlanAsync(views.Delays().Set("definition.source.dataset", $"dataset:{views.Source.Namespace}/none")))
            .ExpectProblem(404, "dataset.not_found");
        (await views.ApplyAsync(views.Delays())).Expect(200);
        await views.CommitAsync(server);
        Assert.Empty((await views.PlanAsync(views.Delays())).Expect(200)["views"][0].GetProperty("warnings").EnumerateArray());
    }

    [Fact]
    public async Task What_cannot_be_is_refused_field_by_field()
    {
        var views = await Views.OverLandingsAsync(server);

        var problem = (await views.ApplyAsync(views.Of(
            "wrong",
            """{"name":"n","type":"int32","aggregation":{"function":"count","window":"1d"}}""",
            """{"name":"n","type":"float64","column":"delay","aggregation":{"function":"mean","window":"0s"}}""")))
            .ExpectProblem(400, "feature_view.invalid");

        Assert.Equal(
            [
                "views[0].definition.features[0].type", "views[0].definition.features[1].name",
                "views[0].definition.features[1].aggregation.window",
            ],
            problem["errors"].EnumerateObject().Select(e => e.Name));
        (await views.ApplyAsync()).ExpectProblem(400, "request.invalid");
        (await views.ApplyAsync(views.Delays(), views.Delays())).ExpectProblem(400, "request.invalid");
        (await views.ApplyAsync(views.Delays().Set("definition.features.0", null))).ExpectProblem(400, "request.invalid");
        (await views.ApplyAsync(views.Delays().Set("definition.timeToLive", "a week"))).ExpectProblem(400, "request.malformed");
    }

    [Theory]
    [InlineData("s3://lake/α", "a:b@c#d%2F/é 🛬")]
    [InlineData("demo", "🛫/🛬")]
    public async Task Names_are_taken_as_they_are(string stem, string name)
    {
        var views = await Views.OverLandingsAsync(server, ns: New.Name(stem), name: name);

        (await views.ApplyAsync(views.Delays(name))).Expect(200);

        var page = (await views.Api.GetAsync(views.Url(name))).Expect(200);
        Assert.Equal((name, views.Node(name)), (page["name"].GetString(), page["node"].GetString()));
        (await views.Api.PutAsync(views.Url(name) + "/tags/" + Uri.EscapeDataString("tag/🏷"))).Expect(200);
        var listed = await views.Api.AllAsync(Api.Path($"/v1/feature-views?namespace={views.Source.Namespace}"), limit: 1);
        Assert.Equal(
            ["delay_mean_7d", "flights_1d"],
            Assert.Single(listed).GetProperty("features").EnumerateArray().Select(f => f.GetString()));
    }

    [Fact]
    public async Task A_reader_may_plan_and_not_apply()
    {
        var views = await Views.OverLandingsAsync(server);
        var (reader, _) = await server.ApiAsync("reader");
        var read = new Views(reader, views.Source);

        (await read.PlanAsync(views.Delays())).Expect(200);
        (await read.ApplyAsync(views.Delays())).ExpectProblem(403, "access.denied");
        (await views.ApplyAsync(views.Delays())).Expect(200);
        (await reader.PutAsync(views.Url("delays") + "/tags/x")).ExpectProblem(403, "access.denied");
        (await reader.PostAsync(views.Url("delays") + "/retire", new { reason = "No." })).ExpectProblem(403, "access.denied");
        (await reader.GetAsync(views.Url("delays"))).Expect(200);
    }

    private static (string?, int)[] Actions(Answer answer) =>
    [
        .. answer["views"].EnumerateArray()
            .Select((JsonElement v) => (v.GetProperty("action").GetString(), v.GetProperty("version").GetInt32())),
    ];
}
