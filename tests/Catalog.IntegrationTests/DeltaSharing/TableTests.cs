using System.Text.Json;
using Catalog.IntegrationTests.Serving;
using ParquetSharp;

namespace Catalog.IntegrationTests.DeltaSharing;

/// <summary>Tables over Delta Sharing, asked for as its clients do.</summary>
public sealed class TableTests(ServerFixture server)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_table_is_read_from_the_addresses_of_its_files(bool inPlace)
    {
        var (api, table) = await TableAsync(inPlace, 100, 50);

        var answer = (await table.QueryAsync(api)).Expect(200);

        Assert.Equal("application/x-ndjson; charset=utf-8", answer.ContentHeaders.ContentType?.ToString());
        Assert.Equal(1, SharedTable.VersionOf(answer));
        Assert.Equal(["responseformat=parquet"], answer.Headers.GetValues("delta-sharing-capabilities"));
        Assert.Equal("""{"protocol":{"minReaderVersion":1}}""", answer.Text.Split('\n')[0]);
        var metaData = answer.Lines[1].GetProperty("metaData");
        Assert.Equal("parquet", metaData.GetProperty("format").GetProperty("provider").GetString());
        Assert.Equal(2, metaData.GetProperty("numFiles").GetInt32());
        Assert.Empty(metaData.GetProperty("partitionColumns").EnumerateArray());
        Assert.Equal(
            """{"type":"struct","fields":[{"name":"id","type":"long","nullable":false,"metadata":{}},"""
            + """{"name":"delay","type":"double","nullable":true,"metadata":{}},"""
            + """{"name":"carrier","type":"string","nullable":true,"metadata":{}}]}""",
            metaData.GetProperty("schemaString").GetString());

        using var stranger = new Api(server.Server.Address, key: null);
        var files = SharedTable.FilesOf(answer);
        Assert.Equal(4, answer.Lines.Count);
        Assert.Equal([100, 50], files.Select(f => SharedTable.StatsOf(f).GetProperty("numRecords").GetInt32()));
        foreach (var file in files)
        {
            var bytes = (await stranger.GetAsync(PathOf(file))).Expect(200).Bytes;
            Assert.Equal(file.GetProperty("id").GetString(), New.Sha256(bytes));
            Assert.Equal(file.GetProperty("size").GetInt64(), bytes.Length);
            Assert.Equal(SharedTable.StatsOf(file).GetProperty("numRecords").GetInt64(), RowsOf(bytes));
            Assert.Empty(file.GetProperty("partitionValues").EnumerateObject());
            var expires = DateTimeOffset.FromUnixTimeMilliseconds(file.GetProperty("expirationTimestamp").GetInt64());
            Assert.InRange(expires - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
        }
    }

    /// <summary>The demo's flights have a time without a zone.</summary>
    [Theory]
    [InlineData("responseFormat=delta;readerFeatures=deletionvectors,timestampNtz", "delta", "timestamp_ntz")]
    [InlineData("responseformat=delta", "delta", "timestamp")]
    [InlineData("responseformat=delta,parquet;readerfeatures=timestampntz", "parquet", "timestamp")]
    [InlineData("nonsense;;=", "parquet", "timestamp")]
    public async Task An_answer_is_in_the_format_that_its_client_reads(string capabilities, string format, string time)
    {
        var (api, dataset, _) = await DatasetAsync();
        var flights = await File.ReadAllBytesAsync(Path.Combine(Repository.Root, "src/Catalog.Cli/Demo/Data/flights-2001-01.parquet"));
        var sha256 = (await api.UploadAsync(flights)).Expect(201)["sha256"].GetString();
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { path = "a.parquet", sha256 } } })).Expect(201);

        var answer = await SharedTable.Of(dataset).QueryAsync(api, new { version = 1 }, ("delta-sharing-capabilities", capabilities));

        Assert.Equal([$"responseformat={format}"], answer.Expect(200).Headers.GetValues("delta-sharing-capabilities"));
        var (protocol, metaData, file) = (
            answer.Lines[0].GetProperty("protocol"), answer.Lines[1].GetProperty("metaData"), answer.Lines[2].GetProperty("file"));
        var described = format == "delta" ? metaData.GetProperty("deltaMetadata") : metaData;
        Assert.Contains($"{{\"name\":\"date\",\"type\":\"{time}\"", described.GetProperty("schemaString").GetString());
        Assert.Equal((1, 1), (metaData.GetProperty("version").GetInt32(), metaData.GetProperty("numFiles").GetInt32()));
        Assert.Equal((sha256, 1), (file.GetProperty("id").GetString(), file.GetProperty("version").GetInt32()));
        if (format != "delta")
            return;
        var delta = protocol.GetProperty("deltaProtocol");
        Assert.Equal(time == "timestamp_ntz" ? 3 : 1, delta.GetProperty("minReaderVersion").GetInt32());
        Assert.Equal(time == "timestamp_ntz", delta.TryGetProperty("readerFeatures", out _));
        var add = file.GetProperty("deltaSingleAction").GetProperty("add");
        using var stranger = new Api(server.Server.Address, key: null);
        Assert.Equal(flights, (await stranger.GetAsync(new Uri(add.GetProperty("path").GetString() ?? "").PathAndQuery)).Expect(200).Bytes);
        Assert.Equal(169_413, SharedTable.StatsOf(add).GetProperty("numRecords").GetInt32());
    }

    [Fact]
    public async Task Files_bear_their_own_statistics()
    {
        var (api, table) = await TableAsync(inPlace: false, 100, 50);

        var stats = SharedTable.FilesOf(await table.QueryAsync(api)).Select(SharedTable.StatsOf).ToList();

        Assert.Equal([0, 100], stats.Select(s => s.GetProperty("minValues").GetProperty("id").GetInt32()));
        Assert.Equal([99, 149], stats.Select(s => s.GetProperty("maxValues").GetProperty("id").GetInt32()));
        Assert.Equal([10, 5], stats.Select(s => s.GetProperty("nullCount").GetProperty("delay").GetInt32()));
        Assert.Equal("carrier-00", stats[0].GetProperty("minValues").GetProperty("carrier").GetString());
    }

    [Fact]
    public async Task A_file_that_was_changed_in_its_place_has_no_statistics_and_is_refused()
    {
        var (api, dataset, folder) = await DatasetAsync();
        await SharedTable.CommitAsync(api, dataset, folder, inPlace: true, 100);
        await File.WriteAllTextAsync(Assert.Single(Directory.GetFiles(folder)), "no Parquet any more");

        var file = Assert.Single(SharedTable.FilesOf(await SharedTable.Of(dataset).QueryAsync(api)));

        Assert.Equal("""{"numRecords":100}""", file.GetProperty("stats").GetString());
        (await api.GetAsync(PathOf(file))).ExpectProblem(422, "file.changed");
    }

    [Fact]
    public async Task Files_that_hold_no_row_wanted_are_left_out_and_hints_that_cannot_be_read_leave_all()
    {
        var (api, table) = await TableAsync(inPlace: false, 100, 50, 50);

        Assert.Equal(2, await CountAsync(new { jsonPredicateHints = Above(120), includeRefreshToken = (bool?)null }));
        Assert.Equal(1, await CountAsync(new { jsonPredicateHints = Above(180) }));
        Assert.Equal(0, await CountAsync(new { jsonPredicateHints = Above(1_000) }));
        Assert.Equal(3, await CountAsync(new { jsonPredicateHints = "nonsense" }));
        Assert.Equal(3, await CountAsync(new { predicateHints = new[] { "id > 1000" } }));
        Assert.Equal(1, await CountAsync(new { limitHint = 100 }));
        Assert.Equal(2, await CountAsync(new { limitHint = 101, predicateHints = Array.Empty<string>() }));
        Assert.Equal(3, await CountAsync(new { limitHint = 10, predicateHints = new[] { "id > 1000" } }));
        Assert.Equal(0, await CountAsync(new { limitHint = 0 }));
        Assert.Equal(3, await CountAsync(new { someNewMember = 1, maxFiles = 1 }));

        async Task<int> CountAsync(object body) => SharedTable.FilesOf(await table.QueryAsync(api, body)).Count;

        static string Above(int id) => JsonSerializer.Serialize(new
        {
            op = "greaterThanOrEqual",
            children = new object[]
            {
                new { op = "column", name = "id", valueType = "long" },
                new { op = "literal", value = $"{id}", valueType = "long" },
            },
        });
    }

    [Fact]
    public async Task Versions_and_times_travel()
    {
        var (api, dataset, folder) = await DatasetAsync();
        var table = SharedTable.Of(dataset);
        await SharedTable.CommitAsync(api, dataset, folder, inPlace: true, 10);
        var between = TimeProvider.System.GetUtcNow();
        await SharedTable.CommitAsync(api, dataset, folder, inPlace: true, 20);
        await SharedTable.CommitAsync(api, dataset, folder, inPlace: true, 30);
        var early = between.AddDays(-1);

        Assert.Equal((3, 30), await AtAsync(new { }));
        Assert.Equal((1, 10), await AtAsync(new { version = 1 }));
        Assert.Equal((2, 20), await AtAsync(new { version = "2" }));
        Assert.Equal((1, 10), await AtAsync(new { timestamp = between }));
        Assert.Equal((3, 30), await AtAsync(new { timestamp = between.AddDays(1) }));
        Expect(await table.QueryAsync(api, new { timestamp = early }), 404, "RESOURCE_DOES_NOT_EXIST");
        Expect(await table.QueryAsync(api, new { version = 4 }), 404, "RESOURCE_DOES_NOT_EXIST");
        Expect(await table.QueryAsync(api, new { version = 1, timestamp = between }), 400, "INVALID_PARAMETER_VALUE");
        Expect(await table.QueryAsync(api, new { timestamp = "yesterday" }), 400, "INVALID_PARAMETER_VALUE");

        Assert.Equal(3, SharedTable.VersionOf(await api.GetAsync($"{table.Url}/version")));
        Assert.Equal(3, SharedTable.VersionOf(await api.SendAsync(HttpMethod.Head, table.Url, body: null)));
        Assert.Equal(1, SharedTable.VersionOf(await api.GetAsync($"{table.Url}/version?startingTimestamp={Text(early)}")));
        Assert.Equal(2, SharedTable.VersionOf(await api.GetAsync($"{table.Url}/version?startingTimestamp={Text(between)}")));
        Expect(await api.GetAsync($"{table.Url}/version?startingTimestamp={Text(between.AddDays(1))}"), 404, "RESOURCE_DOES_NOT_EXIST");

        var first = await api.GetAsync($"{table.Url}/metadata?version=1");
        Assert.Equal((1, 2), (SharedTable.VersionOf(first), first.Lines.Count));
        Assert.Equal(1, first.Lines[1].GetProperty("metaData").GetProperty("version").GetInt32());
        Assert.Equal(1, SharedTable.VersionOf(await api.GetAsync($"{table.Url}/metadata?timestamp={Text(between)}")));
        var newest = await api.GetAsync($"{table.Url}/metadata");
        Assert.Equal(3, SharedTable.VersionOf(newest));
        Assert.False(newest.Lines[1].GetProperty("metaData").TryGetProperty("version", out _));

        async Task<(long Version, int Rows)> AtAsync(object body)
        {
            var answer = await table.QueryAsync(api, body);
            var file = Assert.Single(SharedTable.FilesOf(answer));
            Assert.Equal(body.ToString() != "{ }", file.TryGetProperty("version", out _));
            return (SharedTable.VersionOf(answer), SharedTable.StatsOf(file).GetProperty("numRecords").GetInt32());
        }

        static string Text(DateTimeOffset time) => Uri.EscapeDataString($"{time.UtcDateTime:O}");
    }

    [Fact]
    public async Task A_dataset_of_other_files_is_no_table_and_versions_of_them_are_passed_over()
    {
        var (api, dataset, folder) = await DatasetAsync();
        var table = SharedTable.Of(dataset);
        var text = New.File(folder, "a.txt", "x");
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { uri = text } } })).Expect(201);

        Expect(await api.GetAsync($"{table.Url}/metadata"), 404, "RESOURCE_DOES_NOT_EXIST", "is a table of Parquet files");
        await SharedTable.CommitAsync(api, dataset, folder, inPlace: true, 10);
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { uri = text } } })).Expect(201);
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { uri = text } }, observed = true })).Expect(201);

        Assert.Equal(2, SharedTable.VersionOf(await table.QueryAsync(api)));
        Assert.Equal(2, SharedTable.VersionOf(await table.QueryAsync(api, new { timestamp = TimeProvider.System.GetUtcNow() })));
        Expect(await table.QueryAsync(api, new { version = 1 }), 404, "RESOURCE_DOES_NOT_EXIST", "@1' is not a table");
        Expect(await table.QueryAsync(api, new { version = 4 }), 404, "RESOURCE_DOES_NOT_EXIST", "@4' is not a table");
        Expect(await (table with { Name = "nothing" }).QueryAsync(api), 404, "RESOURCE_DOES_NOT_EXIST", "There is no");
        Expect(await (table with { Name = "a~b" }).QueryAsync(api), 404, "RESOURCE_DOES_NOT_EXIST", "There is no");
    }

    [Fact]
    public async Task A_name_is_found_in_any_case_and_by_its_exact_one_where_two_are_alike()
    {
        var api = await server.ApiAsync();
        var folder = server.NewFolder();
        var (lower, upper) = (await New.DatasetAsync(api, name: "public.orders"), "PUBLIC.ORDERS");
        await SharedTable.CommitAsync(api, lower, folder, inPlace: true, 10);
        (await api.GetAsync($"/v1/datasets?namespace={lower.Namespace}&atLeast={await PositionAsync(api, lower)}")).Expect(200);

        Assert.Equal(1, SharedTable.VersionOf(await TableOf("public~2Eorders").QueryAsync(api)));
        Assert.Equal(1, SharedTable.VersionOf(await TableOf("Public~2eOrders").QueryAsync(api)));

        var other = await New.DatasetAsync(api, lower.Namespace, upper);
        await SharedTable.CommitAsync(api, other, folder, inPlace: true, 10);
        await SharedTable.CommitAsync(api, other, folder, inPlace: true, 20);
        (await api.GetAsync($"/v1/datasets?namespace={lower.Namespace}&atLeast={await PositionAsync(api, other)}")).Expect(200);

        Assert.Equal(1, SharedTable.VersionOf(await TableOf("public~2Eorders").QueryAsync(api)));
        Assert.Equal(2, SharedTable.VersionOf(await TableOf("PUBLIC~2EORDERS").QueryAsync(api)));
        Expect(await TableOf("Public~2EOrders").QueryAsync(api), 404, "RESOURCE_DOES_NOT_EXIST");

        SharedTable TableOf(string name) => new(lower.Namespace, name);
    }

    [Fact]
    public async Task Refusals_have_the_shape_that_clients_know()
    {
        var (api, table) = await TableAsync(inPlace: true, 10);
        using var stranger = new Api(server.Server.Address, key: null);
        using var forger = new Api(server.Server.Address, key: "cat_000000000000_x");

        Expect(await stranger.GetAsync("/delta-sharing/shares"), 401, "UNAUTHENTICATED");
        Expect(await stranger.GetAsync("/Delta-Sharing/shares"), 401, "UNAUTHENTICATED");
        Expect(await forger.GetAsync("/delta-sharing/shares"), 401, "UNAUTHENTICATED");
        Expect(await table.QueryAsync(stranger), 401, "UNAUTHENTICATED");
        Expect(await api.GetAsync("/delta-sharing/nothing"), 404, "RESOURCE_DOES_NOT_EXIST");
        Expect(await api.GetAsync("/delta-sharing/shares/other"), 404, "RESOURCE_DOES_NOT_EXIST");
        Expect(await api.GetAsync("/delta-sharing/shares/other/schemas"), 404, "RESOURCE_DOES_NOT_EXIST");
        Expect(await api.GetAsync($"{table.Url}/query"), 400, "INVALID_PARAMETER_VALUE");
        Expect(await api.GetAsync($"{table.Url}/changes?startingVersion=1"), 400, "UNSUPPORTED_OPERATION");
        Expect(await api.PostAsync($"{table.Url}/temporary-table-credentials", new { }), 400, "UNSUPPORTED_OPERATION");
        Expect(await table.QueryAsync(api, new { startingVersion = 1 }), 400, "UNSUPPORTED_OPERATION");
        Expect(await table.QueryAsync(api, "{"), 400, "MALFORMED_REQUEST");
        Expect(await table.QueryAsync(api, "[]"), 400, "MALFORMED_REQUEST");
        Expect(await table.QueryAsync(api, new { version = "x" }), 400, "MALFORMED_REQUEST");
        Expect(await table.QueryAsync(api, new { version = -1 }), 404, "RESOURCE_DOES_NOT_EXIST");
        Expect(await table.QueryAsync(api, new { limitHint = -1 }), 400, "INVALID_PARAMETER_VALUE");
        Expect(await table.QueryAsync(api, new { refreshToken = "x" }), 400, "INVALID_PARAMETER_VALUE");
        Expect(await api.GetAsync($"{table.Url}/metadata?version=x"), 400, "INVALID_PARAMETER_VALUE");
        (await api.PostAsync($"{table.Url}/query", new StringContent(""))).Expect(200);
    }

    [Fact]
    public async Task Each_query_asks_for_reading_data_and_metadata_for_reading()
    {
        var log = new LogLines();
        await using var fresh = await FreshServer.StartAsync(o => o with { Roots = [server.NewFolder()] }, log);
        var dataset = await New.DatasetAsync(fresh.Api);
        await SharedTable.CommitAsync(fresh.Api, dataset, server.NewFolder(), inPlace: false, 10);
        var table = SharedTable.Of(dataset);

        (await fresh.Api.GetAsync($"{table.Url}/metadata")).Expect(200);
        Assert.Empty(log.Reads);
        (await table.QueryAsync(fresh.Api)).Expect(200);

        Assert.Equal([$"Read: admin may read the data of {dataset.At(1)} (purpose none)."], log.Reads);
    }

    internal static void Expect(Answer answer, int status, string code, string? message = null)
    {
        answer.Expect(status);
        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal(code, answer["errorCode"].GetString());
        Assert.Contains(message ?? "", answer["message"].GetString());
    }

    private static async Task<long> PositionAsync(Api api, DatasetName dataset) =>
        (await api.PutAsync($"{dataset.Url}/aliases/x", new { version = 1 })).Expect(200).Position;

    private static string PathOf(JsonElement file) =>
        file.GetProperty("url").GetString() is { } url ? url[url.IndexOf('/', "http://".Length)..] : "";

    private static long RowsOf(byte[] parquet)
    {
        using var reader = new ParquetFileReader(new ParquetSharp.IO.ManagedRandomAccessFile(new MemoryStream(parquet)));
        return reader.FileMetaData.NumRows;
    }

    private async Task<(Api Api, DatasetName Dataset, string Folder)> DatasetAsync()
    {
        var api = await server.ApiAsync();
        return (api, await New.DatasetAsync(api), server.NewFolder());
    }

    private async Task<(Api Api, SharedTable Table)> TableAsync(bool inPlace, params IReadOnlyList<int> rows)
    {
        var (api, dataset, folder) = await DatasetAsync();
        await SharedTable.CommitAsync(api, dataset, folder, inPlace, rows);
        return (api, SharedTable.Of(dataset));
    }
}
