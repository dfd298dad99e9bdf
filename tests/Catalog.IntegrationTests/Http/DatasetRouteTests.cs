using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Http;

public sealed class DatasetRouteTests(ServerFixture server)
{
    [Fact]
    public async Task A_dataset_is_registered_once_and_shown_as_it_is()
    {
        var api = await server.ApiAsync();
        var (ns, name) = (New.Name("ns"), New.Name());
        var body = new { @namespace = ns, name, owner = "team", documentation = "What flew.", tags = new[] { "pii" } };

        var made = (await api.PostAsync("/v1/datasets", body)).Expect(201);
        Assert.Equal($"dataset:{ns}/{name}", made["node"].GetString());
        Assert.True(made["changed"].GetBoolean());
        Assert.True(made.Position > 0);
        Assert.Equal(made.Position.ToString(), made.Headers.GetValues("Catalog-Position").Single());
        Assert.Equal("\"1\"", made.ETag);

        var again = (await api.PostAsync("/v1/datasets", body)).Expect(200);
        Assert.False(again["changed"].GetBoolean());
        (await api.PostAsync("/v1/datasets", body with { owner = "another" })).ExpectProblem(409, "dataset.exists");

        var page = (await api.GetAsync($"/v1/datasets/{ns}/{name}")).Expect(200);
        Assert.Equal("\"1\"", page.ETag);
        Assert.Equal(("team", "What flew.", 0L, false),
            (page["owner"].GetString(), page["documentation"].GetString(), page["latest"].GetInt64(), page["retired"].GetBoolean()));
        Assert.Equal("pii", Assert.Single(page["tags"].EnumerateArray()).GetString());
        Assert.Equal("none", page["compatibility"].GetString());
        (await api.GetAsync($"/v1/datasets/{ns}/nothing")).ExpectProblem(404, "dataset.not_found");
    }

    [Fact]
    public async Task A_description_keeps_what_it_does_not_name()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var url = dataset.Url + "/description";

        var datasheet = new { licence = "PD", knownLimits = "Delays under a minute are 0." };
        (await api.PutAsync(url, new { documentation = "One.", datasheet })).Expect(200);
        (await api.PutAsync(url, new { owner = "team-b" })).Expect(200);
        Assert.False((await api.PutAsync(url, new { owner = "team-b" })).Expect(200)["changed"].GetBoolean());

