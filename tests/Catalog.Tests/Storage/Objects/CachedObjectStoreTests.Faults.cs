using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Cache;
using Xunit;

namespace Catalog.Tests.Storage.Objects;

// Restarts, damage, full disks, readers that give up.
public sealed partial class CachedObjectStoreTests
{
    [Fact]
    public async Task A_restart_finds_what_was_there()
    {
        var (a, b) = (await PutAsync("a", 3 * Block + 1), await PutAsync("b", 2 * Block));
        await ReadAsync("a");
        await ReadAsync("b", Block, 10);

        Reopen();
        _behind.IsDown = true;

        Assert.Equal(a, await ReadAsync("a"));
        Assert.Equal(b[Block..(Block + 10)], await ReadAsync("b", Block, 10));
        await FailsAsync(ObjectStoreError.Unavailable, () => ReadAsync("b", 0, 10));
        Assert.Equal(a.Length + Block, _cache.Statistics.Bytes);
    }

    [Fact]
    public async Task A_restart_survives_maps_and_files_that_were_cut_off_or_overwritten()
    {
        var bytes = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var key in (string[])["cut map", "no map", "cut data", "nonsense", "whole"])
        {
            bytes[key] = await PutAsync(key, 3 * Block);
            await ReadAsync(key);
        }

        _cache.Dispose();
        Cut(PathOf("cut map") + ".map", 5);
        File.Delete(PathOf("no map") + ".map");
        Cut(PathOf("cut data"), Block + 1);
        await File.WriteAllTextAsync(PathOf("nonsense") + ".map", "nonsense", Ct);
        _cache = Open();

        foreach (var (key, content) in bytes)
            Assert.Equal(content, await ReadAsync(key));
        _behind.IsDown = true;
        foreach (var (key, content) in bytes)
            Assert.Equal(content, await ReadAsync(key));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_damaged_block_is_noticed_and_fetched_again(bool restarted)
    {
        var bytes = await PutAsync("a", 3 * Block);
        await ReadAsync("a");
        Damage(PathOf("a"), Block + 17);
        if (restarted)
            Reopen();
        else
            _clock.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(bytes, await ReadAsync("a"));
        Assert.Equal(1, _cache.Statistics.Healed);
        _behind.IsDown = true;
        Assert.Equal(bytes, await ReadAsync("a"));
        Assert.Equal(bytes.Length, _cache.Statistics.Bytes);
    }

    [Fact]
    public async Task A_block_that_was_checked_a_moment_ago_is_read_in_parts_without_being_read_whole()
    {
        var bytes = await PutAsync("a", 3 * Block);
        await ReadAsync("a");
        var before = _cache.Statistics.BytesFromCache;

        Assert.Equal(bytes[(Block + 7)..(Block + 17)], await ReadAsync("a", Block + 7, 10));
        Assert.Equal(before + 10, _cache.Statistics.BytesFromCache);
        _clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(bytes[(Block - 5)..(Block + 5)], await ReadAsync("a", Block - 5, 10));
        Assert.Equal(before + 10 + (2 * Block), _cache.Statistics.BytesFromCache);
    }

    [Fact]
    public async Task Content_that_is_not_what_its_key_names_is_not_kept()
    {
        var content = new ContentStore(Store);
        var good = await content.StoreAsync(new MemoryStream(Bytes(5 * Block)), sha256: null, Ct);
        var rotten = await content.StoreAsync(new MemoryStream(Bytes(5 * Block + 1)), sha256: null, Ct);
        Damage(_folder.Join($"behind/{ContentStore.KeyOf(rotten.Sha256)}"), 7);

        await ReadAsync(ContentStore.KeyOf(good.Sha256));
        await FailsAsync(ObjectStoreError.DigestMismatch, () => ReadAsync(ContentStore.KeyOf(rotten.Sha256)));

        // Who reads a block beside the one that showed it is told before the cache has let go of all.
        Assert.True(SpinWait.SpinUntil(() => _cache.Statistics.Bytes == 5 * Block, TimeSpan.FromSeconds(10)));
        Assert.True(_cache.IsVerified(ContentStore.KeyOf(good.Sha256)));
        Assert.False(_cache.IsVerified(ContentStore.KeyOf(rotten.Sha256)));
    }

