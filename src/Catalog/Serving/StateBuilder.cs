using Catalog.Features;
using Catalog.Hot;
using Catalog.Serving.Pushing;
using Catalog.Storage.Hot;
using Catalog.Storage.Objects;
using Microsoft.Extensions.Logging;

namespace Catalog.Serving;

/// <summary>
/// Makes the next state that is served from what is declared and the one before. Generations are brought here in the background, or, where
/// a view is served from elsewhere, what they say of themselves; a view goes over to its new one when all that were activated together are
/// here, and keeps the old one until then.
/// </summary>
internal sealed partial class StateBuilder(HotFiles files, PushTail pushes, TimeProvider clock, ILogger<StateBuilder> log)
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly Dictionary<Guid, Coming> _coming = [];
    private TaskCompletionSource _next = New();
    private volatile bool _hasNews;

    /// <summary>Whether a generation came, or could not be had, since the last state was made.</summary>
    public bool HasNews => _hasNews;

    /// <summary>Whether nothing is on its way.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Completes when there is news.</summary>
    public Task NextAsync() => Volatile.Read(ref _next).Task;

    public async Task<ServedState> BuildAsync(Declared declared, ServedState before, long position, CancellationToken ct)
    {
        _hasNews = false;
        foreach (var view in declared.Views)
            Fetch(view, before, ct);
        var notHere = declared.Views.Where(v => !IsHere(v, before)).ToList();
        var late = notHere.Select(v => v.Activation).ToHashSet();

        // What is seen to change together changes together, also where several activations were taken back by one commit: unless one of
        // them cannot be had, for which the others do not wait.
        var isWaiting = notHere.Any(v => v.Active is { } active && _coming.GetValueOrDefault(active.Id)?.Task.IsFaulted is not true);
        IsReady = _coming.Values.All(c => c.Task.IsCompleted);

        var views = new List<HotView>();
        foreach (var view in declared.Views)
        {
            var isLate = late.Contains(view.Activation) || (isWaiting && !IsServed(view, before));
            views.Add(await NextOfAsync(view, Find(before, view), isLate, MissingSince(view, notHere), ct));
        }

        Forget(declared);
        return IsAlike(before, views, declared.Services) ? before : new(views, declared.Services, position, clock.GetUtcNow());
    }

    /// <summary>Whether nothing has changed: then the state stays, and with it the plans that were worked out for it.</summary>
    private static bool IsAlike(ServedState before, List<HotView> views, IReadOnlyList<ServiceVersion> services) =>
        before.Views.Count == views.Count && before.Views.Zip(views).All(v => ReferenceEquals(v.First, v.Second))
        && before.Services.Count == services.Count && before.Services.Zip(services).All(s => IsAlike(s.First, s.Second));

    private static bool IsAlike(ServiceVersion one, ServiceVersion other) =>
        one.Node == other.Node && one.LatencyTarget == other.LatencyTarget && one.Availability.Equals(other.Availability)
        && one.Features.SequenceEqual(other.Features);

    private static HotView Again(HotView before, DeclaredView view, DateTimeOffset? behindSince) =>
        before.BehindSince == behindSince && before.Tags.SetEquals(view.Tags) && before.Tiers.SequenceEqual(view.Tiers)
            ? before
            : before with { Tags = view.Tags, Tiers = view.Tiers, BehindSince = behindSince };

    private static HotView? Find(ServedState before, DeclaredView view) => before.FindView(view.Node).Value;

    private static bool IsServed(DeclaredView view, ServedState before) => Find(before, view)?.Active?.Id == view.Active?.Id;

    private static bool IsMapped(DeclaredView view) => view.Tiers.Contains(ServingTier.Memory);

    private static bool HasAll(HotView? served, DeclaredView view) =>
        served?.Header is not null && (served.Local is not null || !IsMapped(view));

    private bool IsHere(DeclaredView view, ServedState before) => view.Active is not { } active || IsServed(view, before)
        || (_coming.GetValueOrDefault(active.Id)?.Task.IsCompletedSuccessfully ?? false);

    private void Fetch(DeclaredView view, ServedState before, CancellationToken ct)
    {
        if (view.Active is not { } active || (IsServed(view, before) && HasAll(Find(before, view), view)))
            return;
        if (_coming.TryGetValue(active.Id, out var coming) && (coming.IsMapped || !IsMapped(view)) && !IsToBeTriedAgain(coming))
            return;
        _coming[active.Id] = new(Task.Run(() => FetchAsync(view, active, ct), ct), coming?.Since ?? clock.GetUtcNow())
        {
            Began = clock.GetTimestamp(),
            IsMapped = IsMapped(view),
        };
    }

    private bool IsToBeTriedAgain(Coming coming) => coming.Task.IsFaulted && clock.GetElapsedTime(coming.Began) > PauseAfterFailure;

    private async Task<Brought> FetchAsync(DeclaredView view, ActiveGeneration active, CancellationToken ct)
    {
        try
        {
            if (!IsMapped(view))
                return new(null, await files.ReadHeaderAsync(active, ct));
            var generation = await files.OpenAsync(active, ct);
            return new(generation, generation.Header);
        }
        catch (Exception e) when (e is GenerationException or ObjectStoreException or IOException or UnauthorizedAccessException)
        {
            LogCannotHave(active.Id, view.Node.ToString(), e.Message);
            throw;
        }
        finally
        {
            _hasNews = true;
            Interlocked.Exchange(ref _next, New()).TrySetResult();
        }
    }

    /// <summary>Since when a generation cannot be had that was activated together with that of a view; null where all can.</summary>
    private DateTimeOffset? MissingSince(DeclaredView view, IReadOnlyList<DeclaredView> notHere) => notHere
        .Where(v => v.Activation == view.Activation && v.Active is not null)
        .Select(v => _coming.GetValueOrDefault(v.Active?.Id ?? default))
        .Where(c => c is { Task.IsFaulted: true })
        .Min(c => (DateTimeOffset?)c?.Since);

    private async Task<HotView> NextOfAsync(
        DeclaredView view, HotView? before, bool isLate, DateTimeOffset? missing, CancellationToken ct)
    {
        var coming = view.Active is { } wanted ? _coming.GetValueOrDefault(wanted.Id) : null;
        if (isLate && before is not null)
        {
            // Since when it is known of, once one of those that go together could not be had: on their way, nothing is amiss.
            return Again(before, view, missing ?? before.BehindSince);
        }

        if (before is not null && before.Active?.Id == view.Active?.Id && before.Definition.Equals(view.Definition)
            && (HasAll(before, view) || coming is not { Task.IsCompletedSuccessfully: true }) && !before.Overlay.IsWasteful)
            return Again(before, view, behindSince: null);

        var brought = coming is { Task.IsCompletedSuccessfully: true } ? await coming.Task : null;
        var layout = brought?.Local?.Layout ?? RowLayout.Of(view.Active?.Definition ?? view.Definition);
        var overlay = new Overlay(layout, view.Definition.Source.Ties == TieRule.Last);
        await pushes.FillAsync(view.Node, view.Definition, overlay, view.Active?.PushedThrough ?? 0, ct);
        return new(view.Node, view.Definition, view.Tags, view.Active, brought?.Local, overlay)
        {
            Tiers = view.Tiers,
            Header = brought?.Header,
        };
    }

    /// <summary>What is not declared any more is let go of; what is served holds on to itself.</summary>
    private void Forget(Declared declared)
    {
        var wanted = declared.Views.Select(v => v.Active?.Id).ToHashSet();
        foreach (var id in _coming.Keys.Where(id => !wanted.Contains(id)).ToList())
            _coming.Remove(id);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(6003, LogLevel.Warning, "Generation {Generation} of {View} cannot be had now; what was served before goes on: {Why}")]
    private partial void LogCannotHave(Guid generation, string view, string why);

    /// <param name="Task">Brings it.</param>
    /// <param name="Since">When it was first asked for.</param>
    private sealed record Coming(Task<Brought> Task, DateTimeOffset Since)
    {
        public bool IsMapped { get; init; }

        public long Began { get; init; }
    }

    /// <param name="Local">Its rows; null where they are not wanted here.</param>
    /// <param name="Header">What it says of itself.</param>
    private sealed record Brought(Generation? Local, GenerationHeader Header);
}
