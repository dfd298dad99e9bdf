using System.Security.Cryptography;
using System.Text;
using Catalog.Storage.Objects;
using Xunit;

namespace Catalog.Tests.Storage.Objects;

/// <summary>What every object store promises. An adapter's tests inherit it and say how to open an empty store.</summary>
public abstract class ObjectStoreContract : IDisposable
{
    private const string Key = "a folder/part-0.bin";
    private static readonly byte[] Text = Encoding.UTF8.GetBytes("0123456789");

    protected abstract IObjectStore Store { get; }

    public static TheoryData<string> WeirdKeys => [
        "plain", "a/b/c/d.parquet", "with space", "100% sure", "a%2Fb", "a%252Fb", "what?", "number #1", "quote'\"", "~/home", "a:b",
        "-rf", "x..y", "a/...",
        "emoji/🛫🛬", "日本語", "e\u0301", "trailing.", "a=1/b=2", "*", "[x]", "{y}", "a+b&c", "sha256/ab/" + "0123456789",
        new string('n', 255)];

    public static TheoryData<string> BadKeys => [
        "", "/", "/absolute", "trailing/", "a//b", ".", "..", "../escape", "a/../b", "a/./b", ".hidden/x", "line\nbreak", "nul\0",
        "tab\t", "del\u007f",
        "c1\u0085", "sep\u2028", "back\\slash", "\ud83d", new string('n', 256), string.Join('/', Enumerable.Repeat("segment", 200))];

    [Fact]
    public async Task What_was_put_is_read_back()
    {
        var info = await PutAsync(Key, Text);

        Assert.Equal(new ObjectInfo(Key, 10, Sha256(Text)), info);
        Assert.Equal(Text, await ReadAsync(Key));
        Assert.Equal(
            new ObjectInfo(Key, 10, Sha256: null), await Store.HeadAsync(Key, Ct) is { } head ? head with { Sha256 = null } : null);
    }

    [Fact]
    public async Task An_empty_object_is_an_object()
    {
        await PutAsync(Key, []);

        Assert.Equal(0, (await Store.HeadAsync(Key, Ct))?.Bytes);
        Assert.Empty(await ReadAsync(Key));
        Assert.Empty(await ReadAsync(Key, 5, 5));
        Assert.Empty(await ReadAsync(Key, -5));
    }

    [Fact]
    public async Task A_large_object_survives_whole()
    {
        var bytes = new byte[5_000_003];
        new Random(7).NextBytes(bytes);

        await Store.PutAsync(Key, new Trickle(bytes), Sha256(bytes), Ct);

        Assert.Equal(bytes, await ReadAsync(Key));
        Assert.Equal(bytes[4_999_990..], await ReadAsync(Key, 4_999_990));
    }

    [Theory]
    [InlineData(0, null, "0123456789")]
    [InlineData(3, null, "3456789")]
    [InlineData(3, 4L, "3456")]
    [InlineData(9, 1L, "9")]
    [InlineData(8, 100L, "89")]
    [InlineData(8, long.MaxValue, "89")]
    [InlineData(10, null, "")]
    [InlineData(11, 5L, "")]
    [InlineData(long.MaxValue, null, "")]
    [InlineData(4, 0L, "")]
    [InlineData(-3, null, "789")]
    [InlineData(-3, 2L, "78")]
    [InlineData(-100, null, "0123456789")]
    public async Task A_range_is_what_there_is_of_it(long offset, long? length, string expected)
    {
        await PutAsync(Key, Text);

        Assert.Equal(expected, Encoding.UTF8.GetString(await ReadAsync(Key, offset, length)));
    }

    [Fact]
    public async Task A_missing_object_is_not_found()
    {
        Assert.Null(await Store.HeadAsync("missing", Ct));
        Assert.Null(await Store.HeadAsync("missing/too", Ct));
        await FailsAsync(ObjectStoreError.NotFound, () => Store.OpenReadAsync("missing", 0, null, Ct));
        await FailsAsync(ObjectStoreError.NotFound, () => Store.OpenReadAsync("missing/too", 0, null, Ct));
        await Store.DeleteAsync("missing", Ct);
        await Store.DeleteAsync("missing/too", Ct);
    }

    [Fact]
    public async Task The_same_content_again_is_fine_and_other_content_is_a_conflict()
    {
        await PutAsync(Key, Text);
        Assert.Equal(Sha256(Text), (await PutAsync(Key, Text)).Sha256);

        await FailsAsync(ObjectStoreError.Conflict, () => PutAsync(Key, "9876543210"u8.ToArray()));
        await FailsAsync(ObjectStoreError.Conflict, () => PutAsync(Key, "short"u8.ToArray()));
        Assert.Equal(Text, await ReadAsync(Key));
    }

