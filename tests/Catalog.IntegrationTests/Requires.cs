using Catalog.Server.Hosting;

namespace Catalog.IntegrationTests;

/// <summary>What a test needs of its machine. Where it is missing the test is skipped, and fails where everything must be there (<c>CI=true</c>).</summary>
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
