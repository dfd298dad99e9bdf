using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Features;

/// <summary>From a dataset's version over the generation that serves to the model that is served, and where that is deployed.</summary>
public sealed class ServedLineageTests(ServerFixture server)
{
    [Fact]
    public async Task Which_generation_served_a_model_at_a_time_is_known_in_both_directions()
    {
        var (views, model) = await ServedAsync();
        var (first, second) = (await BuildAsync(views), await BuildAsync(views));
        (await views.ActivateAsync(first)).Expect(200);
        (await views.ActivateAsync(second)).Expect(200);
        var position = (await views.RollBackAsync(views.ServiceNode("live"))).Expect(200).Position;

        var at = await TimesAsync(views, model, first, second, position);
        Assert.Equal([Node(first)], await ServingAsync(views, model, at[0], position));
        Assert.Equal([Node(second)], await ServingAsync(views, model, at[1], position));
        Assert.Equal([Node(first)], await ServingAsync(views, model, at[2], position));
        Assert.Equal([Node(first)], await ServingAsync(views, model, at: null, position));

        var down = await EdgesAsync(views, $"node={views.Source.At(1).Escaped()}&direction=down&atLeast={position}");
        Assert.Contains($"{views.Source.At(1)} materialised {Node(first)}", down);
        Assert.Contains($"{Node(first)} served {model.At(1)}", down);
        Assert.Contains($"{model.At(1)} deployed deployment:{model.Namespace}/eu", down);
        Assert.DoesNotContain($"{Node(second)} served {model.At(1)}", down);
        var up = await EdgesAsync(views, $"node={model.At(1).Escaped()}&direction=up&atLeast={position}");
        Assert.Contains($"{views.ServiceNode("live")}@1 features {model.At(1)}", up);
        Assert.Contains($"{views.Node("delays")}@1 features {views.ServiceNode("live")}@1", up);
        Assert.Contains($"{views.Node("delays")}@1 materialised {Node(first)}", up);
    }

