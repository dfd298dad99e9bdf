using System.IO.Compression;
using System.Runtime.CompilerServices;
using Catalog.IntegrationTests.Features;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Platform.Backups;
using Catalog.Server;
using Catalog.Server.Hosting;
using Catalog.Storage.Objects;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

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
        await WriteAsync((await api.GetAsync("/v1/backup?objects=true")).Expect(200).Bytes);

        await using var restored = await RestoreAsync("data");
        using var other = new Api(restored.Address, await KeyFile.ReadAsync(_folder["data"]));

        Assert.NotNull(restored.Restored);
        Assert.Equal(0, restored.MissingObjects);
        Assert.Equal("kept", (await other.GetAsync($"{dataset.Versions}/1/content?path=a.bin")).Expect(200).Text);
        Assert.Equal((await api.GetAsync($"{dataset.Versions}/1")).Text, (await other.GetAsync($"{dataset.Versions}/1")).Text);
        Assert.True((await other.PostAsync($"{dataset.Versions}/1/verify")).Expect(200)["verified"].GetBoolean());
        var next = (await other.PostAsync(dataset.Versions, new { files = new[] { new { path = "b.bin", sha256 = stored } } })).Expect(201);
        Assert.True(next.Position > restored.Restored.Position);
        Assert.Equal(1, await CountRestoredAsync(restored));

        // The keys of the catalog that was backed up open the restored one, too.
        using var old = new Api(restored.Address, api.Key);
        (await old.GetAsync("/v1/whoami")).Expect(200);
    }

    [Fact]
    public async Task A_generation_comes_back_with_its_bytes_and_serves()
    {
        var views = await Views.OverLandingsAsync(server);
        var stored = (await views.Api.UploadAsync(Guid.CreateVersion7().ToByteArray())).Expect(201)["sha256"].GetString() ?? "";
        (await views.ApplyAsync(views.Delays())).Expect(200);
        var generation = await views.BuildAsync(server.Server.Services, "delays", stored);
        (await views.ActivateAsync(generation)).Expect(200);
        await WriteAsync((await views.Api.GetAsync("/v1/backup?objects=true")).Expect(200).Bytes);

        await using var restored = await RestoreAsync("data");
        using var other = new Api(restored.Address, await KeyFile.ReadAsync(_folder["data"]));

        Assert.True((await other.GetAsync($"/v1/feature-generations/{generation}")).Expect(200)["active"].GetBoolean());
        Assert.True(File.Exists(Path.Combine(restored.Data.Objects, "sha256", stored[..2], stored)));
        var unused = (await other.PostAsync("/v1/garbage/collect", new { graceSeconds = 0 })).Expect(200);
        Assert.DoesNotContain(stored, unused["objects"].GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_that_was_cut_or_changed_restores_nothing()
    {
        var api = await server.ApiAsync();
        var whole = (await api.GetAsync("/v1/backup")).Expect(200).Bytes;

        await WriteAsync(whole[..(whole.Length / 2)]);
        await Assert.ThrowsAsync<BackupException>(() => RestoreAsync("cut"));
        await WriteAsync(whole);
        Change(entry => entry.FullName == "tables/mt_events.copy", fromEnd: 40);
        await Assert.ThrowsAsync<BackupException>(() => RestoreAsync("changed"));

        await WriteAsync(whole);
        foreach (var data in (string[])["cut", "changed"])
        {
            await using var restored = await RestoreAsync(data);
            Assert.NotNull(restored.Restored);
        }
    }

    [Theory]
    [InlineData("no archive at all")]
    [InlineData(null)]
    public async Task What_is_no_backup_is_refused_before_anything_is_made(string? content)
    {
        if (content is not null)
            await File.WriteAllTextAsync(_folder["backup.zip"], content, TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<BackupException>(() => RestoreAsync("data"));

        Assert.False(Directory.Exists(_folder["data"]));
    }

    [Fact]
    public async Task A_damaged_object_restores_no_table_and_a_good_backup_goes_into_the_same_folder()
    {
        var api = await server.ApiAsync();
        var content = Guid.CreateVersion7().ToByteArray();
        var digest = (await api.UploadAsync(content)).Expect(201)["sha256"].GetString();
        var whole = (await api.GetAsync("/v1/backup?objects=true")).Expect(200).Bytes;
        await WriteAsync(whole);
        Change(entry => entry.Name == digest, fromEnd: 1);

        var refused = await Assert.ThrowsAsync<BackupException>(() => RestoreAsync("data"));

        Assert.Contains($"{digest}' is not what was written", refused.Message, StringComparison.Ordinal);
        await WriteAsync(whole);
        await using var restored = await RestoreAsync("data");
        Assert.Equal(0, restored.MissingObjects);
        Assert.Equal(1, await CountRestoredAsync(restored));
    }

    [Theory]
    [InlineData("the restore")]
    [InlineData("a plain start")]
    public async Task A_restore_cut_short_after_its_tables_is_completed_by_the_next_start(string next)
    {
        var api = await server.ApiAsync();
        await WriteAsync((await api.GetAsync("/v1/backup")).Expect(200).Bytes);
        Directory.CreateDirectory(_folder["data/keys/admin.key.pending"]);
        await Assert.ThrowsAsync<HostingException>(() => RestoreAsync("data"));
        Assert.False(File.Exists(_folder["data/server.json"]));
        Directory.Delete(_folder["data/keys/admin.key.pending"]);

        await using var restored = await StartAsync("data", next == "the restore" ? _folder["backup.zip"] : null);

        Assert.Equal(1, await CountRestoredAsync(restored));
        using var admin = new Api(restored.Address, await KeyFile.ReadAsync(_folder["data"]));
        Assert.Equal("admin", (await admin.GetAsync("/v1/whoami")).Expect(200)["role"].GetString());
        Assert.True(
            await Sql.ReadAsync<bool>(restored.Postgres?.ConnectionString ?? "", $"SELECT to_regclass('{RestorationMark.Table}') IS NULL"));
    }

    [Fact]
    public async Task The_snapshot_of_the_tables_has_ended_when_objects_are_written()
    {
        await server.ApiAsync();
        await using var postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = _folder["database"] }, NullLogger.Instance, TestContext.Current.CancellationToken);
        await using var other = await StartAsync("data", restoreFrom: null, postgres.ConnectionString);
        var objects = new Watched(other.Services.GetRequiredService<IObjectStore>(), postgres.ConnectionString);
        var writer = new BackupWriter(other.Services.GetRequiredService<IDocumentStore>(), objects, TimeProvider.System);

        await writer.WriteAsync(new MemoryStream(), includeObjects: true, TestContext.Current.CancellationToken);

        Assert.Equal([0, 0], objects.OpenTransactions);
    }

    [Fact]
    public async Task Only_an_empty_catalog_is_restored_into()
    {
        var api = await server.ApiAsync();
        await WriteAsync((await api.GetAsync("/v1/backup")).Expect(200).Bytes);
        await (await RestoreAsync("data")).DisposeAsync();

        var refused = await Assert.ThrowsAsync<BackupException>(() => RestoreAsync("data"));

        Assert.Contains("not empty", refused.Message, StringComparison.Ordinal);
    }

    private Task<CatalogServer> RestoreAsync(string data) => StartAsync(data, _folder["backup.zip"]);

    private Task<CatalogServer> StartAsync(string data, string? restoreFrom, string? database = null) => CatalogServer.StartAsync(
        new ServerOptions { DataFolder = _folder[data], Url = "http://127.0.0.1:0", RestoreFrom = restoreFrom, Database = database },
        ct: TestContext.Current.CancellationToken);

    private Task WriteAsync(byte[] archive) =>
        File.WriteAllBytesAsync(_folder["backup.zip"], archive, TestContext.Current.CancellationToken);

    private void Change(Func<ZipArchiveEntry, bool> which, int fromEnd)
    {
        using var archive = ZipFile.Open(_folder["backup.zip"], ZipArchiveMode.Update);
        using var stream = archive.Entries.Single(which).Open();
        stream.Seek(-fromEnd, SeekOrigin.End);
        var was = stream.ReadByte();
        stream.Seek(-fromEnd, SeekOrigin.End);
        stream.WriteByte((byte)(was ^ 0x55));
    }

    private static Task<long> CountRestoredAsync(CatalogServer restored) => Sql.ReadAsync<long>(
        restored.Postgres?.ConnectionString ?? "", "SELECT count(*) FROM catalog.mt_events WHERE type = 'catalog_restored'");

    /// <summary>Counts the transactions that are open in the database whenever objects are listed.</summary>
    private sealed class Watched(IObjectStore objects, string database) : IObjectStore
    {
        private const string Open = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE 'copy %'";

        public List<long> OpenTransactions { get; } = [];

        public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? after, [EnumeratorCancellation] CancellationToken ct)
        {
            OpenTransactions.Add(await Sql.ReadAsync<long>(database, Open));
            await foreach (var found in objects.ListAsync(prefix, after, ct))
                yield return found;
        }

        public Task<ObjectInfo> PutAsync(string key, Stream content, string? sha256, CancellationToken ct) =>
            objects.PutAsync(key, content, sha256, ct);

        public Task<ObjectInfo> PutAsync(Func<string, string> keyOf, Stream content, string? sha256, CancellationToken ct) =>
            objects.PutAsync(keyOf, content, sha256, ct);

        public Task<Stream> OpenReadAsync(string key, long offset, long? length, CancellationToken ct) =>
            objects.OpenReadAsync(key, offset, length, ct);

        public Task<ObjectInfo?> HeadAsync(string key, CancellationToken ct) => objects.HeadAsync(key, ct);

        public Task DeleteAsync(string key, CancellationToken ct) => objects.DeleteAsync(key, ct);

        public Task CheckAsync(CancellationToken ct) => objects.CheckAsync(ct);
    }
}
