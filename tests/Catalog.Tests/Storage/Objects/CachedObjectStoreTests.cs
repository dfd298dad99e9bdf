using System.Text;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Cache;
using Catalog.Storage.Objects.Local;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Catalog.Tests.Storage.Objects;

/// <summary>A cache keeps every promise of a store, and its own: blocks here are 4,096 bytes, and there is room for thirty-two.</summary>
public sealed partial class CachedObjectStoreTests : ObjectStoreContract
{
    private const int Block = 4_096;
    private const int Room = 32 * Block;

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FarStore _behind;
    private CachedObjectStore _cache;

    public CachedObjectStoreTests()
    {
        _behind = new FarStore(LocalObjects.Open(_folder.Join("behind")));
        _cache = Open();
    }

    protected override IObjectStore Store => _cache;

    private string CacheFolder => _folder.Join("cache");

    [Fact]
    public async Task What_was_read_once_is_read_again_without_the_store_behind()
    {
        var bytes = await PutAsync("a", 3 * Block + 5);
        Assert.Equal(bytes, await ReadAsync("a"));
        _behind.IsDown = true;

        Assert.Equal(bytes, await ReadAsync("a"));
        Assert.Equal(bytes[100..200], await ReadAsync("a", 100, 100));
        Assert.Equal(bytes[^7..], await ReadAsync("a", -7));
        Assert.Equal(bytes.Length, (await Store.HeadAsync("a", Ct))?.Bytes);
        Assert.Equal(bytes.Length, _cache.Statistics.BytesFetched);
    }

    [Fact]
    public async Task While_the_store_behind_is_down_only_what_is_not_here_fails()
    {
        var bytes = await PutAsync("a", 4 * Block);
        await ReadAsync("a", 0, Block);
        _behind.IsDown = true;

        Assert.Equal(bytes[..Block], await ReadAsync("a", 0, Block));
        await FailsAsync(ObjectStoreError.Unavailable, () => ReadAsync("a", 2 * Block, 10));
        await FailsAsync(ObjectStoreError.Unavailable, () => Store.OpenReadAsync("b", 0, null, Ct));

        _behind.IsDown = false;
        Assert.Equal(bytes, await ReadAsync("a"));
    }

    [Fact]
    public async Task However_many_read_at_the_same_time_every_block_is_fetched_once()
    {
        var bytes = await PutAsync("a", 8 * Block);
        var gate = new TaskCompletionSource();
        _behind.Gate = gate.Task;

        var readers = Enumerable.Range(0, 16).Select(_ => Task.Run(() => ReadAsync("a"))).ToList();
        gate.SetResult();

        Assert.All(await Task.WhenAll(readers), r => Assert.Equal(bytes, r));
        Assert.Equal(bytes.Length, _cache.Statistics.BytesFetched);
    }

    [Fact]
    public async Task A_range_fetches_no_more_than_the_blocks_it_lies_in()
    {
        await PutAsync("a", 20 * Block);

        await ReadAsync("a", 5 * Block + 1, Block);

        Assert.Equal(2 * Block, _cache.Statistics.BytesFetched);
        Assert.Equal(2 * Block, _cache.Statistics.Bytes);
    }

    [Fact]
    public async Task The_cache_stays_within_its_bound()
    {
        for (var i = 0; i < 40; i++)
        {
            var bytes = await PutAsync($"object-{i}", 3 * Block);
            Assert.Equal(bytes, await ReadAsync($"object-{i}"));
            Assert.InRange(_cache.Statistics.Bytes, 0, Room);
        }

        Assert.True(_cache.Statistics.Evicted >= 29, $"{_cache.Statistics}");
        Assert.InRange(BytesOnDisk(), 1, Room);
    }

    [Fact]
    public async Task A_scan_of_more_than_fits_takes_nothing_from_what_is_used_again_and_again()
    {
        for (var i = 0; i < 6; i++)
            await PutAsync($"hot-{i}", 3 * Block);
        for (var i = 0; i < 100; i++)
            await PutAsync($"epoch-{i}", 2 * Block);
        for (var use = 0; use < 3; use++)
            await UseAsync("hot", 6);

        for (var epoch = 0; epoch < 3; epoch++)
        {
            for (var i = 0; i < 100; i++)
            {
                await ReadAsync($"epoch-{i}");
                if (i % 20 == 0)
                    await UseAsync("hot", 6);
            }
        }

        var before = _cache.Statistics.BytesFetched;
        await UseAsync("hot", 6);
        Assert.Equal(before, _cache.Statistics.BytesFetched);
    }

    [Fact]
    public async Task What_is_held_makes_no_room_whatever_else_is_read_and_is_like_others_once_it_is_not()
    {
        await PutAsync("held", 8 * Block);
        for (var i = 0; i < 60; i++)
            await PutAsync($"other-{i}", 4 * Block);
        _cache.Hold(new HashSet<string> { "held", "not there" });
        await _cache.FillAsync("held", Ct);
        Assert.Equal(8 * Block, _cache.BytesOf("held"));

        await UseAsync("other", 60);
        await UseAsync("other", 60);

        Assert.Equal(8 * Block, _cache.BytesOf("held"));
        Assert.InRange(BytesOnDisk(), 1, Room);
        _cache.Hold(new HashSet<string>());
        for (var round = 0; round < 8; round++)
            await UseAsync("other", 60);
        Assert.Equal(0, _cache.BytesOf("held"));
    }

