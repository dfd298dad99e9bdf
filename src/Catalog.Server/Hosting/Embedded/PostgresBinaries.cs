using System.Globalization;
using System.Text.RegularExpressions;

namespace Catalog.Server.Hosting;

/// <summary>A place that was looked at, and what was there: <paramref name="Major"/> is null where nothing usable was.</summary>
public sealed record PostgresPlace(string Source, string Folder, int? Major, string Finding);

/// <summary>A folder with a working <c>initdb</c> and <c>postgres</c>.</summary>
public sealed record PostgresBinaries(string Folder, int Major, string Version, string Source)
{
    /// <summary>
    /// Whether the extension <c>pg_trgm</c> is installed with them. Where their extensions are is for the distribution to say; when they
    /// are in none of the usual places, nothing is said against them.
    /// </summary>
    public bool HasTrigrams =>
        ExtensionFolders().Where(f => File.Exists(Path.Combine(f, "plpgsql.control"))).ToList() is var folders
        && (folders.Count == 0 || folders.Exists(f => File.Exists(Path.Combine(f, "pg_trgm.control"))));

    private IEnumerable<string> ExtensionFolders()
    {
        var prefix = Path.GetDirectoryName(Folder) ?? Folder;
        return new[]
        {
            Path.Combine(prefix, "share"), Path.Combine(prefix, "share", "postgresql"),
            Path.Combine(prefix, "share", $"postgresql@{Major}"), $"/usr/share/postgresql/{Major}", $"/usr/share/postgresql{Major}",
        }.Select(share => Path.Combine(share, "extension"));
    }
}

/// <summary>What a search answered: the binaries to use, if any, and every place looked at, in order.</summary>
public sealed record PostgresFinding(PostgresBinaries? Binaries, IReadOnlyList<PostgresPlace> Places);

/// <summary>
/// Where to look. An explicit folder, or <c>CATALOG_POSTGRES_BIN</c>, is the only one looked at: who names a folder means it.
/// </summary>
public sealed partial record PostgresSearch
{
    /// <summary>
    /// The oldest major version with every setting and role the server relies on (<c>client_connection_check_interval</c>).
    /// </summary>
    public const int OldestMajor = 14;

    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    public string? BinFolder { get; init; }

    public string? EnvironmentFolder { get; init; } = Environment.GetEnvironmentVariable("CATALOG_POSTGRES_BIN");

    public string? SearchPath { get; init; } = Environment.GetEnvironmentVariable("PATH");

    /// <summary>Folders of packages and installers; one <c>*</c> stands for the version, and newer ones come first.</summary>
    public IReadOnlyList<string> DistributionFolders { get; init; } =
    [
        "/usr/lib/postgresql/*/bin",
        "/usr/pgsql-*/bin",
        "/usr/libexec/postgresql*",
        "/opt/homebrew/opt/postgresql@*/bin",
        "/usr/local/opt/postgresql@*/bin",
        "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
        "/Applications/Postgres.app/Contents/Versions/*/bin",
        "C:/Program Files/PostgreSQL/*/bin",
    ];

    /// <summary>Where packages fetched with npm are kept.</summary>
    public string CacheFolder { get; init; } = NpmPostgres.DefaultCacheFolder;

    /// <summary>The first place that works, or the first of <paramref name="major"/> where one is wanted and present. Looks no further than
    /// it must, unless <paramref name="everywhere"/> (a full report) is asked for.</summary>
    public Task<PostgresFinding> FindAsync(int? major = null, bool everywhere = false, CancellationToken ct = default) =>
        FindAsync(account: null, major, everywhere, ct);

    internal async Task<PostgresFinding> FindAsync(SystemAccount? account, int? major, bool everywhere, CancellationToken ct)
    {
        var places = new List<PostgresPlace>();
        var usable = new List<PostgresBinaries>();
        foreach (var (source, folder, only) in Candidates())
        {
            var (place, binaries) = await LookAsync(source, folder, account, ct);
            places.Add(place);
            if (binaries is not null)
                usable.Add(binaries);
            var decided = only || (binaries is not null && (major is null || binaries.Major == major));
            if (decided && !everywhere)
                break;
        }

        return new PostgresFinding(Choose(usable, major), places);
    }

