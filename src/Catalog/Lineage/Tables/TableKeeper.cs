using System.Collections.Immutable;
using Catalog.Platform.Projections;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Catalog.Lineage.Tables;

/// <summary>
/// Keeps the tables in step with this server's graph while it leads. A few thousand changes are one transaction, with the position that
/// they lead to. More are several, and the position comes with the last: a long transaction would hold up everybody who follows the log.
/// </summary>
/// <remarks>
/// What the graph has is a matter of the log alone, but for facts that came late, which graphs take in at different times. Those of this
/// graph are written as they come. Where the tables were made from a graph that saw them otherwise, they are filled anew.
/// </remarks>
internal sealed partial class TableKeeper(
    IDocumentStore store, GraphFollower follower, ProjectionLeader leader, TimeProvider clock, ILogger<TableKeeper> log)
    : BackgroundService
{
    private const int AtOnce = 5_000;

    /// <summary>How long changes are gathered.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a position is written that came without changes.</summary>
    private static readonly TimeSpan BetweenPositions = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(2);

    private readonly Guid _writer = Guid.CreateVersion7();
    private readonly TableRows _rows = new();
    private TableProgress? _progress;
    private long _wroteAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Pause;
            try
            {
                if (leader.Leads)
                    await FollowAsync(stoppingToken);
                else
                    Drop();
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Drop();
                LogFails(e, e.Message);
                pause = PauseAfterFailure;
            }

            await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Forgets how the tables are: another writes them, or nobody knows how far a transaction came.</summary>
    private void Drop()
    {
        _progress = null;
        _rows.Forget();
    }

    private async Task FollowAsync(CancellationToken ct)
    {
        var reached = await follower.ReachAsync(_progress?.Position, ct);
        if (!reached.Succeeded)
            return;
        var view = reached.Value;
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        _progress ??= await TakeOverAsync(connection, view, ct);
        if (_progress is not { } progress || (view.Position == progress.Position && view.Late.Count == progress.Late.Count))
            return;

        var late = view.Late.Except(progress.Late);
        var changes = view.ChangesSince(progress.Position, late);
        if (late.Count == 0 && !changes.Any() && clock.GetElapsedTime(_wroteAt) < BetweenPositions)
            return;
        var facts = late.Count > 0
            ? await TableProgress.CountFactsAsync(connection, 0, view.Position, ct)
            : progress.Facts + await TableProgress.CountFactsAsync(connection, progress.Position, view.Position, ct);
        await WriteAsync(connection, view, changes, new TableProgress(LineageFold.Revision, view.Position, facts, view.Late), ct);
    }

    /// <summary>Null until this server's graph has come as far as the tables.</summary>
    private async Task<TableProgress?> TakeOverAsync(NpgsqlConnection connection, GraphView view, CancellationToken ct)
    {
        var found = await TableProgress.TakeOverAsync(connection, _writer, ct);
        var facts = await TableProgress.CountFactsAsync(connection, 0, found.Position, ct);
        if (facts == found.Facts && found.Position > view.Position)
            return null;
        if (found.Fits(view, facts))
            return found;
        LogFillsAnew(view.EdgeCount);
        return await EmptyAsync(connection, ct);
    }

    private async Task<TableProgress> EmptyAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var nothing = new TableProgress(LineageFold.Revision, Position: 0, Facts: 0, ImmutableSortedSet<long>.Empty);
        await InTransactionAsync(
            connection,
            async () =>
            {
                // Whoever reads for long is not waited for by all others: it is tried again later.
                await RunAsync(connection, "set local lock_timeout = '5s'", ct);
                await RunAsync(connection, $"truncate {LineageTables.Edge}, {LineageTables.Node}", ct);
                await nothing.WriteAsync(connection, ct);
            },
            ct);
        return nothing;
    }

    private async Task WriteAsync(
        NpgsqlConnection connection, GraphView view, IEnumerable<EdgeChange> changes, TableProgress reached, CancellationToken ct)
    {
        using var chunks = changes.Chunk(AtOnce).GetEnumerator();
        for (var (isLast, more) = (false, chunks.MoveNext()); !isLast; isLast = !more)
        {
            var chunk = more ? chunks.Current : [];
            more = more && chunks.MoveNext();
            await InTransactionAsync(
                connection,
                async () =>
                {
                    if (chunk.Length > 0)
                        await _rows.PutAsync(connection, view, chunk, ct);
                    if (!more)
                        await reached.WriteAsync(connection, ct);
                },
                ct);
        }

        (_progress, _wroteAt) = (reached, clock.GetTimestamp());
    }

    private async Task InTransactionAsync(NpgsqlConnection connection, Func<Task> work, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);

        // What a crash of the machine takes back is derived again.
        await RunAsync(connection, "set local synchronous_commit = off", ct);
        if (!await TableProgress.HoldAsync(connection, _writer, ct))
            throw new InvalidOperationException("Another server writes the tables of lineage now.");
        await work();
        await transaction.CommitAsync(ct);
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    [LoggerMessage(4101, LogLevel.Warning, "The tables of lineage cannot follow the graph now: {Why}")]
    private partial void LogFails(Exception e, string why);

    [LoggerMessage(4102, LogLevel.Information, "The tables of lineage are filled anew with {Edges} statements.")]
    private partial void LogFillsAnew(int edges);
}
