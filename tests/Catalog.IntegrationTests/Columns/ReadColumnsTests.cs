using Apache.Arrow;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;

namespace Catalog.IntegrationTests.Columns;

/// <summary>Columns of versions over HTTP, as the SDK reads them: the demo's flights, uploaded and in place.</summary>
public sealed class ReadColumnsTests(ServerFixture server)
{
    private static readonly string s_flights = Path.Combine(Repository.Root, "src/Catalog.Cli/Demo/Data");

    [Fact]
    public async Task A_version_is_read_whole_in_the_order_of_its_files_wherever_they_are()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var (managed, inPlace) = (await CommitAsync(catalog, inPlace: false), await CommitAsync(catalog, inPlace: true));

        var uploaded = await ReadAsync(managed);
        var there = await ReadAsync(inPlace);

        Assert.Equal(await managed.Files().Select(f => f.Rows ?? 0).SumAsync(), uploaded.Rows.Count);
        Assert.Equal(uploaded.Rows, there.Rows);
        Assert.Equal(managed.Node, uploaded.Version);
        Assert.True(uploaded.Rows.Count > 100_000, $"{uploaded.Rows.Count} rows");
    }

    [Fact]
    public async Task Columns_come_as_asked_for_and_rows_as_the_filter_says()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var version = await CommitAsync(catalog, inPlace: false);
        var all = await ReadAsync(version, new ColumnQuery { Columns = ["delay", "origin"] });

        var some = await ReadAsync(
            version, new ColumnQuery { Columns = ["delay", "origin"], Filter = "delay >= 60 and origin in ('LAX', 'JFK')" });

        Assert.Equal(["delay", "origin"], some.Schema.FieldsList.Select(f => f.Name));
        Assert.Equal(all.Rows.Where(r => IsLate(r) && r.Split('|')[1] is ("LAX" or "JFK")), some.Rows);
        Assert.NotEmpty(some.Rows);
        Assert.Empty((await ReadAsync(version, new ColumnQuery { Filter = "delay > 1000000" })).Rows);

        static bool IsLate(string row) => long.Parse(row.Split('|')[0], System.Globalization.CultureInfo.InvariantCulture) >= 60;
    }

    [Fact]
    public async Task Shards_have_every_row_once_and_are_the_same_every_time()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var version = await CommitAsync(catalog, inPlace: false);
        var all = await ReadAsync(version);

        var shards = new List<IReadOnlyList<string>>();
        for (var shard = 0; shard < 3; shard++)
            shards.Add((await ReadAsync(version, new ColumnQuery { Shard = shard, Shards = 3 })).Rows);

        Assert.All(shards, s => Assert.NotEmpty(s));
        Assert.Equal(all.Rows.Order(StringComparer.Ordinal), shards.SelectMany(s => s).Order(StringComparer.Ordinal));
        Assert.Equal(shards[1], (await ReadAsync(version, new ColumnQuery { Shard = 1, Shards = 3, BatchRows = 1_000 })).Rows);
    }

    [Theory]
    [InlineData(ColumnCompression.Lz4)]
    [InlineData(ColumnCompression.Zstd)]
    public async Task A_stream_may_be_compressed(ColumnCompression compression)
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var version = await CommitAsync(catalog, inPlace: false);
        var query = new ColumnQuery { Columns = ["origin"] };

        Assert.Equal((await ReadAsync(version, query)).Rows, (await ReadAsync(version, query with { Compression = compression })).Rows);
    }

    [Theory]
    [InlineData("column=nothing", "scan.bad_columns", "nothing")]
    [InlineData("column=delay&column=delay", "scan.bad_columns", "delay")]
    [InlineData("filter=delay", "request.invalid", "filter")]
    [InlineData("filter=nothing%3D1", "request.invalid", "nothing")]
    [InlineData("filter=delay%3D'x'", "request.invalid", "write a number")]
    [InlineData("shard=2&shards=2", "request.invalid", "shard")]
    [InlineData("batchRows=0", "request.invalid", "batchRows")]
    [InlineData("compression=gzip", "request.invalid", "compression")]
    public async Task A_question_that_cannot_be_met_is_refused_with_what_is_wrong(string query, string code, string says)
    {
        var api = await server.ApiAsync();
        using var catalog = await ClientOf.AdminAsync(server);
        var version = await CommitAsync(catalog, inPlace: false);

        var refused = await api.GetAsync($"/v1/datasets/{version.Name.Namespace}/{version.Name.Name}/versions/1/columns?{query}");

        refused.Expect(400);
        Assert.Equal(code, refused["code"].GetString());
        Assert.Contains(says, refused["detail"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_table_has_no_columns()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var name = new QualifiedName(New.Name("ns"), "texts");
        await catalog.Datasets.RegisterAsync(name, new Registration("team"));
        var file = Path.Combine(server.NewFolder(), "a.txt");
        await File.WriteAllTextAsync(file, "text");
        await catalog.Datasets.CommitAsync(name, NewVersion.Of(file));

        var refused = await Assert.ThrowsAsync<CatalogException>(async () =>
            await (await catalog.Datasets.ReadAsync(name, "latest")).OpenColumnsAsync());

        Assert.Equal((422, "columns.none"), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task Files_in_place_that_changed_are_not_read()
    {
        using var catalog = await ClientOf.AdminAsync(server);
        var version = await CommitAsync(catalog, inPlace: true);
        var first = new Uri((await version.Files().FirstAsync()).Uri ?? "").LocalPath;
        await File.AppendAllTextAsync(first, "more");

        var refused = await Assert.ThrowsAsync<CatalogException>(() => version.OpenColumnsAsync());

        Assert.Equal(422, refused.Status);
        Assert.Contains("no longer the file that was committed", refused.Message, StringComparison.Ordinal);
    }

    private async Task<VersionReader> CommitAsync(CatalogClient catalog, bool inPlace)
    {
        var name = new QualifiedName(New.Name("ns"), "flights");
        await catalog.Datasets.RegisterAsync(name, new Registration("team"));
        var folder = server.NewFolder();
        foreach (var file in Directory.EnumerateFiles(s_flights, "*.parquet"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var version = inPlace ? new NewVersion { Sources = [new VersionSource.Folder(folder + "/")] } : NewVersion.Of(folder);
        return await catalog.Datasets.ReadAsync((await catalog.Datasets.CommitAsync(name, version)).Node);
    }

    private static async Task<(NodeId Version, Schema Schema, IReadOnlyList<string> Rows)> ReadAsync(
        VersionReader version, ColumnQuery? query = null)
    {
        await using var stream = await version.OpenColumnsAsync(query);
        var rows = new List<string>();
        await foreach (var next in stream.BatchesAsync())
        {
            using var batch = next;
            for (var row = 0; row < batch.Length; row++)
                rows.Add(string.Join('|', batch.Arrays.Select(a => Cli.Printing.ArrowText.Of(a, row))));
        }

        return (stream.Version, stream.Schema, rows);
    }
}