    [Fact]
    public async Task A_deleted_key_can_be_put_again()
    {
        await PutAsync(Key, Text);
        await Store.DeleteAsync(Key, Ct);

        Assert.Null(await Store.HeadAsync(Key, Ct));
        await PutAsync(Key, "other"u8.ToArray());
        Assert.Equal("other"u8.ToArray(), await ReadAsync(Key));
    }

    [Fact]
    public async Task The_digest_is_checked_in_either_case()
    {
        await Store.PutAsync("lower", new MemoryStream(Text), Sha256(Text), Ct);
        await Store.PutAsync("upper", new MemoryStream(Text), Sha256(Text).ToUpperInvariant(), Ct);

        await FailsAsync(ObjectStoreError.DigestMismatch, () => Store.PutAsync("wrong", new MemoryStream(Text), new string('0', 64), Ct));
        await FailsAsync(ObjectStoreError.DigestMismatch, () => Store.PutAsync("nonsense", new MemoryStream(Text), "nonsense", Ct));
        Assert.Equal(["lower", "upper"], await ListAsync(""));
    }

    [Fact]
    public async Task A_failing_stream_leaves_nothing_behind_and_its_exception_comes_through()
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(
            () => Store.PutAsync(Key, new Trickle(new byte[300_000], failAt: 200_000), null, Ct));
        await Assert.ThrowsAsync<InvalidTimeZoneException>(
            () => Store.PutAsync(ContentStore.KeyOf, new Trickle(new byte[300_000], failAt: 0), null, Ct));

        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task Cancellation_leaves_nothing_behind()
    {
        using var source = new CancellationTokenSource();
        var content = new Trickle(new byte[300_000], at: 200_000, source.CancelAsync);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.PutAsync(Key, content, null, source.Token));

        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task An_object_is_not_seen_before_it_is_whole()
    {
        string[]? listed = null;
        ObjectInfo? head = null;
        var content = new Trickle(
            new byte[300_000], at: 200_000, async () => (listed, head) = (await ListAsync(""), await Store.HeadAsync(Key, Ct)));

        await Store.PutAsync(Key, content, null, Ct);

        Assert.Equal([], listed ?? ["never asked"]);
        Assert.Null(head);
        Assert.Equal([Key], await ListAsync(""));
    }

