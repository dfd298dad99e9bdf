using Apache.Arrow;
using Catalog.IntegrationTests.Columns;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Storage.Columnar;

namespace Catalog.IntegrationTests.PolicyProjections;

/// <summary>A version of a dataset of its own, an administrator, and somebody whom policies of the test show less.</summary>
/// <param name="Admin">Applies policies.</param>
/// <param name="Api">Of whoever is shown less.</param>
/// <param name="Principal">The same.</param>
/// <param name="Version">Two files of the made table.</param>
internal sealed record Shown(Api Admin, Api Api, CatalogClient Reader, string Principal, NodeId Version)
{
    public const int Rows = 20_000;

    public string Url => $"/v1/datasets/{Version.Namespace}/{Version.Name}/versions/{Version.Version}";

    public static async Task<Shown> StartAsync(ServerFixture server, string prefix = "")
    {
        var admin = await server.ApiAsync();
        var name = new QualifiedName(New.Name("ns"), "flights");
        using var catalog = await ClientOf.AdminAsync(server);
        await catalog.Datasets.RegisterAsync(name, new Registration("team"));
        var files = await MadeTable.WriteAsync(server.NewFolder(), files: 2, Rows / 2);
        var version = await catalog.Datasets.CommitAsync(
            name, new NewVersion { Sources = [.. files.Select((f, i) => new VersionSource.Upload(f, $"{prefix}source-{i}.parquet"))] });
        return await OfAsync(server, admin, version.Node);
    }

    /// <summary>The same version, for somebody else.</summary>
    public static async Task<Shown> OfAsync(ServerFixture server, Api admin, NodeId version)
    {
        var (api, principal) = await server.ApiAsync("reader");
        return new Shown(admin, api, new CatalogClient(server.Server.Address, api.Key ?? ""), principal, version);
    }

    public Task MaskAsync(string column, string mask) => Policies.MaskAsync(Admin, Principal, Version, column, mask);

    public Task FilterAsync(string rows) => Policies.FilterAsync(Admin, Principal, Version, rows);

    /// <summary>What is shown of the columns.</summary>
    public async Task<List<string>> ColumnsAsync()
    {
        await using var stream = await (await Reader.Datasets.ReadAsync(Version)).OpenColumnsAsync();
        return await TextsAsync(stream.BatchesAsync());
    }

    public async Task<List<SignedFile>> SignedAsync() => await (await Reader.Datasets.ReadAsync(Version)).SignedFiles().ToListAsync();

    public async Task<FilesProjection?> ProjectionAsync() =>
        (await (await Reader.Datasets.ReadAsync(Version)).Files().FirstAsync()).Projection;

    /// <summary>How often something was recorded to have been made of versions of the dataset, by whom.</summary>
    public async Task<(long Facts, string By)> RecordedAsync(string database)
    {
        var of = $"from catalog.mt_events where stream_id = '{Version.StreamId}' and type = 'dataset_version_projected'";
        return (
            await Sql.ReadAsync<long>(database, $"select count(*) {of}"),
            await Sql.ReadAsync<string>(database, $"select coalesce(string_agg(distinct user_name, ','), '') {of}"));
    }

    /// <summary>The rows of Parquet files, a text each.</summary>
    public static async Task<List<string>> RowsAsync(IReadOnlyList<byte[]> files)
    {
        var scan = await ColumnScan.OpenAsync(
            [.. files.Select((f, i) => ParquetSource.Of($"{i}", () => new MemoryStream(f)))], new ScanRequest(),
            TestContext.Current.CancellationToken);
        return await TextsAsync(scan.ReadAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The bytes behind addresses, which nobody needs a key for.</summary>
    public static async Task<IReadOnlyList<byte[]>> FetchAsync(IEnumerable<Uri> urls)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var files = new List<byte[]>();
        foreach (var url in urls)
            files.Add(await http.GetByteArrayAsync(url));
        return files;
    }

    private static async Task<List<string>> TextsAsync(IAsyncEnumerable<RecordBatch> batches)
    {
        var rows = new List<string>();
        await foreach (var next in batches)
        {
            using var batch = next;
            for (var row = 0; row < batch.Length; row++)
                rows.Add(string.Join(" | ", batch.Arrays.Select(a => Cli.Printing.ArrowText.Of(a, row) ?? "null")));
        }

        return rows;
    }
}
