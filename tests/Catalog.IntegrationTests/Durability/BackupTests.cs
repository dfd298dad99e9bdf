using System.IO.Compression;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Platform.Backups;
using Catalog.Server;

namespace Catalog.IntegrationTests.Durability;

/// <summary>Backups that come back as what they were taken of.</summary>
public sealed class BackupTests(ServerFixture server) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_restored_catalog_shows_what_was_there_goes_on_and_knows_that_it_was_restored()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var stored = (await api.UploadAsync("kept"u8.ToArray())).Expect(201)["sha256"].GetString();
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { path = "a.bin", sha256 = stored } } })).Expect(201);
        await File.WriteAllBytesAsync(_folder["backup.zip"], (await api.GetAsync("/v1/backup?objects=true")).Expect(200).Bytes, TestContext.Current.CancellationToken);

        await using var restored = await RestoreAsync("data");
        using var other = new Api(restored.Address, await KeyFile.ReadAsync(_folder["data"]));

        Assert.NotNull(restored.Restored);
        Assert.Equal(0, restored.MissingObjects);
        Assert.Equal("kept", (await other.GetAsync($"{dataset.Versions}/1/content?path=a.bin")).Expect(200).Text);
        Assert.Equal((await api.GetAsync($"{dataset.Versions}/1")).Text, (await other.GetAsync($"{dataset.Versions}/1")).Text);
        Assert.True((await other.PostAsync($"{dataset.Versions}/1/verify")).Expect(200)["verified"].GetBoolean());
        Assert.True((await other.PostAsync(dataset.Versions, new { files = new[] { new { path = "b.bin", sha256 = stored } } })).Expect(201).Position > restored.Restored.Position);
        Assert.Equal(1, await Sql.ReadAsync<long>(restored.Postgres?.ConnectionString ?? "", "SELECT count(*) FROM catalog.mt_events WHERE type = 'catalog_restored'"));

        // The keys of the catalog that was backed up open the restored one, too.
        using var old = new Api(restored.Address, api.Key);
        (await old.GetAsync("/v1/whoami")).Expect(200);
    }

    [Fact]
    public async Task A_backup_that_was_cut_or_changed_restores_nothing()
    {
        var api = await server.ApiAsync();
        var whole = (await api.GetAsync("/v1/backup")).Expect(200).Bytes;

        await File.WriteAllBytesAsync(_folder["backup.zip"], whole[..(whole.Length / 2)], TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<BackupException>(() => RestoreAsync("cut"));

        await File.WriteAllBytesAsync(_folder["backup.zip"], whole, TestContext.Current.CancellationToken);
        using (var archive = ZipFile.Open(_folder["backup.zip"], ZipArchiveMode.Update))
        {
            var entry = archive.GetEntry("tables/mt_events.copy") ?? throw new InvalidOperationException("A backup holds the log.");
            using var stream = entry.Open();
            stream.Seek(-40, SeekOrigin.End);
            stream.WriteByte(0x7f);
        }

        await Assert.ThrowsAnyAsync<Exception>(() => RestoreAsync("changed"));
    }

    [Fact]
    public async Task Only_an_empty_catalog_is_restored_into()
    {
        var api = await server.ApiAsync();
        await File.WriteAllBytesAsync(_folder["backup.zip"], (await api.GetAsync("/v1/backup")).Expect(200).Bytes, TestContext.Current.CancellationToken);
        await (await RestoreAsync("data")).DisposeAsync();

        var refused = await Assert.ThrowsAsync<BackupException>(() => RestoreAsync("data"));

        Assert.Contains("not empty", refused.Message, StringComparison.Ordinal);
    }

    private Task<CatalogServer> RestoreAsync(string data) => CatalogServer.StartAsync(
        new ServerOptions { DataFolder = _folder[data], Url = "http://127.0.0.1:0", RestoreFrom = _folder["backup.zip"] }, ct: TestContext.Current.CancellationToken);
}
