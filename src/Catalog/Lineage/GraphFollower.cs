using Catalog.Platform;
using Catalog.Platform.Log;
using Catalog.Platform.Writes;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.Lineage;

/// <summary>
/// Keeps this server's lineage graph in step with the log. Each server follows by itself; whoever needs to read their own write waits for
/// its position.
/// </summary>
internal sealed partial class GraphFollower(
    IDocumentStore store, FactRegistry facts, LogSignal signal, TimeProvider clock, ILogger<GraphFollower> log)
    : BackgroundService
{
    /// <summary>How long what another server wrote can go unseen: our own commits wake us.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>How long facts are gathered, so that a flood of small commits is not looked at one by one.</summary>
    private static readonly TimeSpan PauseBetweenLooks = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan PauseInDoubt = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BetweenLooksForLate = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly TemporalGraph _graph = new();
    private readonly LogSignal _published = new();
    private volatile bool _isCurrent;

    /// <summary>The graph as this server knows it now.</summary>
    public GraphView Current => _graph.Current;

    /// <summary>
    /// The graph once it includes a position, or all that was in the log when the server started; a problem when that takes too long.
    /// </summary>
    public async Task<Outcome<GraphView>> ReachAsync(long? position, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            var next = _published.NextAsync();
            if (_isCurrent && _graph.Current is var view && view.Position >= (position ?? 0))
                return view;
            var left = Patience - clock.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                return Problem.Of(
                    "catalog.position_not_reached", $"Lineage does not include position {position ?? 0} yet; try again shortly.");
            await Task.WhenAny(next, Task.Delay(left, clock, ct));
            ct.ThrowIfCancellationRequested();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var tail = new LogTail(store, [.. LineageFold.Facts.Select(facts.NameOf)]);
        var fold = new LineageFold(_graph);
        var lookedForLate = clock.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var committed = signal.NextAsync();
                Take(fold, await tail.ReadAsync(stoppingToken), tail.Position);
                if (clock.GetElapsedTime(lookedForLate) > BetweenLooksForLate)
                {
                    Take(fold, await tail.ReadLateAsync(stoppingToken), tail.Position);
                    lookedForLate = clock.GetTimestamp();
                }

                if (tail.HasMore)
                    continue;
                _isCurrent = true;
                _published.Raise();
                await Task.Delay(PauseBetweenLooks, clock, stoppingToken);
                await Task.WhenAny(committed, Task.Delay(tail.IsInDoubt ? PauseInDoubt : Pause, clock, stoppingToken));
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFails(e, e.Message);
                await Task.Delay(PauseAfterFailure, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Take(LineageFold fold, IReadOnlyList<LogEntry> entries, long position)
    {
        foreach (var entry in entries)
            fold.Apply(entry, facts);
        if (position > _graph.Current.Position)
        {
            _graph.Publish(position);
            _published.Raise();
        }
    }

    [LoggerMessage(4001, LogLevel.Warning, "The lineage graph cannot follow the log now: {Why}")]
    private partial void LogFails(Exception e, string why);
}