    [Fact]
    public async Task What_a_dataset_reaches_are_generations_services_and_deployments()
    {
        var (views, model) = await ServedAsync();
        var generation = await BuildAsync(views);
        var position = (await views.ActivateAsync(generation)).Expect(200).Position;

        var impact = (await views.Api.GetAsync($"/v1/lineage/impact?node={views.Source.At(1).Escaped()}&atLeast={position}")).Expect(200);
        Assert.Equal([Node(generation)], Nodes(impact, "generations"));
        Assert.Equal([model.At(1)], Nodes(impact, "models"));
        Assert.Equal([$"deployment:{model.Namespace}/eu"], Nodes(impact, "deployments"));
        var whole = (await views.Api.GetAsync($"/v1/lineage/impact?node={views.Source.Node.Escaped()}&atLeast={position}")).Expect(200);
        Assert.Equal([$"{views.ServiceNode("live")}@1"], Nodes(whole, "featureServices"));
        Assert.Contains(
            views.ServiceNode("live"),
            whole["owners"].EnumerateArray().SelectMany(o => o.GetProperty("things").EnumerateArray()).Select(t => t.GetString()));

        Assert.Equal([Node(generation)], Nodes(await OfColumnAsync(views, "delay", position), "generations"));
        Assert.Empty(Nodes(await OfColumnAsync(views, "taxi", position), "generations"));
        var tree = (await views.Api.GetAsync(
            $"/v1/lineage?node={views.Source.At(1).Escaped()}&direction=down&format=prov&atLeast={position}")).Expect(200);
        Assert.Contains(generation.ToString(), tree.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_a_generation_served_a_model_is_told_by_the_facts_that_say_so()
    {
        var (views, model) = await ServedAsync();
        var generation = await BuildAsync(views);
        var position = (await views.ActivateAsync(generation)).Expect(200).Position;

        var edge = (await views.Api.GetAsync(
            $"/v1/lineage/edge?from={Node(generation).Escaped()}&to={model.At(1).Escaped()}&atLeast={position}")).Expect(200);

        var said = Assert.Single(edge["assertions"].EnumerateArray());
        Assert.Equal(
            ("served", "feature_generation_activated", views.Node("delays")),
            (said.GetProperty("relation").GetString(), said.GetProperty("fact").GetProperty("type").GetString(),
                said.GetProperty("fact").GetProperty("stream").GetString()));
    }

    [Fact]
    public async Task A_model_version_is_made_for_a_service_or_named_one_later()
    {
        var views = await Views.OverLandingsAsync(server);
        (await views.ApplyAsync([views.Delays()], [views.Service("live", "delays")])).Expect(200);
        var model = await New.ModelAsync(views.Api, views.Source.Namespace);
        var run = await New.RunAsync(views.Api, views.Source.Namespace);
        var sha256 = (await views.Api.UploadAsync("w"u8.ToArray())).Expect(201)["sha256"].GetString();
        var body = new
        {
            run,
            files = new[] { new { path = "m", sha256 } },
            idempotencyKey = "once",
            featureService = views.ServiceNode("live"),
        };

        (await views.Api.PostAsync(model.Url + "/versions", body with { featureService = views.ServiceNode("none") }))
            .ExpectProblem(404, "feature_service.not_found");
        (await views.Api.PostAsync(model.Url + "/versions", body)).Expect(201);
        Assert.Equal($"{views.ServiceNode("live")}@1", await NamedAsync());
        Assert.Equal(1, (await views.Api.PostAsync(model.Url + "/versions", body)).Expect(200).Version);

        (await views.ApplyAsync([], [views.Service("live", "delays").Set("definition.latencyTarget", "9ms")])).Expect(200);
        var url = model.Url + "/versions/latest/feature-service";
        Assert.True((await views.Api.PutAsync(url, new { service = views.ServiceNode("live") })).Expect(200)["changed"].GetBoolean());
        Assert.Equal($"{views.ServiceNode("live")}@2", await NamedAsync());
        Assert.False((await views.Api.PutAsync(url, new { service = views.ServiceNode("live") })).Expect(200)["changed"].GetBoolean());
        (await views.Api.PutAsync(url, new { service = views.Source.Node })).ExpectProblem(400, "node.invalid");
        (await views.Api.PutAsync(model.Url + "/versions/2/feature-service", new { service = views.ServiceNode("live") }))
            .ExpectProblem(404, "version.not_found");

        async Task<string?> NamedAsync() =>
            (await views.Api.GetAsync(model.Url + "/versions/1")).Expect(200)["featureService"].GetString();
    }

    /// <summary>A view, a service of it, and a deployed model that is served it.</summary>
    private async Task<(Views Views, ModelName Model)> ServedAsync()
    {
        var views = await Views.OverLandingsAsync(server);
        (await views.ApplyAsync([views.Delays()], [views.Service("live", "delays")])).Expect(200);
        var model = await New.ModelAsync(views.Api, views.Source.Namespace);
        var run = await New.RunAsync(views.Api, views.Source.Namespace);
        var sha256 = (await views.Api.UploadAsync("w"u8.ToArray())).Expect(201)["sha256"].GetString();
        var featureService = views.ServiceNode("live");
        (await views.Api.PostAsync(model.Url + "/versions", new { run, files = new[] { new { path = "m", sha256 } }, featureService }))
            .Expect(201);
        (await views.Api.PutAsync(model.Url + "/deployments/eu", new { version = "1" })).Expect(200);
        return (views, model);
    }

    private Task<Guid> BuildAsync(Views views) => views.BuildAsync(server.Server.Services, "delays");

    /// <summary>When the first, the second and the first again began to serve.</summary>
    private static async Task<IReadOnlyList<string?>> TimesAsync(Views views, ModelName model, Guid first, Guid second, long position)
    {
        var times = new List<(string? From, Guid Generation)>();
        foreach (var generation in (Guid[])[first, second])
        {
            var edge = (await views.Api.GetAsync(
                $"/v1/lineage/edge?from={Node(generation).Escaped()}&to={model.At(1).Escaped()}&atLeast={position}")).Expect(200);
            times.AddRange(edge["statements"].EnumerateArray().Select(s => (s.GetProperty("heldFrom").GetString(), generation)));
        }

        return [.. times.Select(t => t.From).Distinct().Order(StringComparer.Ordinal)];
    }

    private static async Task<IEnumerable<string>> ServingAsync(Views views, ModelName model, string? at, long position)
    {
        var moment = at is null ? "" : $"&at={at.Escaped()}";
        return (await EdgesAsync(views, $"node={model.At(1).Escaped()}&direction=up&depth=1{moment}&atLeast={position}"))
            .Where(e => e.Contains(" served ", StringComparison.Ordinal)).Select(e => e.Split(' ')[0]);
    }

    private static Task<Answer> OfColumnAsync(Views views, string column, long position) =>
        views.Api.GetAsync($"/v1/lineage/impact?node={$"{views.Source.Node}#{column}".Escaped()}&atLeast={position}");

    private static async Task<string[]> EdgesAsync(Views views, string query) =>
    [
        .. (await views.Api.GetAsync($"/v1/lineage?{query}")).Expect(200)["edges"].EnumerateArray().Select(e =>
            $"{e.GetProperty("from").GetString()} {e.GetProperty("relation").GetString()} {e.GetProperty("to").GetString()}"),
    ];

    private static IEnumerable<string?> Nodes(Answer answer, string member) =>
        answer.Expect(200)[member].EnumerateArray().Select(a => a.GetProperty("node").GetString());

    private static string Node(Guid generation) => NodeId.Generation(generation).ToString();
}
