using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Catalog.Server.Hosting;

/// <summary>The cluster in the data folder: whether there is one, making it, and whatever still runs on it.</summary>
internal sealed class PostgresCluster(DataFolder data, SystemAccount? account, ILogger logger)
{
    public const string SuperUser = "catalog";
    public const string Auditor = "auditor";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string NewFolder = "postgres.new-";
    private const int OldestMajorWithOwnLocale = 17;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    // The socket lies in a folder only the server's user (and PostgreSQL's) can enter. TCP, where asked for, is the auditor's and takes a
    // password.
    private const string HostBasedAccess = $"""
        # Written by catalog. Unix sockets lie in a private folder; TCP is opened on request only.
        local all {SuperUser} trust
        host all {Auditor} all scram-sha-256

        """;

    /// <summary>The major version of the cluster, or null where there is none yet.</summary>
    public int? Major()
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(data.Postgres, "PG_VERSION"));
            return int.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Foreign(e);
        }
    }

    /// <summary>Makes the cluster beside its place and renames it there, so that it is either whole or absent.</summary>
    public async Task InitialiseAsync(PostgresBinaries binaries, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        logger.Initialising(binaries.Major, data.Postgres);
        ClearPlace();
        var work = Path.Combine(data.Root, NewFolder + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        MakeFolder(work);
        try
        {
            await RunInitDbAsync(binaries, work, ct);
            await WriteAccessAsync(work, ct);
            Directory.Move(work, data.Postgres);
            if (!OperatingSystem.IsWindows())
                Posix.SyncFolder(data.Root);
        }
        catch (Exception)
        {
            Remove(work);
            throw;
        }

        logger.Initialised((long)Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    /// <summary>
    /// Whoever holds the folder lock owns the cluster: a PostgreSQL that still runs on it has lost its server and is stopped.
    /// </summary>
    public async Task EndOrphanAsync(TimeSpan patience, CancellationToken ct)
    {
        if (OperatingSystem.IsWindows() || ReadPidFile() is not { } left || left.ProcessId == Environment.ProcessId)
            return;
        if (!Posix.Send(left.ProcessId, Signal.None))
            return;
        if (!IsPostgresHere(left.ProcessId))
        {
            // The id is another program's by now (usual in containers); PostgreSQL would take that one for a postmaster and refuse.
            logger.StalePidFile(left.ProcessId);
            File.Delete(PidFilePath);
            return;
        }

        if (left.Status == "stopping")
            logger.StillStopping(left.ProcessId);
        else
            logger.OrphanFound(left.ProcessId);
        await EndAsync(left.ProcessId, patience, ct);
    }

    public PidFile? ReadPidFile()
    {
        try
        {
            var lines = File.ReadAllLines(PidFilePath);
            return lines.Length > 0 && int.TryParse(lines[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var id)
                ? new PidFile(Math.Abs(id), lines.Length > 7 ? lines[7].Trim() : "")
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string PidFilePath => Path.Combine(data.Postgres, "postmaster.pid");

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private async Task EndAsync(int processId, TimeSpan patience, CancellationToken ct)
    {
        var insistence = TimeSpan.FromSeconds(5);
        foreach (var (signal, limit) in new[] { (Signal.Int, patience), (Signal.Quit, insistence), (Signal.Kill, insistence) })
        {
            if (signal != Signal.Int)
                logger.Insisting(processId, signal);
            Posix.Send(processId, signal);
            for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < limit; await Task.Delay(Poll, ct))
            {
                if (!Posix.Send(processId, Signal.None) || !IsPostgresHere(processId))
                    return;
            }
        }

        throw new HostingException(
            HostingException.PostgresFailed,
            $"An earlier PostgreSQL (process {processId}) still runs on '{data.Postgres}' and cannot be stopped: end that process, "
            + "then start again.");
    }

    // A postmaster's working directory is its data folder. Where that cannot be read, its name must do.
    private bool IsPostgresHere(int processId)
    {
        try
        {
            if (OperatingSystem.IsLinux())
                return File.ReadAllText($"/proc/{processId}/comm").Trim() is "postgres" or "postmaster" && WorksHere(processId);
            using var process = Process.GetProcessById(processId);
            return process.ProcessName is "postgres" or "postmaster";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }

    // Read through the process's own working directory: the same first lines (id, folder, start time) are the same file, whatever links
    // lead there.
    private bool WorksHere(int processId)
    {
        try
        {
            return File.ReadLines($"/proc/{processId}/cwd/postmaster.pid").Take(3).SequenceEqual(File.ReadLines(PidFilePath).Take(3));
        }
        catch (UnauthorizedAccessException)
        {
            return true;
        }
    }

    private void ClearPlace()
    {
        foreach (var leftover in Directory.GetDirectories(data.Root, NewFolder + "*"))
            Remove(leftover);
        if (!Directory.Exists(data.Postgres))
            return;
        if (Directory.EnumerateFileSystemEntries(data.Postgres).Any())
        {
            throw new HostingException(
                HostingException.PostgresFailed,
                $"The folder '{data.Postgres}' holds files that are no PostgreSQL cluster: move them away, or choose another data "
                + "folder with --data or CATALOG_DATA.");
        }

        Directory.Delete(data.Postgres);
    }

    private void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, OwnerOnly);
        if (account is not null)
            Posix.ChangeOwner(folder, account);
    }

    private async Task RunInitDbAsync(PostgresBinaries binaries, string folder, CancellationToken ct)
    {
        // Byte order sorts the same on every machine and survives upgrades of the C library. Only letter case follows Unicode, where it
        // can.
        string[] first = binaries.Major >= OldestMajorWithOwnLocale
            ? ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            : ["--locale=C", "--lc-ctype=C.UTF-8"];
        var (exitCode, lines) = await RunInitDbAsync(binaries, folder, first, ct);
        if (exitCode != 0 && lines.Any(line => line.Contains("locale")))
            (exitCode, lines) = await RunInitDbAsync(binaries, folder, ["--locale=C"], ct);
        if (exitCode != 0)
            throw Failed($"initdb of PostgreSQL {binaries.Version} could not make a cluster in '{data.Root}'", lines);
    }

    private async Task<(int ExitCode, IReadOnlyList<string> Lines)> RunInitDbAsync(
        PostgresBinaries binaries, string folder, string[] locale, CancellationToken ct)
    {
        string[] arguments = ["-D", folder, "-U", SuperUser, "-E", "UTF8", .. locale, "--auth=trust", "--data-checksums"];
        var program = Path.Combine(binaries.Folder, PostgresSearch.Executable("initdb"));
        var child = await Child.StartAsync(Launch.Dependent(program, arguments, account, Signal.Kill));
        await using var cancelled = ct.Register(() => child.Send(Signal.Int));
        var exitCode = await child.Exited;
        ct.ThrowIfCancellationRequested();
        return (exitCode, child.Lines);
    }

    private static async Task WriteAccessAsync(string folder, CancellationToken ct)
    {
        await using var file = new FileStream(Path.Combine(folder, "pg_hba.conf"), FileMode.Truncate, FileAccess.Write);
        await file.WriteAsync(System.Text.Encoding.ASCII.GetBytes(HostBasedAccess), ct);
        file.Flush(flushToDisk: true);
    }

    private void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LeftBehind(e, folder);
        }
    }

    private HostingException Foreign(Exception reason) => new(
        HostingException.DataUnreachable,
        $"The PostgreSQL cluster in '{data.Postgres}' cannot be read by the user '{Environment.UserName}': "
        + "start the server as the user that made it, or choose another data folder with --data or CATALOG_DATA.",
        reason);

    public static HostingException Failed(string what, IReadOnlyList<string> lines) => new(
        HostingException.PostgresFailed,
        $"{what}; its last words were: {(lines.Count == 0 ? "(none)" : "\n  " + string.Join("\n  ", lines.TakeLast(8)))}");
}

/// <summary>What <c>postmaster.pid</c> says: the process, and "starting", "ready" or "stopping".</summary>
internal sealed record PidFile(int ProcessId, string Status);
