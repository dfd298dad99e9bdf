using System.Text.Json;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Features;

/// <summary>Generations are listed, activated together, taken back together, and dropped.</summary>
public sealed class GenerationsTests(ServerFixture server)
{
    private const string Taxi = """{"name":"taxi_max_1d","type":"int64","column":"taxi","aggregation":{"function":"max","window":"1d"}}""";

    [Fact]
    public async Task The_generations_of_a_view_are_listed_newest_first_and_say_which_serves()
    {
        var views = await ViewsAsync();
        var (first, second) = (await BuildAsync(views, "delays"), await BuildAsync(views, "delays"));

        (await views.ActivateAsync(first)).Expect(200);

        var list = (await views.Api.GetAsync(views.Url("delays") + "/generations?limit=1")).Expect(200);
        Assert.Equal([(Node(second), false)], Items(list));
        var rest = (await views.Api.GetAsync(views.Url("delays") + $"/generations?limit=1&after={list["next"].GetString()}")).Expect(200);
        Assert.Equal([(Node(first), true)], Items(rest));
        var shown = (await views.Api.GetAsync($"/v1/feature-generations/{first}")).Expect(200);
        Assert.Equal(
            ($"{views.Node("delays")}@1", true, 12, views.Source.At(1)),
            (shown["view"].GetString(), shown["active"].GetBoolean(), shown["rows"].GetInt32(),
                shown["sources"][0].GetProperty("version").GetString()));
        (await views.Api.GetAsync($"/v1/feature-generations/{Guid.CreateVersion7()}")).ExpectProblem(404, "feature_generation.not_found");
        (await views.Api.GetAsync(views.Url("none") + "/generations")).ExpectProblem(404, "feature_view.not_found");
    }

    [Fact]
    public async Task Generations_of_several_views_are_activated_at_once_or_not_at_all()
    {
        var views = await ViewsAsync();
        var (delays, taxi, other) = (
            await BuildAsync(views, "delays"), await BuildAsync(views, "taxi"), await BuildAsync(views, "delays"));

        (await views.ActivateAsync(delays, Guid.CreateVersion7())).ExpectProblem(404, "feature_generation.not_found");
        (await views.ActivateAsync(delays, other)).ExpectProblem(400, "feature_generation.competing");
        (await views.ActivateAsync(delays, delays)).ExpectProblem(400, "request.invalid");
        (await DropAsync(views, taxi)).Expect(201);
        (await views.ActivateAsync(delays, taxi)).ExpectProblem(409, "feature_generation.dropped");
        Assert.Null(await ActiveAsync(views, "delays"));

        var again = await BuildAsync(views, "taxi");
        var activated = (await views.ActivateAsync(delays, again)).Expect(200);
        Assert.True(activated["changed"].GetBoolean());
        Assert.Equal(2, activated["views"].GetArrayLength());
        Assert.Equal((delays, again), (await ActiveAsync(views, "delays"), await ActiveAsync(views, "taxi")));
        var repeated = (await views.ActivateAsync(delays, again)).Expect(200);
        Assert.Equal((false, JsonValueKind.Null), (repeated["changed"].GetBoolean(), repeated["activation"].ValueKind));
    }

    [Fact]
    public async Task A_view_goes_back_by_itself_and_a_service_with_all_that_was_activated_together()
    {
        var views = await ViewsAsync();
        (await views.ApplyAsync([], [views.Service("live", "delays")])).Expect(200);
        var (delays, taxi) = (new List<Guid>(), new List<Guid>());
        for (var i = 0; i < 3; i++)
        {
            delays.Add(await BuildAsync(views, "delays"));
            taxi.Add(await BuildAsync(views, "taxi"));
            (await views.ActivateAsync(delays[i], taxi[i])).Expect(200);
        }

        var back = (await views.RollBackAsync(views.ServiceNode("live"))).Expect(200);
        Assert.Equal(
            [$"{views.Node("delays")}@1 {Node(delays[1])} {Node(delays[2])}", $"{views.Node("taxi")}@1 {Node(taxi[1])} {Node(taxi[2])}"],
            back["views"].EnumerateArray().Select(v =>
                $"{v.GetProperty("view").GetString()} {v.GetProperty("generation").GetString()} {v.GetProperty("before").GetString()}"));
        Assert.Equal((delays[1], taxi[1]), (await ActiveAsync(views, "delays"), await ActiveAsync(views, "taxi")));

        (await views.RollBackAsync(views.Node("delays"))).Expect(200);
        Assert.Equal((delays[0], taxi[1]), (await ActiveAsync(views, "delays"), await ActiveAsync(views, "taxi")));
        (await views.RollBackAsync(views.ServiceNode("live"))).ExpectProblem(409, "feature_generation.nothing_before");
        Assert.Equal((delays[0], taxi[1]), (await ActiveAsync(views, "delays"), await ActiveAsync(views, "taxi")));
    }

