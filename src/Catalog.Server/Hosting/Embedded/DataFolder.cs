namespace Catalog.Server.Hosting;

/// <summary>
/// Where one server keeps everything. The folder is ours; <c>postgres</c> and <c>postgres-log</c> may belong to a second system user.
/// </summary>
public sealed record DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Traversable = OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private DataFolder(string path) => Root = path;

    public string Root { get; }

    /// <summary>The PostgreSQL cluster. Not made here: it appears whole, by a rename, once it is initialised.</summary>
    public string Postgres => Path.Combine(Root, "postgres");

    public string PostgresLog => Path.Combine(Root, "postgres-log");

    public string Objects => Path.Combine(Root, "objects");

    /// <summary>
    /// Where uploads to a bucket wait until their digest is known, and rows that are put until the last has come. Their files have no
    /// names: the system removes them with the process.
    /// </summary>
    public string Spool => Path.Combine(Root, "spool");

    /// <summary>Blocks of a bucket's objects; nothing is lost with it.</summary>
    public string Cache => Path.Combine(Root, "cache");

    /// <summary>Generations of features that are served from memory; nothing is lost with it.</summary>
    public string Hot => Path.Combine(Root, "hot");

    /// <summary>Secrets, readable by their owner only.</summary>
    public string Keys => Path.Combine(Root, "keys");

    /// <summary>What the lineage graph was when it was last saved. It can be deleted: the log has it all.</summary>
    public string GraphSnapshot => Path.Combine(Lineage, "graph.snapshot");

    private string Lineage => Path.Combine(Root, "lineage");

    public string LockFile => Path.Combine(Root, "catalog.lock");

    /// <summary>Names the folder given, else <c>CATALOG_DATA</c>, else the default of this system. Touches nothing.</summary>
    public static DataFolder Resolve(string? path = null) =>
        new(Path.TrimEndingDirectorySeparator(
            Path.GetFullPath(Given(path) ?? Given(Environment.GetEnvironmentVariable("CATALOG_DATA")) ?? Default())));

    /// <summary>Makes what is missing. Throws <see cref="HostingException"/> where it cannot be entered or written.</summary>
    public void Create()
    {
        try
        {
            MakeFolder(Root, OwnerOnly);
            MakeFolder(Objects, OwnerOnly);
            MakeFolder(Keys, OwnerOnly);
            MakeFolder(Lineage, OwnerOnly);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(Keys, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotUsable(e);
        }
    }

    /// <summary>
    /// Gives PostgreSQL a log folder of its own, and lets its user pass through ours to it. Keys and objects stay closed.
    /// </summary>
    internal async Task ShareWithAsync(SystemAccount? account, CancellationToken ct)
    {
        try
        {
            MakeFolder(PostgresLog, OwnerOnly);
            if (account is null || OperatingSystem.IsWindows())
                return;
            var mode = File.GetUnixFileMode(Root);
            if ((mode | Traversable) != mode)
                File.SetUnixFileMode(Root, mode | Traversable);
            Posix.ChangeOwner(PostgresLog, account);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotUsable(e);
        }

        await DemandReachableAsync(account, ct);
    }

    internal HostingException NotUsable(Exception reason)
    {
        return ClosedAncestor() is not { } closed
            ? new HostingException(
                HostingException.DataReadOnly,
                $"The data folder '{Root}' cannot be written by the user '{Environment.UserName}' ({FirstLine(reason)}): make it "
                + "writable, or choose another with --data or CATALOG_DATA.",
                reason)
            : new HostingException(
                HostingException.DataUnreachable,
                $"The data folder '{Root}' cannot be reached, since the user '{Environment.UserName}' may not enter '{closed}': open "
                + "that folder, or choose another with --data or CATALOG_DATA.",
                reason);
    }

    private string? ClosedAncestor()
    {
        if (OperatingSystem.IsWindows())
            return null;
        foreach (var folder in Ancestors(Root))
        {
            if (Directory.Exists(folder) && !Posix.MayEnter(folder))
                return folder;
        }

        return null;
    }

    // Asked as the other user, since modes alone do not tell (access lists, namespaces, capabilities).
    private async Task DemandReachableAsync(SystemAccount account, CancellationToken ct)
    {
        const string Script = """for folder; do test -x "$folder" || { printf %s "$folder"; exit 1; }; done""";
        string[] folders = [.. Ancestors(Root), Root, PostgresLog];
        var answer = await CommandResult.RunAsync(
            Launch.Program("/bin/sh", ["-c", Script, "sh", .. folders], account), TimeSpan.FromSeconds(10), ct);
        if (answer.ExitCode == 0)
            return;
        throw answer.Output.Length > 0
            ? new HostingException(
                HostingException.DataUnreachable,
                $"PostgreSQL runs as the system user '{account.Name}', which may not enter '{answer.Output}': choose a data folder "
                + "outside it with --data or CATALOG_DATA, such as /var/lib/catalog.")
            : new HostingException(
                HostingException.PostgresFailed,
                $"No program could be started as the system user '{account.Name}' ({answer.Errors.Trim()}): run the server as an "
                + "ordinary user instead of root.");
    }

    private static IEnumerable<string> Ancestors(string path)
    {
        var above = new Stack<string>();
        for (var folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
            above.Push(folder);
        return above;
    }

    private static void MakeFolder(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else if (!Directory.Exists(path))
            MakeFolderOf(path, mode);
    }

    // Parents are ordinary folders: only what is ours is closed to others.
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void MakeFolderOf(string path, UnixFileMode mode)
    {
        if (Path.GetDirectoryName(path) is { } parent)
            Directory.CreateDirectory(parent);
        Directory.CreateDirectory(path, mode);
    }

    private static string Default()
    {
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "catalog");
        if (Environment.IsPrivilegedProcess)
            return "/var/lib/catalog";
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsMacOS())
            return Path.Combine(home, "Library", "Application Support", "catalog");
        return Path.Combine(Given(Environment.GetEnvironmentVariable("XDG_DATA_HOME")) ?? Path.Combine(home, ".local", "share"), "catalog");
    }

    private static string? Given(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;

    private static string FirstLine(Exception e) => e.Message.Split('\n')[0].TrimEnd('.');
}