    private PostgresBinaries? Choose(List<PostgresBinaries> usable, int? major) =>
        Explicit is { } named
            ? usable.Find(b => b.Source == named.Source)
            : usable.Find(b => b.Major == major) ?? usable.FirstOrDefault();

    /// <summary>Whether an option or the environment names the folder to use.</summary>
    internal bool NamesOneFolder => Explicit is not null;

    private (string Source, string Folder)? Explicit => (BinFolder, EnvironmentFolder) switch
    {
        ({ Length: > 0 } folder, _) => ("option", folder),
        (_, { Length: > 0 } folder) => ("CATALOG_POSTGRES_BIN", folder),
        _ => null,
    };

    private IEnumerable<(string Source, string Folder, bool Only)> Candidates()
    {
        if (Explicit is { } named)
            yield return (named.Source, Path.GetFullPath(named.Folder), true);
        foreach (var folder in (SearchPath ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            if (BehindLinks(folder) is { } real)
                yield return ("PATH", real, false);
        }

        foreach (var folder in DistributionFolders.SelectMany(Expand))
            yield return ("distribution", folder, false);
        foreach (var folder in NpmPostgres.Cached(CacheFolder))
            yield return ("npm cache", folder, false);
    }

    // /usr/local/bin/postgres is often a link into the folder that also holds what initdb needs. A PATH entry without postgres says
    // nothing.
    private static string? BehindLinks(string folder)
    {
        try
        {
            var program = new FileInfo(Path.Combine(folder, Executable("postgres")));
            return program.Exists ? Path.GetDirectoryName((program.ResolveLinkTarget(returnFinalTarget: true) ?? program).FullName) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static async Task<(PostgresPlace, PostgresBinaries?)> LookAsync(
        string source, string folder, SystemAccount? account, CancellationToken ct)
    {
        (PostgresPlace, PostgresBinaries?) Nothing(string finding) => (new PostgresPlace(source, folder, null, finding), null);

        if (!File.Exists(Path.Combine(folder, Executable("postgres"))))
            return Nothing("no postgres here");
        if (!File.Exists(Path.Combine(folder, Executable("initdb"))))
            return Nothing("postgres without initdb");

        // Asked as the user that will run it: binaries under a private home are of no use to another user.
        var ask = Launch.Program(Path.Combine(folder, Executable("postgres")), ["--version"], account);
        var answer = await CommandResult.RunAsync(ask, AnswerLimit, ct);
        if (answer.ExitCode != 0)
            return Nothing($"postgres does not run{(account is null ? "" : $" as '{account.Name}'")}: {FirstLine(answer)}");
        if (VersionNumber().Match(answer.Output) is not { Success: true } version)
            return Nothing($"postgres says '{answer.Output.Trim()}'");
        var major = int.Parse(version.Groups["major"].ValueSpan, CultureInfo.InvariantCulture);
        return major < OldestMajor
            ? Nothing($"PostgreSQL {version.Value} is too old, {OldestMajor} is needed")
            : (new PostgresPlace(source, folder, major, $"PostgreSQL {version.Value}"),
                new PostgresBinaries(folder, major, version.Value, source));
    }

    private static string FirstLine(CommandResult answer) =>
        answer.Errors.Trim().Split('\n')[0] is { Length: > 0 } line ? line : $"exit code {answer.ExitCode}";

    private static IEnumerable<string> Expand(string pattern)
    {
        var star = pattern.IndexOf('*');
        if (star < 0)
            return Directory.Exists(pattern) ? [pattern] : [];
        var parent = pattern[..(pattern.LastIndexOf('/', star) + 1)];
        var rest = pattern.IndexOf('/', star) is > 0 and var slash ? pattern[(slash + 1)..] : "";
        var name = pattern[parent.Length..].Split('/')[0];
        try
        {
            return Directory.Exists(parent)
                ? [.. Directory.GetDirectories(parent, name)
                    .OrderByDescending(f => double.TryParse(Digits().Match(Path.GetFileName(f)).Value, out var number) ? number : 0)
                    .Select(f => Path.TrimEndingDirectorySeparator(Path.Combine(f, rest)))]
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    internal static string Executable(string name) => OperatingSystem.IsWindows() ? name + ".exe" : name;

    [GeneratedRegex(@"(?<=\(PostgreSQL\) )(?<major>\d+)[.\w]*")]
    private static partial Regex VersionNumber();

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex Digits();
}