    [Fact]
    public async Task A_view_that_another_generation_serves_since_stays_when_a_service_goes_back()
    {
        var views = await ViewsAsync();
        (await views.ApplyAsync([], [views.Service("live", "delays")])).Expect(200);
        Guid[] first = [await BuildAsync(views, "delays"), await BuildAsync(views, "taxi")];
        Guid[] second = [await BuildAsync(views, "delays"), await BuildAsync(views, "taxi")];
        (await views.ActivateAsync(first)).Expect(200);
        (await views.ActivateAsync(second)).Expect(200);
        var later = await BuildAsync(views, "taxi");
        (await views.ActivateAsync(later)).Expect(200);

        Assert.Single((await views.RollBackAsync(views.ServiceNode("live"))).Expect(200)["views"].EnumerateArray());
        Assert.Equal((first[0], later), (await ActiveAsync(views, "delays"), await ActiveAsync(views, "taxi")));
    }

    [Fact]
    public async Task What_is_no_view_or_service_or_was_never_served_cannot_go_back()
    {
        var views = await ViewsAsync();
        (await views.ApplyAsync([], [views.Service("live", "delays")])).Expect(200);

        (await views.RollBackAsync(views.Source.Node)).ExpectProblem(400, "node.invalid");
        (await views.RollBackAsync(views.Node("none"))).ExpectProblem(404, "feature_view.not_found");
        (await views.RollBackAsync(views.ServiceNode("none"))).ExpectProblem(404, "feature_service.not_found");
        (await views.RollBackAsync(views.Node("delays"))).ExpectProblem(409, "feature_generation.nothing_before");
        (await views.RollBackAsync(views.ServiceNode("live"))).ExpectProblem(409, "feature_generation.nothing_before");
    }

    [Fact]
    public async Task What_serves_is_not_dropped_and_what_was_dropped_once_is_so()
    {
        var views = await ViewsAsync();
        var (first, second) = (await BuildAsync(views, "delays"), await BuildAsync(views, "delays"));
        (await views.ActivateAsync(first)).Expect(200);

        (await DropAsync(views, first)).ExpectProblem(409, "feature_generation.in_use");
        (await DropAsync(views, second)).Expect(201);
        Assert.False((await DropAsync(views, second)).Expect(200)["changed"].GetBoolean());

        var shown = (await views.Api.GetAsync($"/v1/feature-generations/{second}")).Expect(200);
        Assert.Equal((false, "Old."), (shown["active"].GetBoolean(), shown["droppedBecause"].GetString()));
        (await views.ActivateAsync(second)).ExpectProblem(409, "feature_generation.dropped");
    }

    [Fact]
    public async Task Of_activations_at_the_same_moment_each_comes_whole()
    {
        var views = await ViewsAsync();
        var pairs = new List<Guid[]>();
        for (var i = 0; i < 6; i++)
            pairs.Add([await BuildAsync(views, "delays"), await BuildAsync(views, "taxi")]);

        var answers = await Task.WhenAll(pairs.Select(p => views.ActivateAsync(p)));

        Assert.All(answers, a => a.Expect(200));
        var active = (await ActiveAsync(views, "delays"), await ActiveAsync(views, "taxi"));
        Assert.Contains(active, pairs.Select(p => ((Guid?)p[0], (Guid?)p[1])));
    }

    [Fact]
    public async Task A_service_that_goes_back_while_others_activate_goes_back_whole()
    {
        var views = await ViewsAsync();
        (await views.ApplyAsync([], [views.Service("live", "delays", "taxi")])).Expect(200);
        var pairs = new List<(Guid Delays, Guid Taxi)>();
        for (var i = 0; i < 6; i++)
            pairs.Add((await BuildAsync(views, "delays"), await BuildAsync(views, "taxi")));
        (await views.ActivateAsync(pairs[0].Delays, pairs[0].Taxi)).Expect(200);
        (await views.ActivateAsync(pairs[1].Delays, pairs[1].Taxi)).Expect(200);

        var answers = await Task.WhenAll(pairs.Skip(2).SelectMany(p => (Task<Answer>[])
            [views.ActivateAsync(p.Delays, p.Taxi), views.RollBackAsync(views.ServiceNode("live"))]));

        string?[] allowed = [null, "feature_generation.overtaken", "feature_generation.nothing_before"];
        Assert.All(answers, a => Assert.Contains(a.Problem, allowed));
        var active = (await ActiveAsync(views, "delays"), await ActiveAsync(views, "taxi"));
        Assert.Contains(active, pairs.Select(p => ((Guid?)p.Delays, (Guid?)p.Taxi)));
    }

    private async Task<Views> ViewsAsync()
    {
        var views = await Views.OverLandingsAsync(server);
        (await views.ApplyAsync(views.Delays(), views.Of("taxi", Taxi))).Expect(200);
        return views;
    }

    private Task<Guid> BuildAsync(Views views, string name) => views.BuildAsync(server.Server.Services, name);

    private static Task<Answer> DropAsync(Views views, Guid generation) =>
        views.Api.PostAsync($"/v1/feature-generations/{generation}/drop", new { reason = "Old." });

    private static async Task<Guid?> ActiveAsync(Views views, string name) =>
        (await views.Api.GetAsync(views.Url(name) + "/versions/latest")).Expect(200)["active"] is { ValueKind: JsonValueKind.String } active
            ? active.GetGuid()
            : null;

    private static string Node(Guid generation) => NodeId.Generation(generation).ToString();

    private static IEnumerable<(string?, bool)> Items(Answer list) =>
        list.Items.Select(i => (i.GetProperty("node").GetString(), i.GetProperty("active").GetBoolean()));
}
