using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Storage.Files;
using ParquetSharp;

namespace Catalog.IntegrationTests.Files;

/// <summary>Big tables, many files, files that change.</summary>
public sealed class LargeVersionTests(ServerFixture server)
{
    private const int Many = 100_000;

    [Fact]
    public async Task A_million_rows_are_registered_with_what_another_reader_counts()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var uri = Tables.Write(server.NewFolder(), "flights.parquet", rows: 1_000_000);

        (await api.PostAsync(dataset.Versions, new { files = new[] { new { uri } } })).Expect(201);

        var version = (await api.GetAsync($"{dataset.Versions}/1")).Expect(200);
        using var file = new ParquetFileReader(FileUri.ToPath(uri));
        Assert.Equal(file.FileMetaData.NumRows, version["rows"].GetInt64());
        Assert.Equal(["id", "delay", "carrier"], version["schema"].GetProperty("columns").EnumerateArray()
            .Select(c => c.GetProperty("name").GetString()));
        var (min, max, nulls) = Statistics(file);
        var id = version["statistics"].GetProperty("id");
        var delay = version["statistics"].GetProperty("delay");
        Assert.Equal(("0", "999999"), (id.GetProperty("min").GetString(), id.GetProperty("max").GetString()));
        Assert.Equal(min, double.Parse(delay.GetProperty("min").GetString() ?? ""));
        Assert.Equal(max, double.Parse(delay.GetProperty("max").GetString() ?? ""));
        Assert.Equal(nulls, delay.GetProperty("nulls").GetInt64());
    }

    [Fact]
    public async Task A_folder_of_images_is_registered_listed_and_verified()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        for (var i = 0; i < 200; i++)
            await File.WriteAllBytesAsync(Path.Combine(folder, $"image {i:000} ✈.png"), Image(i), TestContext.Current.CancellationToken);

        var part = new { uri = FileUri.FromPath(folder), glob = "*.png", prefix = "train" };
        (await api.PostAsync(dataset.Versions, new { folders = new[] { part } })).Expect(201);

        var files = await api.AllAsync($"{dataset.Versions}/1/files", 64);
        Assert.Equal(200, files.Count);
        Assert.Equal("train/image 000 ✈.png", files[0].GetProperty("path").GetString());
        Assert.True((await api.PostAsync($"{dataset.Versions}/1/verify")).Expect(200)["verified"].GetBoolean());
    }

    [Fact]
    public async Task A_hundred_thousand_files_are_a_version_and_ten_more_share_its_manifest()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        Parallel.For(0, Many, i =>
        {
            var sub = Directory.CreateDirectory(Path.Combine(folder, $"{i / 1_000:000}"));
            File.WriteAllText(Path.Combine(sub.FullName, $"{i:000000}.txt"), $"{folder} {i}");
        });
        (await api.PostAsync(dataset.Versions, new { folders = new[] { new { uri = FileUri.FromPath(folder) } } })).Expect(201);
        var chunks = await ChunksAsync();

        var ten = Enumerable.Range(0, 10)
            .Select(i => new { path = $"050/new-{i}.txt", uri = New.File(server.NewFolder(), "new.txt", $"{folder} new {i}") });
        (await api.PostAsync(dataset.Versions, new { mode = "append", files = ten })).Expect(201);

        var version = (await api.GetAsync($"{dataset.Versions}/2")).Expect(200);
        Assert.Equal(Many + 10, version["files"].GetInt64());
        Assert.InRange(await ChunksAsync() - chunks, 1, 12);
        Assert.Equal(Many + 10, (await api.AllAsync($"{dataset.Versions}/2/files", 1_000)).Count);
        Assert.True((await api.PostAsync($"{dataset.Versions}/2/verify")).Expect(200)["verified"].GetBoolean());

        // Chunks are counted by what this version uses: other tests store theirs meanwhile.
        Task<long> ChunksAsync() => Sql.ReadAsync<long>(
            server.Database,
            $"""
            SELECT count(DISTINCT u.chunk)
            FROM catalog.manifest_chunk_use u JOIN catalog.mt_doc_page_version v ON v.data->>'manifestHash' = u.manifest
            WHERE v.data->>'dataset' = '{dataset.Node}'
            """);
    }

    [Fact]
    public async Task Verifying_finds_a_changed_file_of_the_same_size_and_a_missing_one_and_records_it()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        var uris = new[] { "changed", "gone", "kept" }.Select(name => new { uri = New.File(folder, $"{name}.txt", "0123456789") });
        (await api.PostAsync(dataset.Versions, new { files = uris })).Expect(201);
        New.File(folder, "changed.txt", "012345678X");
        File.Delete(Path.Combine(folder, "gone.txt"));

        var answer = (await api.PostAsync($"{dataset.Versions}/1/verify")).Expect(200);

        Assert.False(answer["verified"].GetBoolean());
        Assert.Equal(
            ["changed.txt file.changed", "gone.txt file.not_found"],
            answer["failures"].EnumerateArray().Select(f => $"{f.GetProperty("path").GetString()} {f.GetProperty("problem").GetString()}"));
        Assert.False((await api.GetAsync($"{dataset.Versions}/1"))["lastVerified"].GetProperty("intact").GetBoolean());
    }

    [Fact]
    public async Task An_observed_version_is_a_reference_until_it_is_sealed()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        Tables.Write(folder, "part.parquet", rows: 1_000);

        (await api.PostAsync(dataset.Versions, new { observed = true, folders = new[] { new { uri = FileUri.FromPath(folder) } } }))
            .Expect(201);
        Assert.Equal("observed", (await api.GetAsync($"{dataset.Versions}/1"))["state"].GetString());
        (await api.GetAsync($"{dataset.Versions}/1/files")).ExpectProblem(409, "version.not_sealed");
        (await api.PostAsync($"{dataset.Versions}/1/seal")).Expect(201);

        var version = (await api.GetAsync($"{dataset.Versions}/1")).Expect(200);
        Assert.Equal(("sealed", 1_000L), (version["state"].GetString(), version["rows"].GetInt64()));
        (await api.PostAsync($"{dataset.Versions}/1/seal")).Expect(200);
    }

    [Fact]
    public async Task Ranges_of_a_file_are_given_as_asked()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var stored = (await api.UploadAsync("0123456789"u8.ToArray())).Expect(201);
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { path = "a b/ü.bin", sha256 = stored["sha256"].GetString() } } }))
            .Expect(201);
        var url = $"{dataset.Versions}/1/content?path={Uri.EscapeDataString("a b/ü.bin")}";

        Assert.Equal("0123456789", (await api.GetAsync(url)).Expect(200).Text);
        Assert.Equal("234", (await api.GetAsync(url, ("Range", "bytes=2-4"))).Expect(206).Text);
        Assert.Equal("789", (await api.GetAsync(url, ("Range", "bytes=-3"))).Expect(206).Text);
        Assert.Equal("9", (await api.GetAsync(url, ("Range", "bytes=9-99"))).Expect(206).Text);
        (await api.GetAsync(url, ("Range", "bytes=10-"))).Expect(416);
        (await api.UploadAsync("0123456789"u8.ToArray(), $"?sha256={new string('0', 64)}")).ExpectProblem(422, "object.digest_mismatch");
    }

    [Fact]
    public async Task A_file_is_read_on_only_while_it_is_the_same_and_not_again_by_who_has_it()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { uri = New.File(folder, "m", "0123456789") } } })).Expect(201);
        var url = $"{dataset.Versions}/latest/content?path=m";
        var seen = (await api.GetAsync(url)).ETag;
        (string, string) range = ("Range", "bytes=4-");

        Assert.Equal("456789", (await api.GetAsync(url, range, ("If-Range", seen))).Expect(206).Text);
        (await api.GetAsync(url, ("If-None-Match", seen))).Expect(304);
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { uri = New.File(server.NewFolder(), "m", "abcdefghij") } } }))
            .Expect(201);

        foreach (var condition in (string[])[seen, $"W/{seen}", "Wed, 21 Oct 2015 07:28:00 GMT", "nonsense"])
            Assert.Equal("abcdefghij", (await api.GetAsync(url, range, ("If-Range", condition))).Expect(200).Text);
        (await api.GetAsync(url, ("If-None-Match", seen))).Expect(200);
    }

    private static (double Min, double Max, long Nulls) Statistics(ParquetFileReader file)
    {
        var (min, max, nulls) = (double.MaxValue, double.MinValue, 0L);
        for (var group = 0; group < file.FileMetaData.NumRowGroups; group++)
        {
            using var rows = file.RowGroup(group);
            using var column = rows.Column(1).LogicalReader<double?>();
            foreach (var value in column.ReadAll((int)rows.MetaData.NumRows))
                (min, max, nulls) = value is { } delay ? (Math.Min(min, delay), Math.Max(max, delay), nulls) : (min, max, nulls + 1);
        }

        return (min, max, nulls);
    }

    /// <summary>A PNG's signature and some bytes of its own: the catalog does not look into images.</summary>
    private static byte[] Image(int seed) => [0x89, .. "PNG\r\n\u001a\n"u8, .. BitConverter.GetBytes(seed)];
}
