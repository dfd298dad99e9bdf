using System.Text.Json;
using Catalog.IntegrationTests.Serving;
using static Catalog.IntegrationTests.Marquez.JobTests;

namespace Catalog.IntegrationTests.Marquez;

/// <summary>Datasets, versions, namespaces, sources, tags and search, in Marquez's shapes.</summary>
public sealed class DatasetTests(ServerFixture server)
{
    [Fact]
    public async Task Datasets_are_listed_by_name_with_columns_and_tags()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());

        var list = await told.ReadAsync($"/api/v1/namespaces/{told.Encoded}/datasets?limit=3&offset=1");
        var orders = list.GetProperty("datasets")[0];

        Assert.Equal(4, list.GetProperty("totalCount").GetInt32());
        Assert.Equal(["orders", "raw", "totals"], Names(list.GetProperty("datasets")));
        Assert.Equal("DB_TABLE", orders.GetProperty("type").GetString());
        Assert.Equal(told.Namespace, orders.GetProperty("sourceName").GetString());
        Assert.Equal("2026-11-24T11:00:30Z", orders.GetProperty("lastModifiedAt").GetString());
        Assert.Equal(["gold"], orders.GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
        var field = orders.GetProperty("fields")[0];
        Assert.Equal(("id", "INTEGER", "The key"), (
            field.GetProperty("name").GetString(), field.GetProperty("type").GetString(), field.GetProperty("description").GetString()));
        Assert.Equal(["pii"], field.GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
        var column = Assert.Single(orders.GetProperty("columnLineage").EnumerateArray());
        Assert.Equal("IDENTITY", column.GetProperty("inputFields")[0].GetProperty("transformationType").GetString());
        Assert.False(orders.GetProperty("deleted").GetBoolean());
        Assert.Equal(
            JsonSerializer.Serialize(orders),
            JsonSerializer.Serialize(await told.ReadAsync($"/api/v1/namespaces/{told.Encoded}/datasets/orders")));
    }

    [Fact]
    public async Task Versions_have_the_run_that_made_them_and_are_found_by_their_uuid()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());
        var path = $"/api/v1/namespaces/{told.Encoded}/datasets/orders/versions";

        var list = await told.ReadAsync(path);
        var newest = list.GetProperty("versions")[0];

        Assert.Equal(2, list.GetProperty("totalCount").GetInt32());
        Assert.Equal(
            [told.Run(1), told.Run(0)],
            list.GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("createdByRun").GetProperty("id").GetString()));
        Assert.Equal("2026-11-24T11:00:30Z", newest.GetProperty("createdAt").GetString());
        Assert.Equal(["id", "sum"], Names(newest.GetProperty("fields")));
        Assert.True(newest.GetProperty("facets").TryGetProperty("schema", out _));
        var uuid = newest.GetProperty("version").GetGuid();
        Assert.Equal(uuid, newest.GetProperty("id").GetProperty("version").GetGuid());
        Assert.Equal(JsonSerializer.Serialize(newest), JsonSerializer.Serialize(await told.ReadAsync($"{path}/{uuid}")));
        var dataset = await told.ReadAsync($"/api/v1/namespaces/{told.Encoded}/datasets/orders");
        Assert.Equal(uuid, dataset.GetProperty("currentVersion").GetGuid());
        Refused(await told.GetAsync($"{path}/{Guid.CreateVersion7()}"), 404, "Dataset version");
        Assert.Single((await told.ReadAsync($"{path}?limit=1&offset=1")).GetProperty("versions").EnumerateArray());
    }

    [Fact]
    public async Task A_dataset_of_our_own_is_shown_with_its_own_schema_and_versions()
    {
        var api = await server.ApiAsync();
        var ns = New.Name("ns");
        var command = new { @namespace = ns, name = "flights", owner = "team", documentation = "All flights", tags = new[] { "open" } };
        (await api.PostAsync("/v1/datasets", command)).Expect(201);
        var file = Tables.Write(server.NewFolder(), "flights.parquet", rows: 10);
        var committed = (await api.PostAsync($"/v1/datasets/{ns}/flights/versions", new { files = new[] { new { uri = file } } }))
            .Expect(201);
        var versions = $"/api/v1/namespaces/{ns}/datasets/flights/versions";

        var list = (await api.GetAsync($"/api/v1/namespaces/{ns}/datasets?atLeast={committed.Position}")).Expect(200);
        var dataset = list["datasets"][0];
        Assert.Equal("All flights", dataset.GetProperty("description").GetString());
        Assert.Equal(["open"], dataset.GetProperty("tags").EnumerateArray().Select(t => t.GetString()));
        Assert.Equal(["id", "delay", "carrier"], Names(dataset.GetProperty("fields")));
        var version = Assert.Single((await api.GetAsync(versions)).Expect(200)["versions"].EnumerateArray());
        Assert.Equal(["id", "delay", "carrier"], Names(version.GetProperty("fields")));
        Assert.Equal(JsonValueKind.Null, version.GetProperty("createdByRun").ValueKind);
        Assert.Contains("open", Names((await api.GetAsync("/api/v1/tags?limit=1000")).Expect(200)["tags"]));
    }

    [Fact]
    public async Task Namespaces_and_sources_are_those_of_jobs_and_datasets()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());

        var ns = await told.ReadAsync($"/api/v1/namespaces/{told.Encoded}");
        Assert.Equal(("2026-11-24T10:00:00Z", "2026-11-24T13:00:30Z", false), (
            ns.GetProperty("createdAt").GetString(), ns.GetProperty("updatedAt").GetString(), ns.GetProperty("isHidden").GetBoolean()));
        Assert.Contains(told.Namespace, Names((await told.ReadAsync("/api/v1/namespaces?limit=1000")).GetProperty("namespaces")));
        Assert.Equal("POSTGRES", (await told.ReadAsync($"/api/v1/sources/{told.Encoded}")).GetProperty("type").GetString());
        Assert.Contains(told.Namespace, Names((await told.ReadAsync("/api/v1/sources?limit=1000")).GetProperty("sources")));
        Refused(await told.GetAsync("/api/v1/namespaces/nobody"), 404, "Namespace 'nobody' not found.");
        Refused(await told.GetAsync("/api/v1/namespaces/nobody/datasets"), 404, "Namespace 'nobody' not found.");
        Refused(await told.GetAsync("/api/v1/sources/nobody"), 404, "Source 'nobody' not found.");
    }

    [Fact]
    public async Task Names_are_found_by_a_part_in_any_case()
    {
        var told = await Pipeline.SendAsync(await server.ApiAsync());
        var here = $"namespace={told.Encoded}";

        var found = await told.ReadAsync($"/api/v1/search?q=ETL.&{here}&limit=2");
        Assert.Equal(["etl.copy", "etl.load"], Names(found.GetProperty("results")));
        var first = found.GetProperty("results")[0];
        Assert.Equal(
            ("JOB", $"job:{told.Namespace}:etl.copy"), (first.GetProperty("type").GetString(), first.GetProperty("nodeId").GetString()));
        var latest = await told.ReadAsync($"/api/v1/search?q=etl.&{here}&sort=UPDATE_AT");
        Assert.Equal(["etl.copy", "etl.sum", "etl.load"], Names(latest.GetProperty("results")));
        Assert.Equal(["orders"], Names((await told.ReadAsync($"/api/v1/search?q=rder&{here}&filter=DATASET")).GetProperty("results")));
        Assert.Empty(Names((await told.ReadAsync($"/api/v1/search?q=%25&{here}")).GetProperty("results")));
        Assert.Empty(Names((await told.ReadAsync($"/api/v1/search?q=etl&{here}&before=2026-11-24")).GetProperty("results")));
        Refused(await told.GetAsync("/api/v1/search"), 400, "q");
        Refused(await told.GetAsync("/api/v1/search?q=x&after=yesterday"), 400, "after");
        var beta = await told.ReadAsync($"/api/v2beta/search/datasets?q={Uri.EscapeDataString("totals")}");
        Assert.NotEmpty(beta.GetProperty("hits").EnumerateArray());
        Assert.Equal(beta.GetProperty("hits").GetArrayLength(), beta.GetProperty("highlights").GetArrayLength());
    }
}
