using System.Text.Json.Nodes;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Features;

/// <summary>Feature views in a namespace of their own, over a dataset of landings.</summary>
internal sealed class Views(Api api, DatasetName source)
{
    public Api Api => api;

    public DatasetName Source => source;

    /// <summary>Over a dataset that has a version with a schema, or none yet.</summary>
    public static async Task<Views> OverLandingsAsync(ServerFixture server, bool committed = true, string? ns = null, string? name = null)
    {
        var api = await server.ApiAsync();
        var source = await New.DatasetAsync(api, ns, name);
        var views = new Views(api, source);
        if (committed)
            await views.CommitAsync(server);
        return views;
    }

    public async Task CommitAsync(ServerFixture server)
    {
        var uri = Tables.WriteLandings(server.NewFolder(), "landings.parquet", 100);
        (await api.PostAsync(source.Versions, new { files = new[] { new { uri } } })).Expect(201);
    }

    public Task<Answer> PlanAsync(params JsonObject[] views) => api.PostAsync("/v1/feature-views/plan", Body(views).ToJsonString());

    public Task<Answer> ApplyAsync(params JsonObject[] views) => api.PostAsync("/v1/feature-views/apply", Body(views).ToJsonString());

    public Task<Answer> ApplyAsync(string? plan, params JsonObject[] views)
    {
        var body = Body(views);
        body["expectedPlan"] = plan;
        return api.PostAsync("/v1/feature-views/apply", body.ToJsonString());
    }

    /// <summary>Views and services of them, together.</summary>
    public Task<Answer> ApplyAsync(IReadOnlyList<JsonObject> views, IReadOnlyList<JsonObject> services) =>
        api.PostAsync("/v1/feature-views/apply", Body(views, services).ToJsonString());

    /// <inheritdoc cref="ApplyAsync(IReadOnlyList{JsonObject}, IReadOnlyList{JsonObject})"/>
    public Task<Answer> PlanAsync(IReadOnlyList<JsonObject> views, IReadOnlyList<JsonObject> services) =>
        api.PostAsync("/v1/feature-views/plan", Body(views, services).ToJsonString());

    /// <summary>A service of these views: each a name, or a node.</summary>
    public JsonObject Service(string name, params string[] served) => new()
    {
        ["namespace"] = source.Namespace,
        ["name"] = name,
        ["owner"] = "team-flights",
        ["definition"] = new JsonObject
        {
            ["views"] = new JsonArray(
                [.. served.Select(v => new JsonObject { ["view"] = v.Contains(':', StringComparison.Ordinal) ? v : Node(v) })]),
            ["latencyTarget"] = "5ms",
            ["availability"] = 0.999,
        },
    };

    public string ServiceUrl(string name) => Api.Path($"/v1/feature-services/{source.Namespace}/{name}");

    public string ServiceNode(string name) => NodeId.FeatureService(source.Namespace, name).ToString();

    /// <summary>Records a generation of the newest version of a view, made from the first version of the source.</summary>
    public async Task<Guid> BuildAsync(IServiceProvider services, string name, string? sha256 = null)
    {
        var newest = (await api.GetAsync(Url(name) + "/versions/latest")).Expect(200);
        return await Generations.RecordAsync(
            services, NodeId.Parse(newest["node"].GetString() ?? ""), newest["hash"].GetString() ?? "", NodeId.Parse(source.At(1)), sha256);
    }

    public Task<Answer> ActivateAsync(params Guid[] generations) =>
        api.PostAsync("/v1/feature-generations/activate", new { generations, reason = "Morning." });

    public Task<Answer> RollBackAsync(string node) => api.PostAsync("/v1/feature-generations/rollback", new { node });

    /// <summary>The mean delay over a week for each airport, and how many flights there were.</summary>
    public JsonObject Delays(string name = "delays") => Of(
        name,
        """{"name":"delay_mean_7d","type":"float64","column":"delay","aggregation":{"function":"mean","window":"7d"}}""",
        """{"name":"flights_1d","type":"int64","aggregation":{"function":"count","window":"1d"}}""");

    public JsonObject Of(string name, params string[] features) => new()
    {
        ["namespace"] = source.Namespace,
        ["name"] = name,
        ["owner"] = "team-flights",
        ["definition"] = new JsonObject
        {
            ["entities"] = JsonNode.Parse("""[{"name":"airport","keys":[{"name":"airport","type":"string","column":"origin"}]}]"""),
            ["source"] = new JsonObject
            {
                ["dataset"] = source.Node,
                ["eventTime"] = "landed",
                ["createdTime"] = "created",
            },
            ["features"] = new JsonArray([.. features.Select(f => JsonNode.Parse(f))]),
        },
    };

    public string Url(string name) => Api.Path($"/v1/feature-views/{source.Namespace}/{name}");

    public string Node(string name) => NodeId.FeatureView(source.Namespace, name).ToString();

    private static JsonObject Body(IReadOnlyList<JsonObject> views, IReadOnlyList<JsonObject> services)
    {
        var body = Body(views);
        body["services"] = new JsonArray([.. services.Select(s => s.DeepClone())]);
        return body;
    }

    private static JsonObject Body(IReadOnlyList<JsonObject> views) =>
        new() { ["views"] = new JsonArray([.. views.Select(v => v.DeepClone())]) };
}

internal static class ViewChanges
{
    /// <summary>The same with one more feature at the end.</summary>
    public static JsonObject With(this JsonObject view, string feature)
    {
        var copy = (JsonObject)view.DeepClone();
        ((JsonArray?)copy["definition"]?["features"])?.Add(JsonNode.Parse(feature));
        return copy;
    }

    /// <summary>The same with another value at a path of members: <c>definition.source.ties</c>.</summary>
    public static JsonObject Set(this JsonObject view, string path, JsonNode? value)
    {
        var copy = (JsonObject)view.DeepClone();
        JsonNode? at = copy;
        var names = path.Split('.');
        foreach (var name in names[..^1])
            at = int.TryParse(name, out var index) ? at?[index] : at?[name];
        if (at is JsonObject parent)
            parent[names[^1]] = value;
        else if (at is JsonArray list)
            list[int.Parse(names[^1])] = value;
        return copy;
    }
}
