using System.Diagnostics;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.Local;
using Xunit;

namespace Catalog.Tests.Storage.Objects;

public sealed class LocalObjectStoreTests : ObjectStoreContract
{
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private readonly TempFolder _folder = new();

    public LocalObjectStoreTests() => Store = LocalObjects.Open(_folder.Join("objects"));

    protected override IObjectStore Store { get; }

    private string Uploads => _folder.Join("objects/.uploads");

    [Fact]
    public async Task Objects_are_plain_files_that_survive_a_restart()
    {
        await PutAsync("a/b.bin", [1, 2, 3]);

        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(_folder.Join("objects/a/b.bin"), Ct));
        Assert.NotNull(await LocalObjects.Open(_folder.Join("objects")).HeadAsync("a/b.bin", Ct));
    }

    [Fact]
    public void Only_the_owner_may_look_in()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Windows has no modes");
        else
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder.Join("objects")));
    }

    [Fact]
    public async Task Uploads_that_nobody_wrote_to_for_a_day_are_removed_at_start_unless_their_lock_is_held()
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var dead = Path.Join(Uploads, "dead");
        var held = Path.Join(Uploads, "held");
        var slow = Path.Join(Uploads, "slow");
        foreach (var upload in (string[])[dead, held, slow])
            await File.WriteAllTextAsync(upload, "half", Ct);
        File.SetLastWriteTimeUtc(dead, now.AddHours(-25));
        File.SetLastWriteTimeUtc(held, now.AddHours(-25));
        File.SetLastWriteTimeUtc(slow, now.AddHours(-23));

        // The kernel keeps the lock for another process too, and drops it when that process dies.
        await using (new FileStream(held, FileMode.Open, FileAccess.ReadWrite, FileShare.Delete))
            LocalObjects.Open(_folder.Join("objects"));

        Assert.Equal(["held", "slow"], Directory.EnumerateFiles(Uploads).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_key_beneath_an_object_and_a_key_above_one_are_refused()
    {
        await PutAsync("a", [1]);
        await PutAsync("b/c", [1]);

        await FailsAsync(ObjectStoreError.InvalidKey, () => PutAsync("a/b", [1]));
        await FailsAsync(ObjectStoreError.InvalidKey, () => PutAsync("a/b/c", [1]));
        await FailsAsync(ObjectStoreError.InvalidKey, () => PutAsync("b", [1]));
        await FailsAsync(ObjectStoreError.NotFound, () => Store.OpenReadAsync("b", 0, null, Ct));
        Assert.Equal(["a", "b/c"], await ListAsync(""));
        Assert.Equal(0, await CountUnfinishedAsync());
    }

    [Fact]
    public async Task Offsets_beyond_four_gigabytes_work()
    {
        await PutAsync("sparse", [1]);
        using (var handle = File.OpenHandle(_folder.Join("objects/sparse"), FileMode.Open, FileAccess.Write))
            RandomAccess.Write(handle, "the end"u8, 5_000_000_000);

        Assert.Equal(5_000_000_007, (await Store.HeadAsync("sparse", Ct))?.Bytes);
        Assert.Equal("the end"u8.ToArray(), await ReadAsync("sparse", 5_000_000_000));
        Assert.Equal("end"u8.ToArray(), await ReadAsync("sparse", -3));
        await using var stream = await Store.OpenReadAsync("sparse", 3_000_000_000, null, Ct);
        Assert.Equal(2_000_000_007, stream.Length);
    }

    [Fact]
    public async Task Rotten_content_is_noticed_and_healed_by_storing_it_again()
    {
        var content = new ContentStore(Store);
        var stored = await content.StoreAsync(new MemoryStream([1, 2, 3]), null, Ct);
        await File.WriteAllBytesAsync(_folder.Join("objects/" + ContentStore.KeyOf(stored.Sha256)), [1, 2, 4], Ct);

        Assert.False(await content.VerifyAsync(stored.Sha256, progress: null, Ct));
        await content.StoreAsync(new MemoryStream([1, 2, 3]), null, Ct);
        Assert.True(await content.VerifyAsync(stored.Sha256, progress: null, Ct));

        await File.WriteAllBytesAsync(_folder.Join("objects/" + ContentStore.KeyOf(stored.Sha256)), [], Ct);
        await content.StoreAsync(new MemoryStream([1, 2, 3]), stored.Sha256.ToUpperInvariant(), Ct);
        Assert.True(await content.VerifyAsync(stored.Sha256, progress: null, Ct));
        Assert.Equal(0, await CountUnfinishedAsync());
    }

    [Fact]
    public async Task A_full_disk_is_out_of_space_and_leaves_nothing_behind()
    {
        await using var disk = await SmallDisk.MountAsync(_folder.Join("disk"), "1m");
        var store = LocalObjects.Open(Path.Join(disk.Path, "objects"));
        await FailsAsync(ObjectStoreError.OutOfSpace, () => store.PutAsync("big", new Trickle(new byte[3_000_000]), null, Ct));

        Assert.Empty(await store.ListAsync("", null, Ct).ToListAsync(Ct));
        await store.PutAsync("small", new MemoryStream(new byte[500_000]), null, Ct);
        await disk.MakeReadOnlyAsync();
        await FailsAsync(ObjectStoreError.ReadOnly, () => store.PutAsync("more", new MemoryStream([1]), null, Ct));
        await FailsAsync(ObjectStoreError.ReadOnly, () => store.DeleteAsync("small", Ct));
        Assert.Equal(500_000, (await store.HeadAsync("small", Ct))?.Bytes);
    }

    [Fact]
    public void Every_fault_has_its_kind()
    {
        Assert.Equal(ObjectStoreError.OutOfSpace, LocalFaults.Translate("k", new IOException("full", NoSpace)).Error);
        Assert.Equal(ObjectStoreError.ReadOnly, LocalFaults.Translate("k", new IOException("read only", ReadOnlyFileSystem)).Error);
        Assert.Equal(ObjectStoreError.Denied, LocalFaults.Translate("k", new UnauthorizedAccessException()).Error);
        Assert.Equal(ObjectStoreError.NotFound, LocalFaults.Translate("k", new DirectoryNotFoundException()).Error);
        Assert.Equal(ObjectStoreError.Unavailable, LocalFaults.Translate("k", new IOException("strange")).Error);
        Assert.All(Enum.GetValues<ObjectStoreError>(), e =>
            Assert.StartsWith("object.", new ObjectStoreException(e, "m").Code, StringComparison.Ordinal));
    }

    protected override Task<int> CountUnfinishedAsync() => Task.FromResult(Directory.EnumerateFileSystemEntries(Uploads).Count());

    protected override void Dispose(bool disposing) => _folder.Dispose();
}