    [Fact]
    public async Task Many_reads_of_one_whichwithin_a_minute_count_as_one_use()
    {
        await PutAsync("scanned", 4 * Block);
        for (var i = 0; i < 4; i++)
            await ReadAsync("scanned", i * Block, Block);
        for (var i = 0; i < 12; i++)
        {
            await PutAsync($"other-{i}", 4 * Block);
            await ReadAsync($"other-{i}");
        }

        var before = _cache.Statistics.BytesFetched;
        await ReadAsync("scanned");
        Assert.NotEqual(before, _cache.Statistics.BytesFetched);
    }

    [Fact]
    public async Task An_whichlarger_than_its_share_passes_through()
    {
        var small = await PutAsync("small", 3 * Block);
        await ReadAsync("small");
        var large = await PutAsync("large", 3 * Room + 11);

        Assert.Equal(large, await ReadAsync("large"));

        Assert.InRange(_cache.Statistics.Bytes, 3 * Block, 3 * Block + (Room / 4));
        _behind.IsDown = true;
        Assert.Equal(small, await ReadAsync("small"));
    }

    [Fact]
    public async Task What_is_evicted_under_a_reader_is_read_to_its_end()
    {
        var bytes = await PutAsync("read", 6 * Block);
        await using var stream = await Store.OpenReadAsync("read", 0, null, Ct);
        var read = new byte[bytes.Length];
        await stream.ReadExactlyAsync(read.AsMemory(0, Block + 1), Ct);
        for (var i = 0; i < 12; i++)
        {
            await PutAsync($"other-{i}", 6 * Block);
            await ReadAsync($"other-{i}");
        }

        await stream.ReadExactlyAsync(read.AsMemory(Block + 1), Ct);

        Assert.Equal(bytes, read);
    }

    [Fact]
    public async Task An_whichthat_ends_early_fails_and_does_not_hang()
    {
        await PutAsync("a", 8 * Block);
        await ReadAsync("a", 0, 1);
        Cut(_folder.Join("behind/a"), 2 * Block);

        await FailsAsync(ObjectStoreError.Unavailable, () => ReadAsync("a"));
    }

    [Fact]
    public void Two_caches_do_not_share_a_folder() => Assert.Throws<IOException>(Open);

    [Fact]
    public void Options_that_no_cache_could_work_with_are_refused()
    {
        var options = new CacheOptions(_folder.Join("other"), Room) { BlockBytes = 1_000 };

        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => CachedObjectStore.Open(_behind, options, _clock));

        Assert.Equal("BlockBytes", refused.ParamName);
    }

    [Fact]
    public async Task Whatever_ranges_are_read_in_whatever_order_they_are_what_the_whichhas()
    {
        var bytes = await PutAsync("a", 7 * Block + 123);

        await Gen.Select(Gen.Int[-2 * Block, bytes.Length + 10], Gen.Int[0, 3 * Block]).Array[1, 8].SampleAsync(
            async ranges =>
            {
                foreach (var (offset, length) in ranges)
                {
                    var start = offset < 0 ? bytes.Length + offset : Math.Min(offset, bytes.Length);
                    Assert.Equal(bytes[start..Math.Min(bytes.Length, start + length)], await ReadAsync("a", offset, length));
                }
            },
            iter: 200, threads: 4);
    }

    [Fact]
    public async Task Many_readers_of_more_than_fits_read_what_was_put()
    {
        var bytes = new byte[30][];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = await PutAsync($"object-{i}", (i + 1) * Block / 2);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            for (var read = 0; read < 200; read++)
            {
                var which = random.Next(bytes.Length);
                var (from, to) = (random.Next(bytes[which].Length), random.Next(bytes[which].Length));
                (from, to) = (Math.Min(from, to), Math.Max(from, to));
                Assert.Equal(bytes[which][from..to], await ReadAsync($"object-{which}", from, to - from));
                Assert.InRange(_cache.Statistics.Bytes, 0, Room);
            }
        })));

        Assert.Equal(0, _cache.Statistics.Healed);
        Assert.Equal(0, _cache.Statistics.WritesFailed);
    }

    protected override Task<int> CountUnfinishedAsync() =>
        Task.FromResult(Directory.EnumerateFiles(_folder.Join("behind/.uploads")).Count());

    protected override void Dispose(bool disposing)
    {
        _cache.Dispose();
        _folder.Dispose();
    }

    private CachedObjectStore Open() => CachedObjectStore.Open(_behind, new CacheOptions(CacheFolder, Room) { BlockBytes = Block }, _clock);

    private void Reopen()
    {
        _cache.Dispose();
        _cache = Open();
    }

    /// <summary>A use a minute, as inference has it.</summary>
    private async Task UseAsync(string name, int count)
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < count; i++)
            await ReadAsync($"{name}-{i}");
    }

    private async Task<byte[]> PutAsync(string key, int length)
    {
        var bytes = Bytes(length);
        await PutAsync(key, bytes);
        return bytes;
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private string PathOf(string key)
    {
        var name = Sha256(Encoding.UTF8.GetBytes(key));
        return Path.Combine(CacheFolder, name[..2], name);
    }

    private long BytesOnDisk() => Directory.EnumerateFiles(CacheFolder, "*", SearchOption.AllDirectories)
        .Where(f => !f.EndsWith(".map", StringComparison.Ordinal)).Sum(f => new FileInfo(f).Length);
}