    [Fact]
    public async Task Content_that_came_in_pieces_is_checked_when_it_is_whole()
    {
        var content = Bytes(5 * Block + 9);
        var stored = await new ContentStore(Store).StoreAsync(new MemoryStream(content), sha256: null, Ct);
        var key = ContentStore.KeyOf(stored.Sha256);

        foreach (var block in (int[])[5, 3, 0, 1, 4])
            await ReadAsync(key, block * Block, 1);
        Assert.False(_cache.IsVerified(key));
        await ReadAsync(key, 2 * Block, 1);

        Assert.True(_cache.IsVerified(key));
        Assert.Equal(content, await File.ReadAllBytesAsync(PathOf(key), Ct));
        Reopen();
        Assert.True(_cache.IsVerified(key));
        Damage(PathOf(key), Block + 1);
        await ReadAsync(key);
        Reopen();
        Assert.False(_cache.IsVerified(key));
    }

    [Fact]
    public async Task While_the_disk_takes_nothing_reads_go_on_without_the_cache()
    {
        var bytes = await PutAsync("a", 5 * Block);
        var folder = Path.GetDirectoryName(PathOf("a")) ?? "";
        await File.WriteAllTextAsync(folder, "a file where a folder must be", Ct);

        Assert.Equal(bytes, await ReadAsync("a"));
        Assert.Equal((0, 1), (_cache.Statistics.Bytes, _cache.Statistics.WritesFailed));
        Assert.Equal(bytes, await ReadAsync("a"));
        Assert.Equal(1, _cache.Statistics.WritesFailed);

        File.Delete(folder);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await ReadAsync("a");
        _behind.IsDown = true;
        Assert.Equal(bytes, await ReadAsync("a"));
    }

    [Fact]
    public async Task On_a_disk_that_is_full_reads_go_on_without_the_cache_and_what_fitted_stays()
    {
        await using var disk = await SmallDisk.MountAsync(_folder.Join("disk"), "256k");
        using var cache = CachedObjectStore.Open(
            _behind, new CacheOptions(Path.Join(disk.Path, "cache"), 1 << 30) { BlockBytes = Block, FetchBlocks = 2 }, _clock);
        var (small, large) = (await PutAsync("small", 3 * Block), await PutAsync("large", 200 * Block + 9));
        Assert.Equal(small, await ReadAsync(cache, "small"));

        Assert.Equal(large, await ReadAsync(cache, "large"));
        Assert.Equal(large, await ReadAsync(cache, "large"));

        Assert.InRange(cache.Statistics.WritesFailed, 1, 10);
        Assert.InRange(cache.Statistics.Bytes, 3 * Block, 256 * 1024);
        _behind.IsDown = true;
        Assert.Equal(small, await ReadAsync(cache, "small"));
        await FailsAsync(ObjectStoreError.Unavailable, () => ReadAsync(cache, "large"));
    }

    [Fact]
    public async Task A_reader_that_gives_up_spoils_nothing_for_others()
    {
        var bytes = await PutAsync("a", 8 * Block);
        var gate = new TaskCompletionSource();
        _behind.Gate = gate.Task;
        using var gaveUp = new CancellationTokenSource();
        await using var stream = await Store.OpenReadAsync("a", 0, null, Ct);
        var first = stream.ReadAsync(new byte[10], gaveUp.Token).AsTask();
        var second = ReadAsync("a");

        await gaveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        Assert.Equal(bytes, await second);
        Assert.Equal(bytes.Length, _cache.Statistics.BytesFetched);
    }

    private static async Task<byte[]> ReadAsync(IObjectStore store, string key)
    {
        await using var stream = await store.OpenReadAsync(key, 0, null, Ct);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Ct);
        return copy.ToArray();
    }

    private static void Damage(string path, long at)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(at, SeekOrigin.Begin);
        var was = file.ReadByte();
        file.Seek(at, SeekOrigin.Begin);
        file.WriteByte((byte)(was ^ 0x55));
    }

    private static void Cut(string path, int to)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.SetLength(to < 0 ? file.Length + to : to);
    }
}
