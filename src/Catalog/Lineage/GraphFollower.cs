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
    IDocumentStore store, FactRegistry facts, LogSignal signal, GraphSnapshots snapshots, TimeProvider clock, ILogger<GraphFollower> log)
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

    /// <summary>So many facts cost a start less than a tenth of a second.</summary>
    private const int FactsBetweenSnapshots = 20_000;

    /// <summary>What a server that ends saves, so that the next start is quick.</summary>
    private const int FactsWorthSaving = 1_000;

    /// <summary>Saving holds up following while what is remembered of runs is copied.</summary>
    private static readonly TimeSpan BetweenSnapshots = TimeSpan.FromMinutes(2);

    private readonly LogSignal _published = new();
    private volatile TemporalGraph _graph = new();
    private volatile TagHistories _tags = new();
    private volatile bool _isCurrent;

    /// <summary>The graph as this server knows it now.</summary>
    public GraphView Current => _graph.Current;

    /// <summary>Facts that this release cannot take in, since it started: the log says which and why.</summary>
    public int Omitted { get; private set; }

    /// <summary>Which tags things carry: of a graph that was asked for before, at least all that it includes.</summary>
    public TagView CurrentTags => _tags.Current;

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
        var saved = await LoadAsync(tail, stoppingToken);
        var following = new Following(tail, saved?.Fold ?? new LineageFold(), saved?.At.Id ?? Guid.Empty, clock.GetTimestamp());
        (_graph, _tags) = (following.Fold.Graph, following.Fold.Tags);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(following, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFails(e, e.Message);
                await Task.Delay(PauseAfterFailure, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        await following.Saving;
        if (following.NewFacts >= FactsWorthSaving && IsWhole(following))
            await SaveAsync(following);
    }

    private async Task FollowAsync(Following following, CancellationToken ct)
    {
        var committed = signal.NextAsync();
        Take(following, await following.Tail.ReadAsync(ct));
        if (clock.GetElapsedTime(following.LookedForLate) > BetweenLooksForLate)
        {
            Take(following, await following.Tail.ReadLateAsync(ct));
            following.LookedForLate = clock.GetTimestamp();
        }

        SaveWhenDue(following);
        if (following.Tail.HasMore)
            return;
        _isCurrent = true;
        _published.Raise();
        await Task.Delay(PauseBetweenLooks, clock, ct);
        await Task.WhenAny(committed, Task.Delay(following.Tail.IsInDoubt ? PauseInDoubt : Pause, clock, ct));
    }

    private void Take(Following following, IReadOnlyList<LogEntry> entries)
    {
        foreach (var entry in entries)
        {
            Apply(following.Fold, entry);
            if (entry.Position == following.Tail.Position)
                following.LastId = entry.Id;
        }

        following.NewFacts += entries.Count;
        if (entries.Count > 0)
        {
            following.Fold.Tags.Publish(following.Tail.Position);
            _graph.Publish(following.Tail.Position);
            _published.Raise();
        }
    }

    /// <summary>
    /// One fact that cannot be read must not keep all others from being seen. A graph that lacks one is not saved: a release that can read
    /// it then does.
    /// </summary>
    private void Apply(LineageFold fold, LogEntry entry)
    {
        try
        {
            fold.Apply(entry, facts);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Omitted++;
            LogPassesBy(e, entry.Position, e.Message);
        }
    }

    private void SaveWhenDue(Following following)
    {
        var isDue = following.NewFacts >= FactsBetweenSnapshots && following.Saving.IsCompleted
            && (!_isCurrent || clock.GetElapsedTime(following.LastSaved) >= BetweenSnapshots);
        if (isDue && !following.Tail.HasMore && IsWhole(following))
            following.Saving = SaveAsync(following);
    }

    /// <summary>Whether the graph that readers see has all that was read of the log.</summary>
    private bool IsWhole(Following following) => Omitted == 0 && Current.Position == following.Tail.Position;

    /// <summary>What changes is copied before this returns; the rest is written while the graph goes on.</summary>
    private Task SaveAsync(Following following)
    {
        (following.NewFacts, following.LastSaved) = (0, clock.GetTimestamp());
        var place = new LogPlace(following.Tail.Position, following.LastId, [.. following.Tail.Holes], Current.Late);
        return snapshots.SaveAsync(following.Fold.TakeSnapshot(), place);
    }

    private async Task<SavedGraph?> LoadAsync(LogTail tail, CancellationToken ct)
    {
        try
        {
            var saved = await snapshots.LoadAsync(IsOfThisLogAsync, ct);
            if (saved is not null)
            {
                tail.StartAt(saved.At.Position, saved.At.Holes);
                saved.Fold.Graph.TookLate(saved.At.Late);
                LogGoesOn(saved.At.Position);
            }

            return saved;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogFails(e, e.Message);
            return null;
        }
    }

    private async Task<bool> IsOfThisLogAsync(LogPlace place)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync();
        var there = await LogTail.ReadAtAsync(connection, [place.Position], CancellationToken.None, types: []);
        return there is [var fact] && fact.Id == place.Id;
    }

    /// <summary>How far the follower has come.</summary>
    private sealed class Following(LogTail tail, LineageFold fold, Guid lastId, long started)
    {
        public LogTail Tail => tail;

        public LineageFold Fold => fold;

        /// <summary>Of the fact at the tail's position.</summary>
        public Guid LastId { get; set; } = lastId;

        public int NewFacts { get; set; }

        public long LookedForLate { get; set; } = started;

        public long LastSaved { get; set; } = started;

        public Task Saving { get; set; } = Task.CompletedTask;
    }

    [LoggerMessage(4001, LogLevel.Warning, "The lineage graph cannot follow the log now: {Why}")]
    private partial void LogFails(Exception e, string why);

    [LoggerMessage(4005, LogLevel.Information, "The lineage graph goes on from where it was saved, position {Position}.")]
    private partial void LogGoesOn(long position);

    [LoggerMessage(4006, LogLevel.Error, "Lineage leaves out the fact at position {Position}, which cannot be taken in: {Why}")]
    private partial void LogPassesBy(Exception e, long position, string why);
}
