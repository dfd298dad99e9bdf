using Catalog.Platform.Store;
using JasperFx;
using JasperFx.Events.Daemon;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Catalog.Platform.Projections;

/// <summary>
/// Of all servers on one database, one runs the asynchronous projections: the one that holds an advisory lock. When it ends, however it
/// ends, its connection does too, and another takes over.
/// </summary>
internal sealed partial class ProjectionLeader(
    IDocumentStore store, CatalogDatabase database, ProjectionProgress progress, TimeProvider clock, ILogger<ProjectionLeader> log)
    : BackgroundService
{
    /// <summary>The advisory lock's key, in SQL.</summary>
    public const string LockKey = $"hashtextextended('projections:{CatalogStore.Schema}', 0)";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private volatile bool _leads;
    private string? _leftFor;

    /// <summary>Whether this server runs the projections now.</summary>
    public bool Leads => _leads;

    // A daemon that is torn down while it still loads fails in many ways.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        HostedServices.UntilStoppedAsync(StandAsync, Pause, clock, e => LogStepsDown(e, e.Message), stoppingToken);

    /// <summary>Waits for the lock, then leads for as long as the connection that holds it lives and no newer server has to.</summary>
    private async Task StandAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenForLockAsync(ct);
        while (await LeavesItToNewerAsync(connection, ct) || !await TryLockAsync(connection, ct))
            await Task.Delay(Pause, clock, ct);

        LogLeads();
        using var daemon = await store.BuildProjectionDaemonAsync();
        try
        {
            await daemon.StartAllAsync();
            _leads = true;
            var setbacks = new Setbacks(clock);
            while (!await LeavesItToNewerAsync(connection, ct))
            {
                await StartStoppedAsync(daemon, setbacks, ct);
                await Task.Delay(Pause, clock, ct);
            }
        }
        finally
        {
            _leads = false;
            await daemon.StopAllAsync();
        }
    }

    /// <summary>Marten stops a page on an error that lasts, or when another server moved it. Nobody else would start it again.</summary>
    private async Task StartStoppedAsync(IProjectionDaemon daemon, Setbacks setbacks, CancellationToken ct)
    {
        foreach (var shard in progress.Shards)
        {
            if (daemon.StatusFor(shard) == AgentStatus.Running || !setbacks.IsDue(shard))
                continue;
            LogStartsAgain(shard);
            await daemon.StartAgentAsync(shard, ct);
        }
    }

    /// <summary>Whether the log may hold facts that only a newer release knows. Asking also tells whether the connection lives.</summary>
    private async Task<bool> LeavesItToNewerAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var unknown = await KnownFacts.FindUnknownAsync(connection, ct);
        if (unknown is not null && unknown != _leftFor)
            LogLeavesItToNewer(unknown);
        _leftFor = unknown;
        return unknown is not null;
    }

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({LockKey})", connection);
        return (bool)(await command.ExecuteScalarAsync(ct) ?? false);
    }

    [LoggerMessage(1101, LogLevel.Information, "This server runs the asynchronous projections.")]
    private partial void LogLeads();

    [LoggerMessage(1102, LogLevel.Warning, "This server no longer runs the asynchronous projections: {Why}")]
    private partial void LogStepsDown(Exception e, string why);

    [LoggerMessage(1103, LogLevel.Warning, "The projection {Shard} had stopped and is started again; why it stopped is logged above.")]
    private partial void LogStartsAgain(string shard);

    [LoggerMessage(
        1104, LogLevel.Warning, "The log may hold '{Fact}', which a newer release writes: the projections are left to its servers.")]
    private partial void LogLeavesItToNewer(string fact);
}
