using System.Text.Json;
using Catalog.Cli;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Server;
using Catalog.Server.Hosting;

namespace Catalog.IntegrationTests.Objects;

/// <summary>A whole catalog whose uploaded bytes are in a bucket.</summary>
public sealed class S3ServerTests(S3Fixture s3) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Versions_are_made_of_uploads_read_verified_and_backed_up()
    {
        var bucket = await s3.BucketAsync();
        await using var server = await StartAsync(s3.TextOf(bucket, "lake"));
        using var api = await ApiOf(server);
        var bytes = new byte[20 * MiB];
        new Random(20).NextBytes(bytes);

        var small = (await api.UploadAsync("small"u8.ToArray())).Expect(201)["sha256"].GetString();
        var large = (await api.UploadAsync(bytes)).Expect(201)["sha256"].GetString();
        Assert.Equal(large, (await api.UploadAsync(bytes, $"?sha256={large}")).Expect(201)["sha256"].GetString());
        var dataset = await New.DatasetAsync(api);
        var files = new[] { new { path = "small.txt", sha256 = small }, new { path = "large.bin", sha256 = large } };
        (await api.PostAsync(dataset.Versions, new { files })).Expect(201);

        Assert.Equal(bytes, (await api.GetAsync($"{dataset.Versions}/1/content?path=large.bin")).Expect(200).Bytes);
        var part = await api.GetAsync($"{dataset.Versions}/1/content?path=large.bin", ("Range", "bytes=-7"));
        Assert.Equal(bytes[^7..], part.Expect(206).Bytes);
        Assert.True((await api.PostAsync($"{dataset.Versions}/1/verify")).Expect(200)["verified"].GetBoolean());
        Assert.Equal(2, await s3.CountObjectsAsync(bucket));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["data/spool"]));
        Assert.False(File.Exists(_folder[$"data/objects/sha256/{small?[..2]}/{small}"]));

        (await api.PostAsync(dataset.Versions, new { files = new[] { new { path = "x", sha256 = new string('0', 64) } } }))
            .ExpectProblem(422, "object.not_found");
        (await api.UploadAsync("other"u8.ToArray(), $"?sha256={large}")).ExpectProblem(422, "object.digest_mismatch");
        await s3.Client.DeleteObjectAsync(bucket, $"lake/sha256/{large?[..2]}/{large}");
        Assert.False((await api.PostAsync($"{dataset.Versions}/1/verify")).Expect(200)["verified"].GetBoolean());
    }

    [Fact]
    public async Task A_backup_of_a_bucket_is_restored_into_another()
    {
        var (from, to) = (await s3.BucketAsync(), await s3.BucketAsync());
        await using var server = await StartAsync(s3.TextOf(from));
        using var api = await ApiOf(server);
        var dataset = await New.DatasetAsync(api);
        var stored = (await api.UploadAsync("kept"u8.ToArray())).Expect(201)["sha256"].GetString();
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { path = "a.bin", sha256 = stored } } })).Expect(201);
        await File.WriteAllBytesAsync(_folder["backup.zip"], (await api.GetAsync("/v1/backup?objects=true")).Expect(200).Bytes);

        await using var restored = await CatalogServer.StartAsync(new ServerOptions
        {
            DataFolder = _folder["restored"],
            Objects = s3.TextOf(to, "prefix"),
            Url = "http://127.0.0.1:0",
            RestoreFrom = _folder["backup.zip"],
        });

        using var other = new Api(restored.Address, await KeyFile.ReadAsync(_folder["restored"]));
        Assert.Equal(0, restored.MissingObjects);
        Assert.Equal("kept", (await other.GetAsync($"{dataset.Versions}/1/content?path=a.bin")).Expect(200).Text);
        Assert.Equal(1, await s3.CountObjectsAsync(to));
    }

    [Fact]
    public async Task While_the_bucket_does_not_answer_the_server_says_so_and_goes_on_once_it_does()
    {
        var bucket = await s3.BucketAsync();
        await using var gateway = await s3.Cluster.NewGatewayAsync();
        await using var server = await StartAsync(s3.TextOf(bucket, endpoint: gateway.Address));
        using var api = await ApiOf(server);
        await Eventually.True(async () => (await api.GetAsync("/readyz")).Text == "ready", "ready");

        await gateway.KillAsync();

        Assert.StartsWith("ready\nuploaded files cannot be read or written", (await api.GetAsync("/readyz")).Expect(200).Text);
        (await api.UploadAsync("x"u8.ToArray())).ExpectProblem(503, "storage.unavailable");
        var noticed = await DoctorAsync();
        Assert.Contains(noticed.Findings, f => f.Subject == "server" && f.Found.Contains("cannot be read or written"));

        await gateway.StartAsync();
        (await api.UploadAsync("x"u8.ToArray())).Expect(201);
        Assert.Equal("ready", (await api.GetAsync("/readyz")).Expect(200).Text);
    }

    [Fact]
    public async Task With_a_cache_what_was_read_once_is_read_without_the_bucket_and_verification_asks_the_bucket()
    {
        var bucket = await s3.BucketAsync();
        await using var gateway = await s3.Cluster.NewGatewayAsync();
        await using var server = await StartAsync(s3.TextOf(bucket, endpoint: gateway.Address), cacheBytes: 1L << 30);
        using var api = await ApiOf(server);
        var bytes = new byte[3 * MiB];
        new Random(3).NextBytes(bytes);
        var stored = (await api.UploadAsync(bytes)).Expect(201)["sha256"].GetString();
        var dataset = await New.DatasetAsync(api);
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { path = "a.bin", sha256 = stored } } })).Expect(201);
        var content = $"{dataset.Versions}/1/content?path=a.bin";
        Assert.Equal(bytes, (await api.GetAsync(content)).Expect(200).Bytes);

        await gateway.KillAsync();
        Assert.Equal(bytes, (await api.GetAsync(content)).Expect(200).Bytes);
        var unread = (await api.PostAsync($"{dataset.Versions}/1/verify")).Expect(200);
        Assert.False(unread["verified"].GetBoolean());
        Assert.Equal("file.unreadable", unread["failures"][0].GetProperty("problem").GetString());

        await gateway.StartAsync();
        Assert.True((await api.PostAsync($"{dataset.Versions}/1/verify")).Expect(200)["verified"].GetBoolean());
    }

    [Fact]
    public async Task The_doctor_examines_the_bucket()
    {
        var bucket = await s3.BucketAsync();

        var well = await DoctorAsync("--objects", s3.TextOf(bucket));
        Assert.Contains(well.Findings, f => f is { Subject: "object store", State: "good" } && f.Found.Contains(bucket));
        var missing = await DoctorAsync("--objects", s3.TextOf("no-such-bucket"));
        Assert.Equal(ExitCodes.Failed, missing.Code);
        Assert.Contains(missing.Findings, f => f is { Subject: "object store", State: "bad" } && f.Found.Contains("no bucket"));
        Assert.False(Directory.Exists(_folder["data"]));
        Assert.Equal(0, await s3.CountObjectsAsync(bucket));
    }

    [Theory]
    [InlineData("s4://bucket", "does not begin with s3://")]
    [InlineData("s3://B", "lower-case letters")]
    [InlineData("s3://bucket?endpoint=nonsense", "http:// or https://")]
    [InlineData("s3://bucket?secret=x", "'secret' is no setting")]
    public async Task An_address_that_cannot_be_right_is_refused_before_anything_is_made(string address, string why)
    {
        var refused = await Assert.ThrowsAsync<HostingException>(() => StartAsync(address));

        Assert.Equal(HostingException.ObjectsAddressInvalid, refused.Code);
        Assert.Contains(why, refused.Message);
        Assert.False(Directory.Exists(_folder["data"]));
    }

    [Fact]
    public async Task A_bucket_that_is_missing_or_closed_stops_the_start_before_a_database_is_made()
    {
        var bucket = await s3.BucketAsync();

        var missing = await Assert.ThrowsAsync<HostingException>(() => StartAsync(s3.TextOf("no-such-bucket")));
        var closed = await Assert.ThrowsAsync<HostingException>(() => StartAsync(s3.TextOf(bucket, profile: S3Fixture.WrongProfile)));

        Assert.Equal((HostingException.ObjectsUnusable, HostingException.ObjectsUnusable), (missing.Code, closed.Code));
        Assert.Contains("no bucket 'no-such-bucket'", missing.Message);
        Assert.Contains("AWS_SECRET_ACCESS_KEY", closed.Message);
        Assert.False(Directory.Exists(_folder["data/postgres"]));
    }

    private async Task<CatalogServer> StartAsync(string objects, long? cacheBytes = null)
    {
        await Requires.PostgresAsync();
        return await CatalogServer.StartAsync(new ServerOptions
        {
            DataFolder = _folder["data"],
            Objects = objects,
            CacheBytes = cacheBytes,
            Url = "http://127.0.0.1:0",
        });
    }

    private async Task<Api> ApiOf(CatalogServer server) => new(server.Address, await KeyFile.ReadAsync(_folder["data"]));

    private async Task<Examination> DoctorAsync(params string[] more)
    {
        await using var output = new StringWriter();
        var code = await CatalogCommand.RunAsync(
            ["doctor", "--data", _folder["data"], "--json", .. more],
            Terminal.System with { Out = output, OutIsTerminal = false, ErrorIsTerminal = false },
            TestContext.Current.CancellationToken);
        var told = JsonSerializer.Deserialize<Told>(output.ToString(), JsonSerializerOptions.Web);
        return new Examination(code, told?.Findings ?? []);
    }

    private sealed record Told(IReadOnlyList<FoundBy> Findings);

    private sealed record FoundBy(string State, string Subject, string Found);

    private sealed record Examination(int Code, IReadOnlyList<FoundBy> Findings);
}