        var page = await api.GetAsync(dataset.Url);
        Assert.Equal(("team-b", "One."), (page["owner"].GetString(), page["documentation"].GetString()));
        Assert.Equal("PD", page["datasheet"].GetProperty("licence").GetString());
        Assert.Equal(3, page["streamVersion"].GetInt64());
        (await api.PutAsync(Api.Path($"/v1/datasets/{dataset.Namespace}/nothing/description"), new { owner = "a" }))
            .ExpectProblem(404, "dataset.not_found");
    }

    [Fact]
    public async Task An_etag_holds_back_a_description_that_saw_an_older_state()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var url = dataset.Url + "/description";
        var seen = (await api.GetAsync(dataset.Url)).ETag;

        (await api.PutAsync(url, new { documentation = "First." }, ("If-Match", seen))).Expect(200);
        (await api.PutAsync(url, new { documentation = "Second." }, ("If-Match", seen))).ExpectProblem(412, "request.precondition_failed");
        Assert.Equal("First.", (await api.GetAsync(dataset.Url))["documentation"].GetString());

        (await api.PutAsync(url, new { documentation = "Third." }, ("If-Match", "*"))).Expect(200);
        (await api.PutAsync(url, new { documentation = "No." }, ("If-Match", "seven"))).ExpectProblem(400, "request.invalid");
    }

    [Fact]
    public async Task A_reader_who_has_the_newest_state_gets_304()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var seen = (await api.GetAsync(dataset.Url)).ETag;

        foreach (var header in (string[])[seen, $"\"0\", {seen}", $"W/{seen}", "*"])
        {
            var same = (await api.GetAsync(dataset.Url, ("If-None-Match", header))).Expect(304);
            Assert.Equal(seen, same.ETag);
            Assert.Empty(same.Bytes);
        }

        await api.PutAsync(dataset.Url + "/tags/new");
        (await api.GetAsync(dataset.Url, ("If-None-Match", seen))).Expect(200);
    }

    [Fact]
    public async Task Tags_are_put_on_and_taken_off_once()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var tag = Api.Path($"/tags/{"tier:gold"}");

        Assert.True((await api.PutAsync(dataset.Url + tag)).Expect(200)["changed"].GetBoolean());
        Assert.False((await api.PutAsync(dataset.Url + tag)).Expect(200)["changed"].GetBoolean());
        Assert.Equal("tier:gold", Assert.Single((await api.GetAsync(dataset.Url))["tags"].EnumerateArray()).GetString());
        Assert.True((await api.DeleteAsync(dataset.Url + tag)).Expect(200)["changed"].GetBoolean());
        Assert.False((await api.DeleteAsync(dataset.Url + tag)).Expect(200)["changed"].GetBoolean());

        (await api.PutAsync(dataset.Url + "/tags/" + new string('t', 129))).ExpectProblem(400, "request.invalid");
        (await api.PutAsync(dataset.Url + "/columns/delay/tags/pii")).ExpectProblem(404, "column.not_found");
    }

    [Fact]
    public async Task A_columns_tag_needs_the_column()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var uri = Tables.Write(server.NewFolder(), "a.parquet", rows: 10);
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { uri } } })).Expect(201);

        (await api.PutAsync(dataset.Url + "/columns/delay/tags/label")).Expect(200);
        Assert.Equal("label", (await api.GetAsync(dataset.Url))["columnTags"].GetProperty("delay")[0].GetString());
        (await api.DeleteAsync(dataset.Url + "/columns/delay/tags/label")).Expect(200);
        Assert.Empty((await api.GetAsync(dataset.Url))["columnTags"].EnumerateObject());
    }

    [Fact]
    public async Task A_breaking_schema_is_refused_where_compatibility_is_promised()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        var wide = new { files = new[] { new { uri = Tables.Write(folder, "wide.parquet", rows: 5) } } };
        var narrow = new { files = new[] { new { uri = Tables.WriteNarrow(folder, "narrow.parquet", rows: 5) } } };
        (await api.PostAsync(dataset.Versions, wide)).Expect(201);

        (await api.PutAsync(dataset.Url + "/compatibility", new { mode = "backward" })).Expect(200);
        (await api.PostAsync(dataset.Versions, narrow)).ExpectProblem(409, "schema.breaking");
        (await api.PutAsync(dataset.Url + "/compatibility", new { mode = "none" })).Expect(200);
        var made = (await api.PostAsync(dataset.Versions, narrow)).Expect(201);
        Assert.Equal("major", made["schemaChange"].GetProperty("level").GetString());
        (await api.PutAsync(dataset.Url + "/compatibility", new { mode = "sideways" })).ExpectProblem(400, "request.malformed");
    }

    [Fact]
    public async Task Versions_are_committed_shown_by_number_and_alias_and_listed_newest_first()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        for (var n = 1; n <= 3; n++)
        {
            var files = new[] { new { uri = New.File(folder, $"{n}.txt", $"{n}") } };
            var made = (await api.PostAsync(dataset.Versions, new { files, message = $"no {n}" })).Expect(201);
            Assert.Equal((n, dataset.At(n)), (made.Version, made["node"].GetString()));
        }

        (await api.PutAsync(dataset.Url + "/aliases/gold", new { version = 2 })).Expect(200);
        foreach (var (version, number) in ((string, int)[])[("1", 1), ("gold", 2), ("latest", 3)])
        {
            var page = (await api.GetAsync($"{dataset.Versions}/{version}")).Expect(200);
            Assert.Equal(
                (number, $"no {number}", "committed"),
                (page["number"].GetInt32(), page["message"].GetString(), page["state"].GetString()));
            Assert.Equal(number == 1 ? "null" : $"{number - 1}", page["parent"].GetRawText());
        }

        Assert.Equal([3, 2, 1], (await api.AllAsync(dataset.Versions, limit: 2)).Select(v => v.GetProperty("number").GetInt32()));
        (await api.GetAsync(dataset.Versions + "/4")).ExpectProblem(404, "version.not_found");
        (await api.GetAsync(dataset.Versions + "/silver")).ExpectProblem(404, "alias.not_found");
        (await api.GetAsync(Api.Path($"/v1/datasets/{dataset.Namespace}/nothing/versions"))).ExpectProblem(404, "dataset.not_found");
    }

    [Fact]
    public async Task Aliases_move_and_go_and_are_no_numbers()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        await CommitAsync(api, dataset, "one");
        var url = dataset.Url + "/aliases/gold";

        (await api.PutAsync(url, new { version = 1 })).Expect(200);
        Assert.False((await api.PutAsync(url, new { version = 1 })).Expect(200)["changed"].GetBoolean());
        (await api.PutAsync(url, new { version = 2 })).ExpectProblem(404, "version.not_found");
        (await api.PutAsync(url, new { version = 0 })).ExpectProblem(400, "request.invalid");
        (await api.PutAsync(dataset.Url + "/aliases/7", new { version = 1 })).ExpectProblem(400, "request.invalid");
        (await api.PutAsync(dataset.Url + "/aliases/latest", new { version = 1 })).Expect(400);
        (await api.DeleteAsync(url, ("If-Match", "\"1\""))).ExpectProblem(412, "request.precondition_failed");
        Assert.True((await api.DeleteAsync(url)).Expect(200)["changed"].GetBoolean());
        (await api.GetAsync(dataset.Versions + "/gold")).ExpectProblem(404, "alias.not_found");
    }

    [Fact]
    public async Task A_retired_dataset_stays_readable_and_takes_nothing_more()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        await CommitAsync(api, dataset, "one");

        (await api.PostAsync(dataset.Url + "/retire", new { reason = "Replaced." })).Expect(201);
        (await api.PostAsync(dataset.Url + "/retire", new { reason = "Again." })).Expect(200);

        (await CommitAsync(api, dataset, "two")).ExpectProblem(409, "dataset.retired");
        (await api.PutAsync(dataset.Url + "/tags/a")).ExpectProblem(409, "dataset.retired");
        (await api.PostAsync("/v1/datasets", new { @namespace = dataset.Namespace, name = dataset.Name, owner = "team" }))
            .ExpectProblem(409, "dataset.retired");
        Assert.Equal("Replaced.", (await api.GetAsync(dataset.Url))["retiredBecause"].GetString());
        (await api.GetAsync(dataset.Versions + "/1/files")).Expect(200);
        (await api.PostAsync(dataset.Url + "/retire", new { reason = "" })).ExpectProblem(400, "request.invalid");
    }

    [Fact]
    public async Task Lists_are_narrowed_by_namespace_and_tag_and_include_the_position_asked_for()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        await New.DatasetAsync(api, ns, "a");
        var tagged = await New.DatasetAsync(api, ns, "b");
        var position = (await api.PutAsync(tagged.Url + "/tags/gold")).Position;

        var all = (await api.GetAsync($"/v1/datasets?namespace={ns}&atLeast={position}")).Expect(200);
        var gold = (await api.GetAsync($"/v1/datasets?namespace={ns}&tag=gold&atLeast={position}")).Expect(200);

        Assert.Equal(["a", "b"], all.Items.Select(d => d.GetProperty("name").GetString()));
        Assert.Equal(tagged.Node, Assert.Single(gold.Items).GetProperty("node").GetString());
    }

    private async Task<Answer> CommitAsync(Api api, DatasetName dataset, string text, long? expectedParent = null) =>
        await api.PostAsync(dataset.Versions, new
        {
            files = new[] { new { path = "data", uri = New.File(server.NewFolder(), "data", text) } },
            expectedParent,
        });
}
