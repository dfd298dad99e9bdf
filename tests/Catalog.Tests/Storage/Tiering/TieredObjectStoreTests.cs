using System.Text;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Local;
using Catalog.Storage.Tiering;
using Catalog.Tests.Storage.Objects;
using Catalog.Tiers;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Storage.Tiering;

/// <summary>An object store with an archive keeps every promise of a store, wherever its objects are.</summary>
public sealed class TieredObjectStoreTests : ObjectStoreContract
{
    private readonly TempFolder _folder = new();
    private readonly FarStore _warm;
    private readonly FarStore _cold;
    private readonly StorageTiers _tiers;

    public TieredObjectStoreTests()
    {
        _warm = new FarStore(LocalObjects.Open(_folder.Join("warm")));
        _cold = new FarStore(LocalObjects.Open(_folder.Join("cold")));
        _tiers = new StorageTiers(Hot: null, _warm, _cold);
        Store = new TieredObjectStore(_warm, _cold);
    }

    protected override IObjectStore Store { get; }

    [Fact]
    public async Task What_was_moved_is_in_one_place_and_read_as_before()
    {
        var sha256 = await StoreAsync("flights");
        var key = ContentStore.KeyOf(sha256);

        Assert.Equal(7, await _tiers.MoveAsync(sha256, Tier.Cold, Ct));

        Assert.Null(await _warm.HeadAsync(key, Ct));
        Assert.Equal("flights"u8.ToArray(), await ReadAsync(key));
        Assert.Equal("light"u8.ToArray(), await ReadAsync(key, 1, 5));
        Assert.Equal(7, (await Store.HeadAsync(key, Ct))?.Bytes);
        Assert.Equal(7, await _tiers.MoveAsync(sha256, Tier.Warm, Ct));
        Assert.Null(await _cold.HeadAsync(key, Ct));
        Assert.Equal("flights"u8.ToArray(), await ReadAsync(key));
    }

    [Fact]
    public async Task What_has_arrived_already_is_left_alone()
    {
        var sha256 = await StoreAsync("flights");
        await _tiers.MoveAsync(sha256, Tier.Cold, Ct);

        Assert.Equal(0, await _tiers.MoveAsync(sha256, Tier.Cold, Ct));
        Assert.Equal(0, await _tiers.MoveAsync(Sha256("nobody's"u8.ToArray()), Tier.Cold, Ct));
        Assert.Equal("flights"u8.ToArray(), await ReadAsync(ContentStore.KeyOf(sha256)));
    }

    [Fact]
    public async Task A_move_that_was_cut_off_between_copy_and_removal_is_finished()
    {
        var sha256 = await StoreAsync("flights");
        await new ContentStore(_cold).StoreAsync(new MemoryStream("flights"u8.ToArray()), sha256, Ct);

        await _tiers.MoveAsync(sha256, Tier.Cold, Ct);

        Assert.Null(await _warm.HeadAsync(ContentStore.KeyOf(sha256), Ct));
        Assert.Equal("flights"u8.ToArray(), await ReadAsync(ContentStore.KeyOf(sha256)));
    }

    [Fact]
    public async Task What_has_rotted_is_not_moved_and_its_place_is_told()
    {
        var sha256 = await StoreAsync("flights");
        await File.WriteAllTextAsync(_folder.Join($"warm/{ContentStore.KeyOf(sha256)}"), "FLIGHTS", Ct);

        await FailsAsync(ObjectStoreError.DigestMismatch, () => _tiers.MoveAsync(sha256, Tier.Cold, Ct));

        Assert.NotNull(await _warm.HeadAsync(ContentStore.KeyOf(sha256), Ct));
        Assert.Null(await _cold.HeadAsync(ContentStore.KeyOf(sha256), Ct));
    }

    [Fact]
    public async Task While_the_archive_is_down_a_move_fails_and_the_object_stays()
    {
        var sha256 = await StoreAsync("flights");
        await _tiers.MoveAsync(sha256, Tier.Cold, Ct);
        _cold.IsDown = true;

        await FailsAsync(ObjectStoreError.Unavailable, () => _tiers.MoveAsync(sha256, Tier.Warm, Ct));
        await FailsAsync(ObjectStoreError.Unavailable, () => ReadAsync(ContentStore.KeyOf(sha256)));

        _cold.IsDown = false;
        Assert.Equal("flights"u8.ToArray(), await ReadAsync(ContentStore.KeyOf(sha256)));
    }

    [Fact]
    public async Task An_object_that_comes_back_while_it_is_looked_for_is_found()
    {
        var sha256 = await StoreAsync("flights");
        await _tiers.MoveAsync(sha256, Tier.Cold, Ct);
        var reader = new TieredObjectStore(_warm, new MovingStore(_cold, () => _tiers.MoveAsync(sha256, Tier.Warm, Ct)));

        await using var content = await reader.OpenReadAsync(ContentStore.KeyOf(sha256), 0, null, Ct);

        using var text = new StreamReader(content);
        Assert.Equal("flights", await text.ReadToEndAsync(Ct));
    }

