using Catalog.Platform.Store;
using JasperFx.Events.Daemon;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Catalog.Platform.Projections;

/// <summary>
/// Of all servers on one database, one runs the asynchronous projections: the one that holds an advisory lock. When it ends, however it ends, its
/// connection does too, and another takes over.
/// </summary>
internal sealed partial class ProjectionLeader(IDocumentStore store, CatalogDatabase database, TimeProvider clock, ILogger<ProjectionLeader> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private volatile bool _leads;

    /// <summary>Whether this server runs the projections now.</summary>
    public bool Leads => _leads;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await StandAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogStepsDown(e, e.Message);
            }

            await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits for the lock, then leads for as long as the connection that holds it lives.</summary>
    private async Task StandAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenForLockAsync(ct);
        while (!await TryLockAsync(connection, ct))
            await Task.Delay(Pause, clock, ct);

        LogLeads();
        using var daemon = await store.BuildProjectionDaemonAsync();
        try
        {
            await daemon.StartAllAsync();
            _leads = true;
            while (true)
            {
                await Task.Delay(Pause, clock, ct);
                await using var alive = new NpgsqlCommand("select 1", connection) { CommandTimeout = 2 };
                await alive.ExecuteScalarAsync(ct);
            }
        }
        finally
        {
            _leads = false;
            await daemon.StopAllAsync();
        }
    }

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock(hashtextextended('projections:{CatalogStore.Schema}', 0))", connection);
        return (bool)(await command.ExecuteScalarAsync(ct) ?? false);
    }

    [LoggerMessage(1101, LogLevel.Information, "This server runs the asynchronous projections.")]
    private partial void LogLeads();

    [LoggerMessage(1102, LogLevel.Warning, "This server no longer runs the asynchronous projections: {Why}")]
    private partial void LogStepsDown(Exception e, string why);
}
