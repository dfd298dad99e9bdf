using System.Text.Json;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>Lineage that leaves as OpenLineage events and comes to another catalog, in which there was nothing.</summary>
public sealed class ExportTests(ServerFixture server)
{
    /// <summary>Questions about a story that has all in it that makes one event depend on others.</summary>
    public static TheoryData<string> Questions =>
    [
        "node=dataset:NS/report&direction=up",
        "node=dataset:NS/report&direction=up&depth=2",
        "node=dataset:NS/orders&direction=both",
        "node=dataset:NS/report&direction=both&granularity=dataset",
        "node=dataset:NS/report%23total&direction=up&granularity=column",
    ];

    [Theory]
    [MemberData(nameof(Questions))]
    public async Task Another_catalog_that_takes_the_events_in_gives_the_same_answer(string question)
    {
        var (api, told) = (await server.ApiAsync(), new Told(New.Name("story")));
        var position = await Told.SendAsync(api, Stories.OneThatDependsOnOrder(told));
        var asked = question.Replace("NS", told.Namespace, StringComparison.Ordinal);
        var before = await Told.GraphAsync(api, $"{asked}&atLeast={position}");
        Assert.True(before.Count > 2, string.Join('\n', before));

        var export = (await api.GetAsync($"/v1/lineage?{asked}&format=openlineage")).Expect(200);
        await using var fresh = await FreshServer.StartAsync();
        var taken = await fresh.Api.SendAsync(HttpMethod.Post, Sent.Batch, Sent.Json(export.Bytes));

        taken.Expect(204);
        var reached = taken.Headers.GetValues("Catalog-Position").Single();
        Assert.Equal(before, await Told.GraphAsync(fresh.Api, $"{asked}&atLeast={reached}"));
        Assert.Equal("false", export.Headers.GetValues("Catalog-Truncated").Single());
    }

    [Fact]
    public async Task What_was_done_here_is_told_there_with_numbers_as_labels_and_models_as_datasets()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        var (raw, features) = (await New.DatasetAsync(api, ns, "raw"), await New.DatasetAsync(api, ns, "features"));
        var model = await New.ModelAsync(api, ns);
        await CommitAsync(api, raw);
        var prepare = await New.RunAsync(api, ns);
        (await api.PostAsync($"/v1/runs/{prepare}/inputs", new { dataset = raw.Node })).Expect(201);
        await CommitAsync(api, features, prepare);
        (await api.PostAsync($"/v1/runs/{prepare}/complete")).Expect(201);
        var told = new Told(ns);
        await Told.SendAsync(
            api, told.Run("elsewhere", "report", "COMPLETE", 60 * 24 * 10_000, [told.Of("features")], [told.Of("report")]));
        var train = await New.RunAsync(api, ns);
        (await api.PostAsync($"/v1/runs/{train}/inputs", new { dataset = features.At(1) })).Expect(201);
        var sha256 = (await api.UploadAsync("w"u8.ToArray()))["sha256"].GetString();
        (await api.PostAsync(model.Url + "/versions", new { run = train, files = new[] { new { path = "m", sha256 } } })).Expect(201);
        var position = (await api.PostAsync($"/v1/runs/{train}/complete")).Expect(201).Position;

        var question = $"node={raw.At(1).Escaped()}&direction=down";
        var export = (await api.GetAsync($"/v1/lineage?{question}&format=openlineage&atLeast={position}")).Expect(200);
        await using var fresh = await FreshServer.StartAsync();
        var taken = (await fresh.Api.SendAsync(HttpMethod.Post, Sent.Batch, Sent.Json(export.Bytes))).Expect(204);

        var labelled = NodeId.Parse(raw.Node).WithVersion("label.1").ToString().Escaped();
        var reached = taken.Headers.GetValues("Catalog-Position").Single();
        var there = await EdgesAsync(fresh.Api, $"node={labelled}&direction=down&atLeast={reached}");
        string Elsewhere(string node) => NodeId.Parse(node) is { VersionNumber: { } number } version
            ? NodeId.Dataset(version.Kind == NodeKind.Model ? $"model://{ns}" : ns, version.Name, $"label.{number}").ToString()
            : node;
        Assert.Equal(
            (await EdgesAsync(api, question))
                .Select(e => (Elsewhere(e.From), Elsewhere(e.To), e.Relation == "trained" ? "output" : e.Relation)).Order(),
            there.Order());
        Assert.Contains(there, e => e.From == Elsewhere(features.At(1)) && e.To == "run:elsewhere");
    }

    [Fact]
    public async Task What_was_erased_is_left_out_and_the_answer_says_so()
    {
        var (api, told) = (await server.ApiAsync(), new Told(New.Name("erased")));
        var position = await Told.SendAsync(api, told.Run(New.Name("run"), "load", "COMPLETE", 1, [], [told.Of("orders")]));
        await Sql.ReadAsync<long>(
            server.Database,
            $"""
            WITH gone AS (
                UPDATE catalog.openlineage_body SET body = NULL WHERE encode(hash, 'hex') IN (
                    SELECT data->>'hash' FROM catalog.mt_events WHERE seq_id = {position}) RETURNING 1)
            SELECT count(*) FROM gone
            """);

        var export = (await api.GetAsync(
            $"/v1/lineage?node={told.Dataset("orders").Escaped()}&atLeast={position}&format=openlineage")).Expect(200);

        Assert.Equal(0, export.Json.GetArrayLength());
        Assert.Equal("true", export.Headers.GetValues("Catalog-Truncated").Single());
    }

    private async Task CommitAsync(Api api, DatasetName dataset, Guid? run = null)
    {
        var uri = New.File(server.NewFolder(), "data", New.Name());
        (await api.PostAsync(dataset.Versions, new { run, files = new[] { new { uri } } })).Expect(201);
    }

    private static async Task<List<(string From, string To, string Relation)>> EdgesAsync(Api api, string question)
    {
        var answer = (await api.GetAsync($"/v1/lineage?{question}")).Expect(200);
        return [.. answer["edges"].EnumerateArray().Select(e => (Text(e, "from"), Text(e, "to"), Text(e, "relation")))];
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";
}
