using System.Collections.Immutable;
using Catalog.Access.Policies;
using Catalog.Lineage;
using Catalog.Platform;
using Catalog.Platform.Log;
using Catalog.Platform.Projections;
using Catalog.Platform.Writes;
using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Catalog.Access;

/// <summary>
/// Keeps this server's policies in step with the log: statements, groups, approvals and keys, and the tags that things inherit along
/// lineage. Whoever changes what decides waits for it before they are answered, so that the next request is decided by the change.
/// </summary>
internal sealed partial class PolicyFollower(
    IDocumentStore store, FactRegistry facts, LogSignal signal, GraphFollower graph, StandingPolicies standing,
    ProjectionProgress progress, TimeProvider clock, ILogger<PolicyFollower> log) : BackgroundService
{
    /// <summary>How long what another server wrote can go unseen: our own commits wake us.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan PauseInDoubt = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenLooksForLate = TimeSpan.FromSeconds(5);

    private readonly LogSignal _published = new();
    private ImmutableList<PolicyEntry> _history = [];
    private long _lookedForLate;
    private volatile bool _isRead;

    /// <summary>The policies that stand now.</summary>
    public PolicyView Current => standing.Current;

    /// <summary>Every fact that policies were made of, oldest first.</summary>
    public IReadOnlyList<PolicyEntry> History => Volatile.Read(ref _history);

    /// <summary>Whether all that was in the log when the server started has been read.</summary>
    public bool IsRead => _isRead;

    /// <summary>Waits until decisions include a log position.</summary>
    /// <returns>A problem where that takes too long.</returns>
    public async ValueTask<Problem?> ReachAsync(long position, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            var next = _published.NextAsync();
            if (_isRead && standing.Current.Position >= position)
                return null;
            var left = Patience - clock.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                return Problem.Of(
                    "access.policies_unread", $"Policies do not include position {position} of the log here yet; try again shortly.");
            }

            await Task.WhenAny(next, Task.Delay(left, clock, ct));
            ct.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Whether facts can change what the gate answers here; before policies were read, it answers nobody.</summary>
    public bool IsChangedBy(IReadOnlyList<object> facts)
    {
        if (!_isRead)
            return false;
        var named = standing.Current.Policies.NamedTags;
        foreach (var fact in facts)
        {
            if (PolicyBook.Decides(fact, named))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Waits until it is known which tags a version inherits: one that was made just now is not in the graph yet. Nothing is waited for
    /// while no statement speaks of tags.
    /// </summary>
    public async ValueTask<Problem?> KnowAsync(NodeId version, CancellationToken ct)
    {
        var current = standing.Current;
        if (_isRead && (current.Policies.NamedTags.AreNone || current.Resources is { } known && known.Knows(version)))
            return null;
        return await ReachAsync(await progress.FindEndAsync(ct), ct);
    }

    /// <summary>The policies as they stood at a position, and what things bore then as was known then.</summary>
    public PolicyView At(long position)
    {
        var book = PolicyBook.Empty;
        foreach (var entry in History.TakeWhile(e => e.Position <= position))
            book = book.With(entry.Fact);
        return Compile(book, position, new Moment(position, long.MaxValue));
    }

    /// <summary>The policies that would stand if these statements did.</summary>
    public PolicyView With(PolicyView view, PolicySet set) => Compile(view.Book with { Set = set }, view.Position, MomentOf(view));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var tail = new LogTail(store, [.. PolicyBook.Facts.Select(facts.NameOf)]);
        var book = PolicyBook.Empty;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var committed = signal.NextAsync();
                book = await FollowAsync(tail, book, stoppingToken);
                if (tail.HasMore)
                    continue;
                await PublishAsync(book, tail.Position, stoppingToken);
                await Task.WhenAny(committed, Task.Delay(tail.IsInDoubt ? PauseInDoubt : Pause, clock, stoppingToken));
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFails(e.Message);
                await Task.Delay(PauseAfterFailure, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
    }

    /// <summary>
    /// Takes in what follows, all of it or none: a fact that cannot be read is come back to, and nothing behind it counts.
    /// </summary>
    private async Task<PolicyBook> FollowAsync(LogTail tail, PolicyBook book, CancellationToken ct)
    {
        var (before, holes) = (tail.Position, tail.Holes.ToList());
        try
        {
            var entries = Read(await tail.ReadAsync(ct));
            var late = new List<PolicyEntry>();
            if (clock.GetElapsedTime(_lookedForLate) > BetweenLooksForLate)
            {
                late = Read(await tail.ReadLateAsync(ct));
                _lookedForLate = clock.GetTimestamp();
            }

            if (late.Count > 0)
                return Refold(_history.AddRange(entries).AddRange(late).Sort((a, b) => a.Position.CompareTo(b.Position)));
            Volatile.Write(ref _history, _history.AddRange(entries));
            return entries.Aggregate(book, (known, entry) => known.With(entry.Fact));
        }
        catch
        {
            tail.StartAt(before, holes);
            throw;
        }
    }

    /// <summary>A fact that came late counts from where it stands.</summary>
    private PolicyBook Refold(ImmutableList<PolicyEntry> history)
    {
        Volatile.Write(ref _history, history);
        return history.Aggregate(PolicyBook.Empty, (known, entry) => known.With(entry.Fact));
    }

    private List<PolicyEntry> Read(IReadOnlyList<LogEntry> entries) =>
    [
        .. from entry in entries
           where !entry.Data.IsEmpty
           let fact = entry.ReadFact(facts)
           where fact is not null
           select new PolicyEntry(entry.Position, entry.Time, entry.Principal, fact),
    ];

    private async Task PublishAsync(PolicyBook book, long position, CancellationToken ct)
    {
        // Tags go along lineage: a snapshot that includes a position includes what lineage knew then.
        if (await graph.ReachAsync(position, ct) is { Succeeded: false } late)
        {
            LogFails(late.Problem.Detail);
            return;
        }

        var current = standing.Current;
        if (!_isRead || position != current.Position || !ReferenceEquals(book, current.Book))
            standing.Publish(Compile(book, position, Moment.Latest, current));
        _isRead = true;
        _published.Raise();
    }

    private PolicyView Compile(PolicyBook book, long position, Moment moment, PolicyView? previous = null)
    {
        var (view, tags) = (graph.Current, graph.CurrentTags);
        var names = previous is not null && ReferenceEquals(previous.Book.Set.Statements, book.Set.Statements)
            ? previous.Policies.NamedTags
            : TagNames.Of(book.Set);
        var resources = InheritedTags.Of(view, tags, moment, names, book.Declassified, previous?.Resources);
        var policies = CompiledPolicies.Compile(book.Set, resources, position, previous?.Policies);
        return new PolicyView(policies, book, position, resources);
    }

    private static Moment MomentOf(PolicyView view) => new(view.Position, long.MaxValue);

    [LoggerMessage(2010, LogLevel.Error, "Policies cannot follow the log now, and stay as they are: {Why}")]
    private partial void LogFails(string why);
}

/// <param name="Position">In the log.</param>
/// <param name="Time">When it was recorded.</param>
/// <param name="By">Principal; null where nobody is known.</param>
/// <param name="Fact">What was recorded.</param>
internal sealed record PolicyEntry(long Position, DateTimeOffset Time, string? By, object Fact);
