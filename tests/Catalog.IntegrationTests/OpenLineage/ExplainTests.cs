using System.Text.Json;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>Every event that says an edge, not only the one that said it first.</summary>
public sealed class ExplainTests(ServerFixture server)
{
    [Fact]
    public async Task Two_who_say_the_same_edge_are_both_shown_with_what_they_sent_oldest_first()
    {
        await server.ApiAsync();
        var ((one, first), (other, second)) = (await server.ApiAsync("writer"), await server.ApiAsync("writer"));
        var (told, run) = (new Told(New.Name("ns")), New.Name("run"));
        string[] sent =
        [
            told.Run(run, "load", "START", 1, [told.Of("orders")], []),
            told.Run(run, "load", "RUNNING", 2, [told.Of("other")], []),
            told.Run(run, "load", "COMPLETE", 3, [told.Of("orders")], [told.Of("report")]),
        ];
        await Told.SendAsync(one, sent[..2]);
        var position = await Told.SendAsync(other, sent[2]);

        var read = await ExplainAsync(one, $"{told.Dataset("orders")}@initial", $"run:{run}", $"&body=true&atLeast={position}");
        var reads = await ExplainAsync(one, told.Dataset("orders"), told.Job("load"), "");
        var written = await ExplainAsync(one, $"run:{run}", $"{told.Dataset("report")}@run.{run}", "");

        Assert.Equal([first, second], Said(read).Select(a => Text(a.GetProperty("fact"), "principal")));
        Assert.Equal([sent[0], sent[2]], Said(read).Select(a => Text(a.GetProperty("body"), "text")));
        Assert.Equal(["2026-03-01T00:01:00+00:00", "2026-03-01T00:03:00+00:00"], Said(read).Select(a => Text(a, "since")));
        Assert.Equal(["openlineage_received", "openlineage_received"], Said(read).Select(a => Text(a.GetProperty("fact"), "type")));
        Assert.Equal([first, second], Said(reads).Select(a => Text(a.GetProperty("fact"), "principal")));
        Assert.Equal(JsonValueKind.Null, Said(reads)[0].GetProperty("body").ValueKind);
        Assert.Equal([second], Said(written).Select(a => Text(a.GetProperty("fact"), "principal")));
        Assert.Single(read["statements"].EnumerateArray());
    }

    [Fact]
    public async Task What_names_an_output_and_what_completes_the_run_say_it_together()
    {
        var (api, told, run) = (await server.ApiAsync(), new Told(New.Name("ns")), New.Name("run"));
        var position = await Told.SendAsync(
            api, told.Run(run, "load", "START", 1, [], [told.Of("report")]), told.Run(run, "load", "RUNNING", 2),
            told.Run(run, "load", "COMPLETE", 3));

        var said = Said(await ExplainAsync(api, $"run:{run}", $"{told.Dataset("report")}@run.{run}", $"&atLeast={position}"));

        Assert.Equal(["2026-03-01T00:01:00+00:00", "2026-03-01T00:03:00+00:00"], said.Select(a => Text(a, "eventTime")));
        Assert.Equal(["", "2026-03-01T00:03:00+00:00"], said.Select(a => Text(a, "since")));
    }

    [Fact]
    public async Task Other_runs_of_the_job_that_say_the_same_of_things_and_columns_are_found()
    {
        var (api, told) = (await server.ApiAsync(), new Told(New.Name("ns")));
        var runs = Enumerable.Range(0, 5).Select(_ => New.Name("run")).ToArray();
        var position = 0L;
        foreach (var (run, n) in runs.Select((r, i) => (r, i)))
        {
            var facets = n == 3 ? [] : new[] { Told.Columns("total", "orders", "price") };
            position = await Told.SendAsync(
                api, told.Run(run, "load", "COMPLETE", 10 + n, [told.Of("orders")], [told.Of("report", facets)]));
        }

        var (column, source) = (told.Column("report", "total"), told.Column("orders", "price"));
        var columns = await ExplainAsync(api, source, column, $"&atLeast={position}");
        var writes = await ExplainAsync(api, told.Job("load"), told.Dataset("report"), "");
        var few = await ExplainAsync(api, source, column, "&limit=2");
        var then = await ExplainAsync(api, source, column, $"&asOf={position - 1}");

        Assert.Equal(runs.Where((_, n) => n != 3).Select(r => $"run:{r}"), Streams(columns));
        Assert.Equal(runs.Select(r => $"run:{r}"), Streams(writes));
        Assert.Equal((false, true), (columns["truncated"].GetBoolean(), few["truncated"].GetBoolean()));
        Assert.Equal(runs[..2].Select(r => $"run:{r}"), Streams(few));
        Assert.Equal(3, Said(then).Count);
    }

