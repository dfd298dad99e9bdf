using System.Security.Cryptography;
using Catalog.Storage.Files;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Catalog.Tests.Storage.Files;

public sealed class FileHasherTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FileHasher _hasher;

    public FileHasherTests() => _hasher = new(new AllowedRoots([_folder.Path]), TimeProvider.System);

    [Fact]
    public async Task Many_files_are_hashed_in_their_order()
    {
        var paths = Enumerable.Range(0, 500).Select(i => _folder.Write($"{i % 10}/{i} #%.txt", $"content {i}")).ToArray();

        var digests = await _hasher.HashAsync([.. paths.Select(p => Ask(FileUri.FromPath(p)))], progress: null, Ct);

        Assert.Equal(
            paths.Select(p => (new FileInfo(p).Length, Sha256(File.ReadAllBytes(p)), p)),
            digests.Select(d => (d.Bytes, d.Sha256, d.Stamp.Path)));
    }

    [Fact]
    public async Task Files_of_every_size_are_hashed()
    {
        int[] sizes = [0, 1, 524_287, 524_288, 524_289, 3_000_000];
        foreach (var size in sizes)
        {
            var bytes = new byte[size];
            new Random(size).NextBytes(bytes);
            await File.WriteAllBytesAsync(_folder.Join($"{size}"), bytes, Ct);
            var digest = Assert.Single(await _hasher.HashAsync([Ask(_folder.Join($"{size}"))], null, Ct));
            Assert.Equal((size, Sha256(bytes)), (digest.Bytes, digest.Sha256));
        }
    }

    [Fact]
    public async Task What_was_announced_must_be_so()
    {
        var path = _folder.Write("a", "abc");
        var sha256 = Sha256("abc"u8.ToArray());

        Assert.Single(await _hasher.HashAsync([new(path, 3, sha256.ToUpperInvariant())], null, Ct));
        await RefusedAsync("file.changed", new(path, 4, null));
        await RefusedAsync("file.changed", new(path, null, new string('0', 64)));
        await RefusedAsync("file.changed", new(path, 3, "nonsense"));
    }

    [Theory]
    [InlineData("append")]
    [InlineData("truncate")]
    [InlineData("overwrite")]
    [InlineData("replace")]
    [InlineData("remove")]
    public async Task A_file_that_changes_while_it_is_read_is_refused(string how)
    {
        var path = _folder.Join("big");
        await File.WriteAllBytesAsync(path, new byte[4_000_000], Ct);
        File.SetLastWriteTimeUtc(path, new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var reports = new Reports(p =>
        {
            if (p.Bytes is > 0 and < 4_000_000)
                Change(path, how);
        });

        await RefusedAsync("file.changed", Ask(path), reports);
    }

    [Theory]
    [InlineData("append")]
    [InlineData("truncate")]
    [InlineData("overwrite")]
    [InlineData("replace")]
    public async Task A_file_that_changes_after_it_was_hashed_is_refused_when_it_is_read_again(string how)
    {
        var path = _folder.Join("big");
        await File.WriteAllBytesAsync(path, new byte[4_000_000], Ct);
        File.SetLastWriteTimeUtc(path, new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var roots = new AllowedRoots([_folder.Path]);
        var stamp = Assert.Single(await _hasher.HashAsync([Ask(path)], null, Ct)).Stamp;

        Assert.Equal(1, await roots.ReadUnchangedAsync(stamp, "big", _ => Task.FromResult(1)));
        var during = await Assert.ThrowsAsync<FileException>(() => roots.ReadUnchangedAsync(stamp, "big", _ =>
        {
            Change(path, how);
            return Task.FromResult(1);
        }));
        var after = await Assert.ThrowsAsync<FileException>(() => roots.ReadUnchangedAsync(stamp, "big", _ => Task.FromResult(1)));

        Assert.Equal((FileException.Changed, FileException.Changed), (during.Code, after.Code));
    }

    [Fact]
    public async Task The_first_refusal_ends_hashing_and_checking_goes_on()
    {
        var good = _folder.Write("good", "good");
        FileToHash[] files = [Ask(good), Ask(_folder.Join("missing")), Ask("/etc/hostname"), Ask(good)];

        await Assert.ThrowsAsync<FileException>(() => _hasher.HashAsync(files, null, Ct));
        var checks = await _hasher.CheckAsync(files, null, Ct);

        Assert.Equal([null, "file.not_found", "file.outside_roots", null], checks.Select(c => c.Problem?.Code));
        Assert.Equal(checks[0].Digest, checks[3].Digest);
        Assert.Equal(files.Select(f => f.PathOrUri), checks.Select(c => c.PathOrUri));
    }

    [Fact]
    public async Task Progress_grows_and_ends_with_everything()
    {
        var files = Enumerable.Range(0, 200).Select(i => Ask(_folder.Write($"{i}", new string('x', 100)))).ToArray();
        var reports = new Reports(_ => { });

        await _hasher.HashAsync(files, reports, Ct);

        Assert.Equal(new HashProgress(200, 200, 20_000, 20_000), reports.Seen[^1]);
        Assert.Equal(reports.Seen.Select(r => r.Bytes).Order(), reports.Seen.Select(r => r.Bytes));
    }

    [Fact]
    public async Task Progress_is_told_once_an_interval_at_most()
    {
        var files = Enumerable.Range(0, 50).Select(i => Ask(_folder.Write($"{i}", "x"))).ToArray();
        var reports = new Reports(_ => { });

        await new FileHasher(new AllowedRoots([_folder.Path]), new FakeTimeProvider()).HashAsync(files, reports, Ct);

        Assert.Equal([new HashProgress(50, 50, 50, 50)], reports.Seen);
    }

    [Fact]
    public async Task Nothing_to_hash_is_done_at_once()
    {
        var reports = new Reports(_ => { });
        Assert.Empty(await _hasher.HashAsync([], reports, Ct));
        Assert.Equal([new HashProgress(0, 0, 0, 0)], reports.Seen);
    }

    [Fact]
    public async Task Cancellation_stops_within_a_file()
    {
        await File.WriteAllBytesAsync(_folder.Join("big"), new byte[8_000_000], Ct);
        using var source = new CancellationTokenSource();
        var reports = new Reports(_ => source.Cancel());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eager().HashAsync([Ask(_folder.Join("big"))], reports, source.Token));
        Assert.InRange(reports.Seen[^1].Bytes, 1, 7_999_999);
    }

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static FileToHash Ask(string path) => new(path, ExpectedBytes: null, ExpectedSha256: null);

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>A clock that moves a second whenever it is looked at, so that every buffer is reported.</summary>
    private FileHasher Eager() =>
        new(new AllowedRoots([_folder.Path]), new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(1) });

    private async Task RefusedAsync(string code, FileToHash file, IProgress<HashProgress>? progress = null) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<FileException>(() => Eager().HashAsync([file], progress, Ct))).Code);

    private static void Change(string path, string how)
    {
        switch (how)
        {
            case "append":
                File.AppendAllText(path, "more");
                break;
            case "truncate":
                using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                    file.SetLength(3_999_999);
                break;
            case "overwrite":
                using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
                    file.WriteByte(1);
                break;
            case "replace":
                File.WriteAllBytes(path + ".new", new byte[4_000_000]);
                File.SetLastWriteTimeUtc(path + ".new", File.GetLastWriteTimeUtc(path));
                File.Move(path + ".new", path, overwrite: true);
                break;
            default:
                File.Delete(path);
                break;
        }
    }

    private sealed class Reports(Action<HashProgress> onReport) : IProgress<HashProgress>
    {
        public List<HashProgress> Seen { get; } = [];

        public void Report(HashProgress value)
        {
            Seen.Add(value);
            onReport(value);
        }
    }
}
