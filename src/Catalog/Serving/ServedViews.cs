using Catalog.FeatureGenerations;
using Catalog.Hot;
using Catalog.Platform.Log;
using Catalog.Platform.Writes;
using Catalog.Serving.Pushing;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.Serving;

/// <summary>
/// Keeps what this server answers lookups from in step with the log: which generations are active, and which rows were pushed. A flip is a
/// fact that each server acts on: it gets the generation's file ready first, and then puts one immutable state in the place of another.
/// Until then, and where it cannot, the old one goes on.
/// </summary>
internal sealed partial class ServedViews(
    IDocumentStore store, FactRegistry facts, LogSignal signal, ServingDeclarations declarations, StateBuilder builder, PushTail pushes,
    HotFiles files, TimeProvider clock, ILogger<ServedViews> log) : BackgroundService
{
    /// <summary>How long what another server wrote can go unseen: our own commits wake us.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a writer waits for what was written to be served.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How often everything is looked at anew, whatever the log says.</summary>
    private static readonly TimeSpan BetweenWholeLooks = TimeSpan.FromSeconds(5);

    private readonly LogSignal _published = new();
    private volatile ServedState _current = ServedState.Nothing;
    private volatile bool _isWarm;
    private long _lookedAt = clock.GetTimestamp();

    /// <summary>For how long an answer may be from before the last look at the log, and not be called stale.</summary>
    public static TimeSpan StaleAfter { get; } = TimeSpan.FromSeconds(10);

    /// <summary>All that is served now.</summary>
    public ServedState Current => _current;

    /// <summary>Whether every generation that this server is to have in memory is there, or could not be had when it started.</summary>
    public bool IsWarm => _isWarm;

    /// <summary>How long ago the log was last looked at.</summary>
    public TimeSpan Age => clock.GetElapsedTime(Volatile.Read(ref _lookedAt));

    /// <summary>Whether more may have become so than this server knows of.</summary>
    public bool IsBehind => Age > StaleAfter;

    /// <summary>
    /// Waits until something is so on this server, so that whoever wrote can read it back here; not longer than a few seconds, where a
    /// generation is slow to come.
    /// </summary>
    public async Task ReachAsync(Func<ServedState, bool> isSo, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        for (var next = _published.NextAsync(); !isSo(_current); next = _published.NextAsync())
        {
            var left = Patience - clock.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
                return;

            // What was published between the two looks is seen by the second.
            if (!isSo(_current))
                await Task.WhenAny(next, Task.Delay(left, clock, ct));
            ct.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Waits as <see cref="ReachAsync(Func{ServedState, bool}, CancellationToken)"/> does, until generations are served.</summary>
    /// <param name="active">By version of a view.</param>
    public Task ReachAsync(IReadOnlyList<(NodeId View, Guid Generation)> active, CancellationToken ct) =>
        ReachAsync(state => active.All(a => state.FindView(a.View).Value?.Active?.Id == a.Generation), ct);

    /// <inheritdoc cref="ReachAsync(IReadOnlyList{ValueTuple{NodeId, Guid}}, CancellationToken)"/>
    public Task ReachAsync(SwitchedGenerations switched, CancellationToken ct) =>
        ReachAsync([.. switched.Views.Select(v => (v.View, Guid.Parse(v.Generation.Name)))], ct);

    /// <summary>A generation of a view: as it is served, or else brought here.</summary>
    public Task<Generation> OpenAsync(NodeId view, ActiveGeneration generation, CancellationToken ct) =>
        _current.FindView(view).Value is { Local: { } local } served && served.Active?.Id == generation.Id
            ? Task.FromResult(local)
            : files.OpenAsync(generation, ct);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var tail = new LogTail(store, [.. ServingDeclarations.Facts.Select(facts.NameOf)]);
        var (isFollowing, lookedAtAll) = (false, 0L);
        files.Tidy();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!isFollowing)
                {
                    tail.StartAt(await declarations.FindAllAsync(stoppingToken));
                    isFollowing = true;
                }

                var woken = Task.WhenAny(signal.NextAsync(), builder.NextAsync(), pushes.NextAsync());
                var found = await tail.ReadAsync(stoppingToken);
                declarations.Note(found.Where(f => f.Data.Length > 0).Select(f => f.Stream));
                var isDue = found.Any(f => f.Data.Length > 0) || builder.HasNews || !_isWarm
                    || clock.GetElapsedTime(lookedAtAll) > BetweenWholeLooks;
                if (isDue)
                {
                    lookedAtAll = 0;
                    await LookAsync(tail.Position, stoppingToken);
                    lookedAtAll = clock.GetTimestamp();
                }

                await pushes.FollowAsync(_current, stoppingToken);
                Volatile.Write(ref _lookedAt, clock.GetTimestamp());
                if (!tail.HasMore)
                    await Task.WhenAny(woken, Task.Delay(Pause, clock, stoppingToken));
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogCannotFollow(e, e.Message);
                await Task.Delay(PauseAfterFailure, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task LookAsync(long position, CancellationToken ct)
    {
        var declared = await declarations.LoadAsync(ct);
        var next = await builder.BuildAsync(declared, _current, position, ct);
        foreach (var view in next.Views.Where(v => v.Active is not null && IsFlip(v)))
            LogServes(view.Active?.Id ?? default, view.Node.ToString());
        _current = next;
        _published.Raise();
        _isWarm |= builder.IsReady;
        files.Keep(next.Views.Select(v => v.Active?.Sha256).OfType<string>().ToHashSet(StringComparer.Ordinal));
    }

    private bool IsFlip(HotView view) => _current.FindView(view.Node) is not { Succeeded: true, Value: var before }
        || before.Active?.Id != view.Active?.Id;

    [LoggerMessage(6001, LogLevel.Warning, "What is served cannot follow the log now, and goes on as it was: {Why}")]
    private partial void LogCannotFollow(Exception e, string why);

    [LoggerMessage(6002, LogLevel.Information, "Generation {Generation} serves {View}.")]
    private partial void LogServes(Guid generation, string view);
}