    [Fact]
    public async Task Of_concurrent_puts_of_one_key_the_same_content_agrees_and_other_content_loses()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(async () =>
        {
            var bytes = Encoding.UTF8.GetBytes(new string((char)('a' + (i % 3)), 100_000));
            try
            {
                return (await Store.PutAsync(Key, new Trickle(bytes), null, Ct)).Sha256;
            }
            catch (ObjectStoreException e) when (e.Error is ObjectStoreError.Conflict)
            {
                return null;
            }
        })));

        Assert.Equal(8, outcomes.Count(o => o is not null));
        Assert.Equal(Sha256(await ReadAsync(Key)), Assert.Single(outcomes.OfType<string>().Distinct()));
    }

    [Fact]
    public async Task A_key_can_be_decided_by_the_content()
    {
        var info = await Store.PutAsync(digest => $"by-digest/{digest}", new MemoryStream(Text), null, Ct);

        Assert.Equal($"by-digest/{Sha256(Text)}", info.Key);
        Assert.Equal(Text, await ReadAsync(info.Key));
    }

    [Fact]
    public async Task Content_that_decides_its_key_replaces_what_is_under_it()
    {
        await PutAsync(Key, "rotten"u8.ToArray());

        await Store.PutAsync(_ => Key, new MemoryStream(Text), null, Ct);

        Assert.Equal(Text, await ReadAsync(Key));
    }

    [Theory]
    [MemberData(nameof(WeirdKeys))]
    public async Task Weird_keys_are_keys(string key)
    {
        await PutAsync(key, Text);

        Assert.Equal(Text, await ReadAsync(key));
        Assert.Equal([key], await ListAsync(""));
        Assert.Equal([key], await ListAsync(key));
        await Store.DeleteAsync(key, Ct);
        Assert.Null(await Store.HeadAsync(key, Ct));
    }

    [Theory]
    [MemberData(nameof(BadKeys))]
    public async Task Bad_keys_are_refused_everywhere(string key)
    {
        await FailsAsync(ObjectStoreError.InvalidKey, () => PutAsync(key, Text));
        await FailsAsync(ObjectStoreError.InvalidKey, () => Store.PutAsync(_ => key, new MemoryStream(Text), null, Ct));
        await FailsAsync(ObjectStoreError.InvalidKey, () => Store.HeadAsync(key, Ct));
        await FailsAsync(ObjectStoreError.InvalidKey, () => Store.OpenReadAsync(key, 0, null, Ct));
        await FailsAsync(ObjectStoreError.InvalidKey, () => Store.DeleteAsync(key, Ct));
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_listing_is_in_the_order_of_utf8_bytes()
    {
        string[] keys = ["B", "a-b", "a.b/c", "a/b", "a/b0", "a0", "ab/x/y", "b\uff5e", "b🛫", "é"];
        foreach (var key in keys.Reverse())
            await PutAsync(key, Text);

        Assert.Equal(keys, await ListAsync(""));
    }

    [Fact]
    public async Task A_listing_starts_with_its_prefix_and_after_a_key()
    {
        foreach (var key in (string[])["p/1", "p/2", "p/2x/deep", "p/3", "pq", "q/1"])
            await PutAsync(key, Text);

        Assert.Equal(["p/1", "p/2", "p/2x/deep", "p/3", "pq"], await ListAsync("p"));
        Assert.Equal(["p/1", "p/2", "p/2x/deep", "p/3"], await ListAsync("p/"));
        Assert.Equal(["p/2", "p/2x/deep"], await ListAsync("p/2"));
        Assert.Equal(["p/2x/deep", "p/3"], await ListAsync("p/", "p/2"));
        Assert.Equal(["p/2x/deep", "p/3", "pq", "q/1"], await ListAsync("", "p/2x"));
        Assert.Equal(["p/3"], await ListAsync("p/", "p/2x/deep"));
        Assert.Empty(await ListAsync("p/4"));
        Assert.Empty(await ListAsync("nothing/there/"));
        Assert.Empty(await ListAsync("../"));
        Assert.Empty(await ListAsync("", "z"));
    }

    [Fact]
    public async Task A_long_listing_can_be_taken_page_by_page()
    {
        var keys = Enumerable.Range(0, 250).Select(i => $"{i % 7}/{i:D5}").Order(StringComparer.Ordinal).ToArray();
        await Parallel.ForEachAsync(keys, async (key, _) => await PutAsync(key, []));

        List<string> paged = [];
        for (string? after = null; ;)
        {
            var page = await Store.ListAsync("", after, Ct).Take(20).Select(o => o.Key).ToListAsync(Ct);
            if (page.Count == 0)
                break;
            paged.AddRange(page);
            after = page[^1];
        }

        Assert.Equal(keys, paged);
        Assert.Equal(keys, await ListAsync(""));
    }

    [Fact]
    public async Task Content_is_stored_once_under_its_digest()
    {
        var content = new ContentStore(Store);
        var stored = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(
            () => content.StoreAsync(new Trickle(Text), i % 2 == 0 ? null : Sha256(Text), Ct))));

        var one = Assert.Single(stored.Distinct());
        Assert.Equal(new StoredContent(Sha256(Text), 10, $"object://sha256/{Sha256(Text)}"), one);
        Assert.Equal([$"sha256/{one.Sha256[..2]}/{one.Sha256}"], await ListAsync(""));
        Assert.Equal(10, await content.FindAsync(one.Sha256, Ct));
        Assert.Null(await content.FindAsync(new string('0', 64), Ct));
        Assert.True(await content.VerifyAsync(one.Sha256, progress: null, Ct));
        Assert.True(ContentStore.TryParseUri(one.Uri, out var parsed) && parsed == one.Sha256);
    }

    [Fact]
    public async Task Content_that_is_not_what_it_said_leaves_nothing_behind()
    {
        var content = new ContentStore(Store);

        await FailsAsync(ObjectStoreError.DigestMismatch, () => content.StoreAsync(new MemoryStream(Text), new string('0', 64), Ct));
        await FailsAsync(ObjectStoreError.InvalidKey, () => content.StoreAsync(new MemoryStream(Text), "../../etc", Ct));
        await NothingIsLeftAsync();
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);

    /// <summary>What the listing cannot show: unfinished uploads. Looked at after every operation that must leave nothing behind.</summary>
    protected abstract Task<int> CountUnfinishedAsync();

    protected Task<ObjectInfo> PutAsync(string key, byte[] bytes) => Store.PutAsync(key, new MemoryStream(bytes), null, Ct);

    protected async Task<byte[]> ReadAsync(string key, long offset = 0, long? length = null)
    {
        await using var stream = await Store.OpenReadAsync(key, offset, length, Ct);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Ct);
        return copy.ToArray();
    }

    protected async Task<string[]> ListAsync(string prefix, string? after = null) =>
        await Store.ListAsync(prefix, after, Ct).Select(o => o.Key).ToArrayAsync(Ct);

    protected static async Task FailsAsync(ObjectStoreError error, Func<Task> action) =>
        Assert.Equal(error, (await Assert.ThrowsAsync<ObjectStoreException>(action)).Error);

    protected static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    private async Task NothingIsLeftAsync()
    {
        Assert.Empty(await ListAsync(""));
        Assert.Equal(0, await CountUnfinishedAsync());
    }
}
