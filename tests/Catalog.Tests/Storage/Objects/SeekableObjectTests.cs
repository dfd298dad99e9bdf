using System.Security.Cryptography;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Cache;
using Catalog.Storage.Objects.Local;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Storage.Objects;

public sealed class SeekableObjectTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Whatever_is_read_in_whatever_order_is_what_the_object_has()
    {
        var (content, bytes, sha256) = await PutAsync(900_000);

        Gen.Select(Gen.Int[0, bytes.Length + 10], Gen.Int[1, 300_000]).Array[1, 10].Sample(
            reads =>
            {
                using var stream = content.OpenSeekable(sha256, bytes.Length);
                foreach (var (at, count) in reads)
                {
                    var read = new byte[count];
                    stream.Seek(at, SeekOrigin.Begin);
                    var length = stream.ReadAtLeast(read, count, throwOnEndOfStream: false);
                    var from = Math.Min(at, bytes.Length);
                    Assert.Equal(bytes[from..Math.Min(bytes.Length, from + count)], read[..length]);
                }
            },
            iter: 100, threads: 1);
    }

    /// <summary>In small steps forward, too, which pass over what is between.</summary>
    [Theory]
    [InlineData(400)]
    [InlineData(60)]
    public async Task Through_a_cache_too_whether_it_has_room_or_not(int blocks)
    {
        const int Block = 4_096;
        using var cache = CachedObjectStore.Open(
            LocalObjects.Open(_folder.Join("objects")),
            new CacheOptions(_folder.Join("cache"), blocks * Block) { BlockBytes = Block }, TimeProvider.System);
        var (content, bytes, sha256) = await PutAsync(900_000, cache);

        Gen.Select(Gen.Int[-10_000, 200_000], Gen.Int[1, 30_000]).Array[1, 20].Sample(
            steps =>
            {
                using var stream = content.OpenSeekable(sha256, bytes.Length);
                foreach (var (gap, count) in steps)
                {
                    var at = (int)Math.Clamp(stream.Position + gap, 0, bytes.Length);
                    var read = new byte[count];
                    stream.Seek(at, SeekOrigin.Begin);
                    var length = stream.ReadAtLeast(read, count, throwOnEndOfStream: false);
                    Assert.Equal(bytes[at..Math.Min(bytes.Length, at + count)], read[..length]);
                }
            },
            iter: 100, threads: 1);
    }

    [Fact]
    public async Task Reading_on_asks_for_more_each_time_and_a_jump_for_little()
    {
        var behind = new FarStore(LocalObjects.Open(_folder.Join("objects")));
        var (content, bytes, sha256) = await PutAsync(8_000_000, behind);
        await using var stream = content.OpenSeekable(sha256, bytes.Length);
        var block = new byte[64 * 1024];

        while (await stream.ReadAsync(block, TestContext.Current.CancellationToken) > 0)
        {
        }

        Assert.InRange(behind.Reads, 2, 8);
        stream.Seek(-10, SeekOrigin.End);
        Assert.Equal(10, await stream.ReadAsync(block, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Where_this_machine_has_the_file_it_is_the_file()
    {
        var local = LocalObjects.Open(_folder.Join("objects"));
        var (content, bytes, sha256) = await PutAsync(1_000, local);

        await using var stream = content.OpenSeekable(sha256, bytes.Length);

        Assert.IsType<FileStream>(stream);
    }

    private async Task<(ContentStore Content, byte[] Bytes, string Sha256)> PutAsync(int length, IObjectStore? store = null)
    {
        var content = new ContentStore(store ?? new FarStore(LocalObjects.Open(_folder.Join("objects"))));
        var bytes = RandomNumberGenerator.GetBytes(length);
        var stored = await content.StoreAsync(new MemoryStream(bytes), sha256: null, TestContext.Current.CancellationToken);
        return (content, bytes, stored.Sha256);
    }
}