    [Fact]
    public async Task Whoever_reads_while_everything_moves_there_and_back_reads_what_was_stored()
    {
        var content = new ContentStore(Store);
        var stored = new List<(string Sha256, string Text)>();
        for (var i = 0; i < 100; i++)
            stored.Add((await StoreAsync($"object {i} {new string('x', i * 97)}"), $"object {i} {new string('x', i * 97)}"));
        var moved = false;

        var readers = Enumerable.Range(0, 4).Select(reader => Task.Run(
            async () =>
            {
                var reads = 0;
                for (var i = reader; !Volatile.Read(ref moved); i = (i + 7) % stored.Count, reads++)
                {
                    var (sha256, text) = stored[i];
                    await using var forward = await content.OpenReadAsync(sha256, 0, null, Ct);
                    Assert.Equal(text, await new StreamReader(forward).ReadToEndAsync(Ct));
                    await using var random = content.OpenSeekable(sha256, text.Length);
                    random.Seek(text.Length / 2, SeekOrigin.Begin);
                    Assert.Equal(text[(text.Length / 2)..], await new StreamReader(random).ReadToEndAsync(Ct));
                    Assert.Equal(text.Length, await content.FindAsync(sha256, Ct));
                }

                return reads;
            },
            Ct)).ToList();
        foreach (var to in new[] { Tier.Cold, Tier.Warm, Tier.Cold })
        {
            foreach (var (sha256, text) in stored)
                Assert.Equal(text.Length, await _tiers.MoveAsync(sha256, to, Ct));
        }

        Volatile.Write(ref moved, true);
        Assert.All(await Task.WhenAll(readers), reads => Assert.True(reads > 0));
        Assert.Equal(stored.Count, await Store.ListAsync(ContentStore.KeyPrefix, after: null, Ct).CountAsync(Ct));
    }

    [Fact]
    public void Listing_is_one_list_in_order_wherever_objects_are() => Gen.Int[0, 3].Array[0, 30].Sample(
        places =>
        {
            using var folder = new TempFolder();
            var (warm, cold) = (LocalObjects.Open(folder.Join("warm")), LocalObjects.Open(folder.Join("cold")));
            for (var i = 0; i < places.Length; i++)
            {
                foreach (var place in new[] { (1, warm), (2, cold) }.Where(p => (places[i] & p.Item1) != 0))
                    place.Item2.PutAsync($"k/{i:00}", new MemoryStream([1]), sha256: null, Ct).GetAwaiter().GetResult();
            }

            var listed = new TieredObjectStore(warm, cold).ListAsync("k/", after: null, Ct).Select(o => o.Key).ToListAsync(Ct);

            Assert.Equal(
                Enumerable.Range(0, places.Length).Where(i => places[i] != 0).Select(i => $"k/{i:00}"),
                listed.AsTask().GetAwaiter().GetResult());
        },
        iter: 20);

    [Fact]
    public async Task An_archive_that_is_the_store_itself_is_noticed_under_any_name()
    {
        Assert.True(await _tiers.AreApartAsync(Ct));
        Assert.False(await new StorageTiers(Hot: null, _warm, LocalObjects.Open(_folder.Join("warm"))).AreApartAsync(Ct));
        Assert.Empty(await Store.ListAsync("", after: null, Ct).ToListAsync(Ct));
    }

    protected override Task<int> CountUnfinishedAsync() => Task.FromResult(
        new[] { "warm", "cold" }.Sum(p => Directory.EnumerateFiles(_folder.Join(p + "/.uploads")).Count()));

    protected override void Dispose(bool disposing) => _folder.Dispose();

    private async Task<string> StoreAsync(string text) =>
        (await new ContentStore(Store).StoreAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), sha256: null, Ct)).Sha256;

    /// <summary>Something happens each time before it is asked for an object.</summary>
    private sealed class MovingStore(IObjectStore store, Func<Task> before) : IObjectStore
    {
        public Task<ObjectInfo> PutAsync(string key, Stream content, string? sha256, CancellationToken ct) =>
            store.PutAsync(key, content, sha256, ct);

        public Task<ObjectInfo> PutAsync(Func<string, string> keyOf, Stream content, string? sha256, CancellationToken ct) =>
            store.PutAsync(keyOf, content, sha256, ct);

        public async Task<Stream> OpenReadAsync(string key, long offset, long? length, CancellationToken ct)
        {
            await before();
            return await store.OpenReadAsync(key, offset, length, ct);
        }

        public Task<ObjectInfo?> HeadAsync(string key, CancellationToken ct) => store.HeadAsync(key, ct);

        public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? after, CancellationToken ct) =>
            store.ListAsync(prefix, after, ct);

        public Task DeleteAsync(string key, CancellationToken ct) => store.DeleteAsync(key, ct);

        public Task CheckAsync(CancellationToken ct) => store.CheckAsync(ct);
    }
}
