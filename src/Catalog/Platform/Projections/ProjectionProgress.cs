using Catalog.Lineage.Reported;
using Catalog.Search;
using JasperFx.Events.Projections;
using Marten;
using Npgsql;
using NpgsqlTypes;

namespace Catalog.Platform.Projections;

/// <summary>How far the asynchronous pages have come, and waiting for them: so that a writer reads its own writes.</summary>
internal sealed class ProjectionProgress(IDocumentStore store, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>What takes in what others report.</summary>
    private static readonly string[] s_withReports = [ReportedPages.Name, SearchPages.Name];

    /// <summary>
    /// Waits until every asynchronous page of what was done here includes a position, at most five seconds. What others report comes in
    /// masses and may be far behind: that is waited for by whoever reads it.
    /// </summary>
    /// <returns>Null once it does; else the problem to answer with.</returns>
    public Task<Problem?> WaitForAsync(long? position, CancellationToken ct) => WaitForAsync(Pages, position, ct);

    /// <summary>Waits until also the pages of what others report include a position, at most five seconds.</summary>
    /// <inheritdoc cref="WaitForAsync(long?, CancellationToken)"/>
    public Task<Problem?> WaitForAllAsync(long? position, CancellationToken ct) => WaitForAsync(Shards, position, ct);

    /// <summary>What to answer to a position that the log has not come to.</summary>
    public static Problem Beyond(long position) => Problem.Of(
        "catalog.position_unknown",
        $"The log ends before position {position}: perhaps the catalog was restored from an earlier backup, "
        + "or the position is of another catalog.");

    /// <summary>The position that the slowest asynchronous page includes; 0 when none has run.</summary>
    public Task<long> ReachedAsync(CancellationToken ct) => ReachedAsync(Shards, ct);

    /// <summary>The log's last position; 0 when it is empty.</summary>
    public async Task<long> FindEndAsync(CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"select coalesce(max(seq_id), 0) from {Store.CatalogStore.Schema}.mt_events", connection);
        return (long)(await command.ExecuteScalarAsync(ct) ?? 0L);
    }

    private async Task<Problem?> WaitForAsync(string[] shards, long? position, CancellationToken ct)
    {
        if (position is not { } wanted)
            return null;

        var started = clock.GetTimestamp();
        for (var looked = false; await ReachedAsync(shards, ct) < wanted; looked = true)
        {
            if (!looked && await FindEndAsync(ct) < wanted)
                return Beyond(wanted);

            if (clock.GetElapsedTime(started) > Patience)
                return Problem.Of("catalog.position_not_reached", $"The pages do not include position {wanted} yet; try again shortly.");
            await Task.Delay(Pause, clock, ct);
        }

        return null;
    }

    private async Task<long> ReachedAsync(string[] shards, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            "select coalesce(min(coalesce(p.last_seq_id, 0)), 0) from unnest($1) shard " +
            $"left join {Store.CatalogStore.Schema}.mt_event_progression p on p.name = shard",
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = shards, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        return (long)(await command.ExecuteScalarAsync(ct) ?? 0L);
    }

    /// <summary>The asynchronous projections, by the names that their progress is kept under.</summary>
    public string[] Shards => field ??= [.. store.Options.Events.Projections()
        .Where(p => p.Lifecycle == ProjectionLifecycle.Async)
        .SelectMany(p => p.ShardNames())
        .Select(s => s.Identity)];

    public string[] Pages => field ??= [.. Shards.Where(s => !s_withReports.Contains(s.Split(':')[0]))];
}
