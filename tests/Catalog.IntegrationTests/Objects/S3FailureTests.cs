using System.Diagnostics;
using Catalog.IntegrationTests.Serving;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.S3;
using Catalog.Tests.Storage.Objects;

namespace Catalog.IntegrationTests.Objects;

/// <summary>A bucket that refuses, is not there, breaks off, comes back: each failure has its kind, and some pass.</summary>
public sealed class S3FailureTests(S3Fixture s3)
{
    private const int MiB = 1024 * 1024;
    private const string Busy = "HTTP/1.1 503 Slow Down\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    [Fact]
    public async Task A_wrong_secret_is_refused_with_what_to_check()
    {
        var store = Open(s3.AddressOf(await s3.BucketAsync(), profile: S3Fixture.WrongProfile));

        var refused = await FailsAsync(ObjectStoreError.Denied, () => PutAsync(store, "a", [1]));
        Assert.Contains("AWS_SECRET_ACCESS_KEY", refused.Message);
        await FailsAsync(ObjectStoreError.Denied, () => store.CheckAsync(Ct));
        await FailsAsync(ObjectStoreError.Denied, () => store.HeadAsync("a", Ct));
        await FailsAsync(ObjectStoreError.Denied, () => store.OpenReadAsync("a", 0, null, Ct));
        await FailsAsync(ObjectStoreError.Denied, () => store.ListAsync("", null, Ct).ToListAsync(Ct).AsTask());
        await FailsAsync(ObjectStoreError.Denied, () => store.DeleteAsync("a", Ct));
        Assert.DoesNotContain("not-the-secret", refused.ToString());
    }

    [Fact]
    public async Task A_profile_that_is_not_there_is_not_replaced_by_another()
    {
        var bucket = await s3.BucketAsync();

        var refused = Assert.Throws<ObjectStoreException>(() => Open(s3.AddressOf(bucket, profile: "nobody")));

        Assert.Equal(ObjectStoreError.Denied, refused.Error);
        Assert.Contains("no profile 'nobody'", refused.Message);
    }

    [Fact]
    public async Task A_missing_bucket_is_not_a_missing_object()
    {
        await s3.BucketAsync();
        var missing = New.Name("missing");
        var store = Open(s3.AddressOf(missing));

        var refused = await FailsAsync(ObjectStoreError.Misconfigured, () => PutAsync(store, "a", [1]));
        Assert.Contains($"no bucket '{missing}'", refused.Message);
        await FailsAsync(ObjectStoreError.Misconfigured, () => store.CheckAsync(Ct));
        await FailsAsync(ObjectStoreError.Misconfigured, () => store.HeadAsync("a", Ct));
        await FailsAsync(ObjectStoreError.Misconfigured, () => store.OpenReadAsync("a", 0, null, Ct));
        await FailsAsync(ObjectStoreError.Misconfigured, () => store.ListAsync("", null, Ct).ToListAsync(Ct).AsTask());
    }

    [Fact]
    public async Task A_sound_bucket_passes_its_check_and_holds_no_more_than_before()
    {
        var bucket = await s3.BucketAsync();

        await Open(s3.AddressOf(bucket, "prefix")).CheckAsync(Ct);

        Assert.Equal(0, await s3.CountObjectsAsync(bucket));
    }

    [Fact]
    public async Task A_server_that_puts_us_off_is_asked_again_after_as_long_as_it_said()
    {
        var bucket = await s3.BucketAsync();
        await using var gateway = new FaultyGateway(s3.Cluster.Gateway.Address);
        gateway.Answer(Busy);
        var store = Open(s3.AddressOf(bucket, endpoint: gateway.Address));

        var began = Stopwatch.GetTimestamp();
        await PutAsync(store, "a", [1, 2, 3]);

        Assert.True(Stopwatch.GetElapsedTime(began) >= TimeSpan.FromSeconds(1));
        Assert.Equal(2, gateway.Connections);
        Assert.Equal([1, 2, 3], await ReadAsync(store, "a"));
    }

    [Fact]
    public async Task A_server_that_asks_for_too_much_patience_is_unavailable_at_once()
    {
        var bucket = await s3.BucketAsync();
        await using var gateway = new FaultyGateway(s3.Cluster.Gateway.Address);
        gateway.Answer(Busy.Replace("Retry-After: 1", "Retry-After: 3600"));
        var store = Open(s3.AddressOf(bucket, endpoint: gateway.Address));

        await FailsAsync(ObjectStoreError.Unavailable, () => PutAsync(store, "a", [1]));

        Assert.Equal(1, gateway.Connections);
    }

    [Fact]
    public async Task A_connection_that_breaks_in_mid_read_is_gone_on_with_where_it_broke()
    {
        var bucket = await s3.BucketAsync();
        var bytes = Random(8 * MiB);
        await PutAsync(Open(s3.AddressOf(bucket)), "a", bytes);
        await using var gateway = new FaultyGateway(s3.Cluster.Gateway.Address);
        gateway.CutAfter(3 * MiB);
        gateway.CutAfter(2 * MiB);
        var store = Open(s3.AddressOf(bucket, endpoint: gateway.Address));

        Assert.Equal(bytes[100..^100], await ReadAsync(store, "a", 100, bytes.Length - 200));
        Assert.Equal(3, gateway.Connections);
    }

