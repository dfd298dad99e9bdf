using System.Net;
using Catalog.IntegrationTests.DeltaSharing;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Sdk;
using Catalog.Server;

namespace Catalog.IntegrationTests.Objects;

/// <summary>Files of versions that are in a bucket, read from there by the addresses that the catalog gives out.</summary>
public sealed class S3SignedFileTests(S3Fixture s3) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Bytes_come_from_the_bucket_and_an_address_that_ran_out_is_signed_anew()
    {
        await using var server = await StartAsync();
        using var api = new Api(server.Address, await KeyFile.ReadAsync(_folder["data"]));
        var dataset = await New.DatasetAsync(api);
        var folder = Directory.CreateDirectory(_folder["lake"]).FullName;
        await SharedTable.CommitAsync(api, dataset, folder, inPlace: false, 20_000, 100);
        await using var catalog = new CatalogClient(server.Address, api.Key ?? "");
        var version = await catalog.Datasets.ReadAsync(new QualifiedName(dataset.Namespace, dataset.Name), "latest", Ct);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        var lasting = await version.SignAsync("0.parquet", lifetime: null, Ct);
        Assert.NotEqual(server.Address.Authority, lasting.Url.Authority);
        Assert.Equal(lasting.Sha256, New.Sha256(await http.GetByteArrayAsync(lasting.Url, Ct)));

        var file = await version.SignAsync("0.parquet", TimeSpan.FromSeconds(1), Ct);
        await Eventually.True(
            async () => await StatusAsync(http, file) == HttpStatusCode.Forbidden, "the bucket refuses the address");
        var believedGood = file with { ExpiresAt = TimeProvider.System.GetUtcNow().AddHours(1) };
        using var copy = new MemoryStream();
        await using (var stream = await version.OpenSignedAsync(believedGood, Ct))
            await stream.CopyToAsync(copy, Ct);
        Assert.Equal(file.Sha256, New.Sha256(copy.ToArray()));

        var paths = await version.DownloadSignedAsync(_folder["down"], ct: Ct);
        Assert.Equal(
            await version.Files(Ct).Select(f => f.Sha256).ToListAsync(Ct),
            paths.Select(p => (string?)New.Sha256(File.ReadAllBytes(p))));
    }

    [Fact]
    public async Task Tables_are_shared_by_addresses_of_the_bucket_with_the_statistics_of_its_files()
    {
        await using var server = await StartAsync();
        using var api = new Api(server.Address, await KeyFile.ReadAsync(_folder["data"]));
        var dataset = await New.DatasetAsync(api);
        await SharedTable.CommitAsync(api, dataset, Directory.CreateDirectory(_folder["lake"]).FullName, inPlace: false, 100, 50);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        var files = SharedTable.FilesOf(await SharedTable.Of(dataset).QueryAsync(api));

        foreach (var file in files)
        {
            var url = new Uri(file.GetProperty("url").GetString() ?? "");
            Assert.NotEqual(server.Address.Authority, url.Authority);
            Assert.Equal(file.GetProperty("id").GetString(), New.Sha256(await http.GetByteArrayAsync(url, Ct)));
        }

        Assert.Equal([99, 149], files.Select(f => SharedTable.StatsOf(f).GetProperty("maxValues").GetProperty("id").GetInt32()));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, SignedFile file)
    {
        using var response = await http.GetAsync(file.Url, Ct);
        return response.StatusCode;
    }

    private async Task<CatalogServer> StartAsync()
    {
        await Requires.PostgresAsync();
        return await CatalogServer.StartAsync(new ServerOptions
        {
            DataFolder = _folder["data"],
            Objects = s3.TextOf(await s3.BucketAsync(), "lake"),
            Url = "http://127.0.0.1:0",
        });
    }
}
