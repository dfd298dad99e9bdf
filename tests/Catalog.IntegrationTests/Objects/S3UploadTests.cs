using Catalog.IntegrationTests.Serving;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.S3;
using Catalog.Tests.Storage.Objects;

namespace Catalog.IntegrationTests.Objects;

/// <summary>Objects of more than one part: whole or not at all, whoever else is at it, and with little memory.</summary>
public sealed class S3UploadTests(S3Fixture s3) : IAsyncLifetime
{
    private const int MiB = 1024 * 1024;
    private static readonly byte[] s_large = Random(40 * MiB);
    private string _bucket = "";

    private IObjectStore? _store;

    private IObjectStore Store => _store ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        _bucket = await s3.BucketAsync();
        _store = Open(new S3Tuning());
    }

    public ValueTask DisposeAsync()
    {
        (_store as IDisposable)?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_parts_make_one_object_with_its_digest(bool announced)
    {
        var info = await Store.PutAsync("a", new Trickle(s_large), announced ? New.Sha256(s_large) : null, Ct);

        Assert.Equal(new ObjectInfo("a", s_large.Length, New.Sha256(s_large)), info);
        Assert.Equal(info, await Store.HeadAsync("a", Ct));
        Assert.Equal(s_large, await ReadAsync("a"));
        Assert.Equal(s_large[^5..], await ReadAsync("a", -5));
        Assert.Equal((1, 0), await LeftAsync());
        Assert.Equal(info, await Store.PutAsync("a", new Trickle(s_large), null, Ct));
        Assert.Equal((1, 0), await LeftAsync());
    }

    [Theory]
    [InlineData(16 * MiB)]
    [InlineData((16 * MiB) - 1)]
    [InlineData((16 * MiB) + 1)]
    [InlineData(32 * MiB)]
    public async Task Content_that_ends_at_the_edge_of_a_part_is_whole(int length)
    {
        var bytes = s_large[..length];

        await Store.PutAsync("a", new Trickle(bytes), New.Sha256(bytes), Ct);

        Assert.Equal(bytes, await ReadAsync("a"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_that_fails_half_way_leaves_neither_an_object_nor_parts(bool announced)
    {
        var digest = announced ? New.Sha256(s_large) : null;

        await Assert.ThrowsAsync<InvalidTimeZoneException>(
            () => Store.PutAsync("a", new Trickle(s_large, failAt: 35 * MiB), digest, Ct));
        await Assert.ThrowsAsync<InvalidTimeZoneException>(
            () => Store.PutAsync(ContentStore.KeyOf, new Trickle(s_large, failAt: 35 * MiB), digest, Ct));

        Assert.Equal((0, 0), await LeftAsync());
        Assert.Empty(Spooled());
    }

    [Fact]
    public async Task Content_that_is_not_what_was_announced_leaves_neither_an_object_nor_parts()
    {
        var failed = await Assert.ThrowsAsync<ObjectStoreException>(
            () => Store.PutAsync("a", new Trickle(s_large), new string('0', 64), Ct));

        Assert.Equal(ObjectStoreError.DigestMismatch, failed.Error);
        Assert.Equal((0, 0), await LeftAsync());
    }

    [Fact]
    public async Task Cancellation_between_parts_leaves_neither_an_object_nor_parts()
    {
        using var source = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.PutAsync(
            "a", new Trickle(s_large, 35 * MiB, source.CancelAsync), New.Sha256(s_large), source.Token));

        Assert.Equal((0, 0), await LeftAsync());
    }

    [Fact]
    public async Task Large_content_is_a_conflict_under_a_name_and_replaces_what_rotted_under_its_digest()
    {
        await PutAsync("a", [1]);

        var failed = await Assert.ThrowsAsync<ObjectStoreException>(
            () => Store.PutAsync("a", new Trickle(s_large), New.Sha256(s_large), Ct));
        Assert.Equal(ObjectStoreError.Conflict, failed.Error);
        Assert.Equal([1], await ReadAsync("a"));
        Assert.Equal((1, 0), await LeftAsync());

        await Store.PutAsync(_ => "a", new Trickle(s_large), New.Sha256(s_large), Ct);
        Assert.Equal(s_large, await ReadAsync("a"));
        Assert.Equal((1, 0), await LeftAsync());
    }

    [Fact]
    public async Task Content_that_rotted_though_its_description_did_not_is_noticed_and_healed()
    {
        var content = new ContentStore(Store);
        var stored = await content.StoreAsync(new MemoryStream([1, 2, 3]), null, Ct);
        var rotten = new Amazon.S3.Model.PutObjectRequest
        {
            BucketName = _bucket,
            Key = ContentStore.KeyOf(stored.Sha256),
            InputStream = new MemoryStream([1, 2, 4]),
        };
        rotten.Metadata["sha256"] = stored.Sha256;
        await s3.Client.PutObjectAsync(rotten, Ct);

        Assert.False(await content.VerifyAsync(stored.Sha256, progress: null, Ct));
        await content.StoreAsync(new MemoryStream([1, 2, 3]), stored.Sha256, Ct);
        Assert.True(await content.VerifyAsync(stored.Sha256, progress: null, Ct));
    }

    [Fact]
    public async Task Of_creators_at_once_exactly_one_wins()
    {
        for (var round = 0; round < 10; round++)
        {
            var key = $"round {round}";
            var won = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => WinsAsync(key, [(byte)i]))));

            var winner = Assert.Single(Enumerable.Range(0, 16), i => won[i]);
            Assert.Equal([(byte)winner], await ReadAsync(key));
        }
    }

    [Fact]
    public async Task Creators_of_the_same_large_content_at_once_agree_and_leave_no_parts()
    {
        var stored = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(
            () => new ContentStore(Store).StoreAsync(new Trickle(s_large), i % 2 == 0 ? New.Sha256(s_large) : null, Ct))));

        Assert.Single(stored.Distinct());
        Assert.Equal((1, 0), await LeftAsync());
    }

    [Fact]
    public async Task No_more_parts_are_taken_from_the_content_than_may_be_on_their_way()
    {
        var tuning = new S3Tuning { PartBytes = 5 * MiB, PartsAtOnce = 2 };
        var store = Open(tuning);
        var ahead = 0L;
        var content = new Generated(100 * MiB, async taken =>
        {
            var there = await PartsThereAsync();
            ahead = Math.Max(ahead, taken - there);
        });

        await store.PutAsync("a", content, content.Sha256, Ct);

        // Two on their way or just arrived, and one that is being filled.
        Assert.InRange(ahead, 1, 3 * tuning.PartBytes);
        Assert.Equal(100 * MiB, (await store.HeadAsync("a", Ct))?.Bytes);
    }

    [Fact]
    public async Task Uploads_that_dead_servers_left_are_taken_back_at_a_start_a_week_later_and_no_sooner()
    {
        await s3.Client.InitiateMultipartUploadAsync(_bucket, "lake/half", Ct);
        await s3.Client.InitiateMultipartUploadAsync(_bucket, "others/half", Ct);
        var address = s3.AddressOf(_bucket, "lake");

        await S3Objects.Open(address, s3.SpoolFolder, new S3Tuning(), new Ahead(TimeSpan.FromDays(6))).Objects.CheckAsync(Ct);
        Assert.Equal(2, await s3.CountUploadsAsync(_bucket));
        await S3Objects.Open(address, s3.SpoolFolder, new S3Tuning(), new Ahead(TimeSpan.FromDays(8))).Objects.CheckAsync(Ct);
        Assert.Equal(1, await s3.CountUploadsAsync(_bucket));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IObjectStore Open(S3Tuning tuning) =>
        S3Objects.Open(s3.AddressOf(_bucket), s3.SpoolFolder, tuning, TimeProvider.System).Objects;

    private async Task<bool> WinsAsync(string key, byte[] bytes)
    {
        try
        {
            await PutAsync(key, bytes);
            return true;
        }
        catch (ObjectStoreException e) when (e.Error is ObjectStoreError.Conflict)
        {
            return false;
        }
    }

    private async Task<long> PartsThereAsync()
    {
        var uploads = await s3.Client.ListMultipartUploadsAsync(_bucket, Ct);
        if (uploads.MultipartUploads is not [var upload])
            return 0;
        var parts = await s3.Client.ListPartsAsync(_bucket, upload.Key, upload.UploadId, Ct);
        return parts.Parts?.Sum(p => p.Size ?? 0) ?? 0;
    }

    private async Task<(int Objects, int Uploads)> LeftAsync() =>
        (await s3.CountObjectsAsync(_bucket), await s3.CountUploadsAsync(_bucket));

    private string[] Spooled() => Directory.Exists(s3.SpoolFolder) ? Directory.GetFiles(s3.SpoolFolder) : [];

    private Task<ObjectInfo> PutAsync(string key, byte[] bytes) => Store.PutAsync(key, new MemoryStream(bytes), null, Ct);

    private async Task<byte[]> ReadAsync(string key, long offset = 0)
    {
        await using var stream = await Store.OpenReadAsync(key, offset, null, Ct);
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

    private sealed class Ahead(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