    [Fact]
    public async Task An_answer_that_is_lost_does_not_make_a_create_fail()
    {
        var bucket = await s3.BucketAsync();
        await using var gateway = new FaultyGateway(s3.Cluster.Gateway.Address);
        gateway.CutAfter(0);
        gateway.CutAfter(10);
        var store = Open(s3.AddressOf(bucket, endpoint: gateway.Address));

        await PutAsync(store, "a", [1, 2, 3]);

        Assert.Equal([1, 2, 3], await ReadAsync(store, "a"));
        await FailsAsync(ObjectStoreError.Conflict, () => PutAsync(store, "a", [4]));
    }

    [Fact]
    public async Task A_server_that_dies_in_mid_read_is_waited_for_and_then_unavailable_until_it_is_back()
    {
        var bucket = await s3.BucketAsync();
        await using var gateway = await s3.Cluster.NewGatewayAsync();
        var store = Open(s3.AddressOf(bucket, endpoint: gateway.Address));
        var patient = Patient(gateway.Address, bucket);
        var bytes = Random(40 * MiB);
        await PutAsync(store, "a", bytes);

        // Back in time: the reader sees nothing of it.
        await using (var stream = await patient.OpenReadAsync("a", 0, null, Ct))
        {
            var start = new byte[MiB];
            await stream.ReadExactlyAsync(start, Ct);
            await gateway.KillAsync();
            var back = gateway.StartAsync();
            using var rest = new MemoryStream();
            await stream.CopyToAsync(rest, Ct);
            await back;
            Assert.Equal(bytes, start.Concat(rest.ToArray()));
        }

        await using (var stream = await store.OpenReadAsync("a", 0, null, Ct))
        {
            await gateway.KillAsync();
            var failed = await FailsAsync(ObjectStoreError.Unavailable, () => stream.CopyToAsync(Stream.Null, Ct));
            Assert.Contains("does not answer", failed.Message);
        }

        await FailsAsync(ObjectStoreError.Unavailable, () => store.HeadAsync("a", Ct));
        await gateway.StartAsync();
        Assert.Equal(bytes, await ReadAsync(store, "a"));
    }

    [Fact]
    public async Task A_server_that_dies_in_mid_upload_is_waited_for_and_what_is_left_is_taken_back_once_it_is_back()
    {
        var bucket = await s3.BucketAsync();
        await using var gateway = await s3.Cluster.NewGatewayAsync();
        var store = Open(s3.AddressOf(bucket, endpoint: gateway.Address));
        var bytes = Random(70 * MiB);
        var back = Task.CompletedTask;

        await Patient(gateway.Address, bucket).PutAsync("back in time", new Trickle(bytes, 40 * MiB, async () =>
        {
            await gateway.KillAsync();
            back = gateway.StartAsync();
        }), New.Sha256(bytes), Ct);
        await back;
        Assert.Equal(bytes, await ReadAsync(store, "back in time"));

        var failed = await FailsAsync(
            ObjectStoreError.Unavailable,
            () => store.PutAsync("gone", new Trickle(bytes, 40 * MiB, gateway.KillAsync), New.Sha256(bytes), Ct));
        Assert.Contains("does not answer", failed.Message);
        await gateway.StartAsync();
        Assert.Null(await store.HeadAsync("gone", Ct));
        Assert.Equal(1, await s3.CountUploadsAsync(bucket));

        await store.PutAsync("gone", new Trickle(bytes), New.Sha256(bytes), Ct);
        Assert.Equal(bytes, await ReadAsync(store, "gone"));
        Assert.Equal(0, await s3.CountUploadsAsync(bucket));
    }

    [Fact]
    public async Task Where_nothing_listens_the_store_is_unavailable()
    {
        await s3.BucketAsync();
        var store = Open(s3.AddressOf("bucket", endpoint: new Uri($"http://127.0.0.1:{CephCluster.FreePort()}")));

        var failed = await FailsAsync(ObjectStoreError.Unavailable, () => store.CheckAsync(Ct));
        Assert.Contains("refused", failed.Message);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // A gateway takes some seconds to start on a busy machine.
    private IObjectStore Patient(Uri gateway, string bucket) => S3Objects.Open(
        s3.AddressOf(bucket, endpoint: gateway), s3.SpoolFolder, new S3Tuning { Retries = 7 }, TimeProvider.System).Objects;

    private IObjectStore Open(S3Address address) => S3Objects.Open(address, s3.SpoolFolder).Objects;

    private static Task<ObjectInfo> PutAsync(IObjectStore store, string key, byte[] bytes) =>
        store.PutAsync(key, new MemoryStream(bytes), null, Ct);

    private static async Task<byte[]> ReadAsync(IObjectStore store, string key, long offset = 0, long? length = null)
    {
        await using var stream = await store.OpenReadAsync(key, offset, length, Ct);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Ct);
        return copy.ToArray();
    }

    private static byte[] Random(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static async Task<ObjectStoreException> FailsAsync(ObjectStoreError error, Func<Task> action)
    {
        var failed = await Assert.ThrowsAsync<ObjectStoreException>(action);
        Assert.True(error == failed.Error, $"{failed.Error} instead of {error}: {failed.Message}");
        return failed;
    }
}
