using System.Collections.Concurrent;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Serving.Metrics;

namespace Catalog.Serving;

/// <summary>
/// Feature values for whoever asks: the one way to them, behind every door. What is in this process is answered without waiting, locking
/// or allocating; the gate is asked for every view, at every lookup.
/// </summary>
internal sealed class OnlineFeatures(
    ServedViews served, RemoteTiers remote, Gate gate, LookupHashes hashes, Admission admission, LookupMeter meter, ServiceLevels levels,
    TimeProvider clock)
{
    /// <summary>Keys in one request.</summary>
    public const int MostKeys = 10_000;

    private const int MostPlans = 10_000;
    private static readonly ConcurrentBag<OnlineRead> Pool = [];

    /// <summary>All that is served now. What a door worked out for a state is good for that state.</summary>
    public ServedState Current => served.Current;

    /// <summary>Whether this server knows what serves, and has it.</summary>
    public bool IsWarm => served.IsWarm;

    /// <summary>Whether the log was not seen for longer than it should have been.</summary>
    public bool IsBehind => served.IsBehind;

    /// <summary>How to answer for a version of a service.</summary>
    /// <param name="service">Its newest version where none is named.</param>
    public Outcome<ReadPlan> Plan(NodeId service)
    {
        var state = served.Current;
        if (state.Plans.TryGetValue(service.ToString(), out var known))
            return known;
        var found = state.FindService(service);
        return found.Succeeded
            ? Kept(state, service.ToString(), ReadPlan.Of(state, found.Value, levels.Of(found.Value.Node)))
            : found.Problem;
    }

    /// <summary>How to answer for features.</summary>
    public Outcome<ReadPlan> Plan(IReadOnlyList<FeatureRef> features)
    {
        var state = served.Current;
        var text = string.Join('\n', features);
        return state.Plans.TryGetValue(text, out var known) ? known : Kept(state, text, ReadPlan.Of(state, features));
    }

    /// <summary>
    /// Begins a lookup, if the caller may have the values, and there is room for one. The keys of each view are filled in, and then it is
    /// read. It is measured until it is disposed, which is when the answer is written.
    /// </summary>
    public Outcome<OnlineRead> Begin(ReadPlan plan, ServingDoor door)
    {
        ObligedView?[]? obliged = null;
        for (var i = 0; i < plan.Views.Count; i++)
        {
            var view = plan.Views[i].View;
            var may = gate.AskOften(Act.ReadData, view.Node, view.Tags);
            if (may.Denial is { } no)
                return no;
            if (may.Obligations.IsNone)
                continue;
            var bound = plan.Views[i].Obliged.Of(may.Obligations);
            if (!bound.Succeeded)
                return bound.Problem;
            (obliged ??= new ObligedView?[plan.Views.Count])[i] = bound.Value;
        }

        if (!admission.TryEnter())
        {
            meter.Refuse(plan, door);
            return Problem.Of("serving.overloaded", "This server answers as many lookups as it can: ask another, or again in a second.");
        }

        var read = Pool.TryTake(out var pooled) ? pooled : new OnlineRead(Pool.Add);
        read.Admission = admission;
        read.Begin(plan, (clock.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        read.Oblige(obliged);
        read.Measure(meter, door);
        return read.Begun;
    }

    /// <summary>Looks the keys up, and meets what binds who asks.</summary>
    /// <returns>A problem only where no tier answers for a view.</returns>
    public ValueTask<Problem?> ReadAsync(OnlineRead read, CancellationToken ct) =>
        read.IsObliged ? ReadObligedAsync(read, ct) : FindAsync(read, ct);

    private async ValueTask<Problem?> ReadObligedAsync(OnlineRead read, CancellationToken ct)
    {
        if (await FindAsync(read, ct) is { } problem)
            return problem;
        read.Outcome = LookupOutcome.Failed;
        read.MeetObligations(await hashes.GetAsync(ct));
        read.Outcome = LookupOutcome.Answered;
        return null;
    }

    private ValueTask<Problem?> FindAsync(OnlineRead read, CancellationToken ct)
    {
        read.IsStale = served.IsBehind;
        for (var i = 0; i < read.Plan.Views.Count; i++)
        {
            var view = read.Plan.Views[i].View;
            var rows = read.RoomFor(i);
            if (view.Local is null && view.Active is not null)
                return ReadRemoteAsync(read, i, ct);
            Find(read, i, view, rows);
        }

        read.Outcome = LookupOutcome.Answered;
        return default;
    }

    private static void Find(OnlineRead read, int place, HotView view, Span<nint> rows)
    {
        var keys = read.KeysOf(place);
        view.Local?.Find(keys, rows);
        view.Overlay.Prefer(keys, rows);
        read.IsStale |= view.BehindSince is not null;
        read.Answered(place, ServingTier.Memory);
    }

    /// <summary>From the first view on that is not in this process.</summary>
    private async ValueTask<Problem?> ReadRemoteAsync(OnlineRead read, int from, CancellationToken ct)
    {
        read.Outcome = LookupOutcome.Failed;
        try
        {
            var problem = await FindRemoteAsync(read, from, ct);
            read.Outcome = problem is null ? LookupOutcome.Answered : LookupOutcome.Unavailable;
            return problem;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            read.Outcome = LookupOutcome.Cancelled;
            throw;
        }
    }

    private async ValueTask<Problem?> FindRemoteAsync(OnlineRead read, int from, CancellationToken ct)
    {
        for (var i = from; i < read.Plan.Views.Count; i++)
        {
            var view = read.Plan.Views[i].View;
            read.RoomFor(i);
            if (view.Local is not null || view.Active is null)
                Find(read, i, view, read.FoundOf(i));
            else if (await remote.FindAsync(read, i, view, ct) is { } problem)
                return problem;
            else
                view.Overlay.Prefer(read.KeysOf(i), read.FoundOf(i));
            read.IsStale |= view.BehindSince is not null;
        }

        return null;
    }

    private static Outcome<ReadPlan> Kept(ServedState state, string text, Outcome<ReadPlan> plan)
    {
        if (plan.Succeeded && state.Plans.Count < MostPlans)
            state.Plans.TryAdd(text, plan.Value);
        return plan;
    }
}