    [Fact]
    public async Task An_input_without_a_label_says_the_version_that_it_was_pinned_to_also_by_another_name()
    {
        var (api, told) = (await server.ApiAsync(), new Told(New.Name("ns")));
        var (maker, reader) = (New.Name("run"), New.Name("run"));
        var position = await Told.SendAsync(
            api,
            told.Run(maker, "load", "COMPLETE", 1, [], [told.Of("orders")]),
            told.About(told.Of("alias", ("symlinks", """{"identifiers":[{"namespace":"NS","name":"orders","type":"TABLE"}]}""")), 2),
            told.Run(reader, "report", "START", 5, [told.Of("alias")], []),
            told.Run(reader, "report", "RUNNING", 6, [told.Of("elsewhere", Told.Version("7"))], []));

        var version = $"{told.Dataset("orders")}@run.{maker}";
        var pinned = await ExplainAsync(api, version, $"run:{reader}", $"&atLeast={position}");
        var labelled = await ExplainAsync(api, $"{told.Dataset("elsewhere")}@label.7", $"run:{reader}", "");

        Assert.Equal(["2026-03-01T00:05:00+00:00"], Said(pinned).Select(a => Text(a, "eventTime")));
        Assert.Equal(["2026-03-01T00:06:00+00:00"], Said(labelled).Select(a => Text(a, "eventTime")));
    }

    [Fact]
    public async Task A_body_that_was_erased_is_said_to_be()
    {
        var (api, told, run) = (await server.ApiAsync(), new Told(New.Name("ns")), New.Name("run"));
        var position = await Told.SendAsync(api, told.Run(run, "load", "START", 1, [told.Of("orders")], []));
        await Sql.ReadAsync<long>(
            server.Database,
            $"""
            WITH gone AS (
                UPDATE catalog.openlineage_body SET body = NULL WHERE encode(hash, 'hex') IN (
                    SELECT data->>'hash' FROM catalog.mt_events WHERE seq_id = {position}) RETURNING 1)
            SELECT count(*) FROM gone
            """);

        var said = Assert.Single(Said(await ExplainAsync(
            api, $"{told.Dataset("orders")}@initial", $"run:{run}", $"&body=true&atLeast={position}")));

        Assert.Equal(("erased", ""), (Text(said.GetProperty("body"), "state"), Text(said.GetProperty("body"), "text")));
        Assert.Equal($"run:{run}", Text(said.GetProperty("fact"), "stream"));
    }

    [Fact]
    public async Task What_the_catalogs_own_clients_say_is_found_the_same_way()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        var (raw, job) = (await New.DatasetAsync(api, ns, "raw"), NodeId.Job(ns, "train").ToString());
        var uri = New.File(server.NewFolder(), "data", New.Name());
        (await api.PostAsync(raw.Versions, new { files = new[] { new { uri } } })).Expect(201);
        var (one, other) = (await New.RunAsync(api, ns), await New.RunAsync(api, ns));
        foreach (var run in (Guid[])[one, other])
            (await api.PostAsync($"/v1/runs/{run}/inputs", new { dataset = raw.Node, role = "train" })).Expect(201);
        var position = (await api.PostAsync($"/v1/runs/{one}/inputs", new { dataset = raw.At(1), role = "test" })).Expect(201).Position;

        var reads = await ExplainAsync(api, raw.Node, job, $"&atLeast={position}");
        var read = await ExplainAsync(api, raw.At(1), $"run:{one}", "");
        var ran = await ExplainAsync(api, job, $"run:{other}", "");
        var version = await ExplainAsync(api, raw.Node, raw.At(1), "");

        Assert.Equal([$"run:{one}", $"run:{other}", $"run:{one}"], Streams(reads));
        Assert.All(Said(reads), a => Assert.Equal(("reads", "run_input_read"), (Text(a, "relation"), Text(a.GetProperty("fact"), "type"))));
        Assert.Equal([$"run:{one}", $"run:{one}"], Streams(read));
        Assert.Equal(["run_started"], Said(ran).Select(a => Text(a.GetProperty("fact"), "type")));
        Assert.Equal(["dataset_version_committed"], Said(version).Select(a => Text(a.GetProperty("fact"), "type")));
    }

    private static async Task<Answer> ExplainAsync(Api api, string from, string to, string more) =>
        (await api.GetAsync($"/v1/lineage/edge?from={from.Escaped()}&to={to.Escaped()}{more}")).Expect(200);

    private static List<JsonElement> Said(Answer answer) => [.. answer["assertions"].EnumerateArray()];

    private static IEnumerable<string> Streams(Answer answer) => Said(answer).Select(a => Text(a.GetProperty("fact"), "stream"));

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";
}
