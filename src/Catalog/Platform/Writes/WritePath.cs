using Catalog.Access;
using Catalog.Platform.Http;

namespace Catalog.Platform.Writes;

/// <summary>
/// The one way to write: load the stream's state, decide, append what was decided with who, why and when.
/// Scoped to a request; the commit itself is shared with other requests by <see cref="CommitLanes"/>.
/// </summary>
internal sealed class WritePath(CommitLanes lanes, Caller caller, Gate gate, PolicyFollower policies)
{
    /// <summary>Decides on one stream.</summary>
    /// <param name="stream">Stream id: the text form of an unversioned node.</param>
    /// <param name="decide">Pure; it may run more than once when writers race.</param>
    /// <param name="expectedVersion">Stream version that the caller saw; another one is refused with
    /// <c>request.precondition_failed</c>.</param>
    /// <param name="beside">Rows to store in the same transaction, when the decision is accepted.</param>
    /// <param name="claim">A row that can be there once: where it is there already, nothing is decided and the write is unchanged.</param>
    public Task<Written> DecideAsync<TState>(
        string stream,
        Func<TState?, Decision> decide,
        CancellationToken ct,
        long? expectedVersion = null,
        Action<SideRows, IReadOnlyList<object>>? beside = null,
        Claim? claim = null)
        where TState : class, IState<TState> =>
        SendAsync(new PendingWrite<TState>(stream, decide, expectedVersion, caller.Origin, beside, claim, ct), ct);

    /// <summary>Decides on two streams at once; both versions are asserted in one transaction.</summary>
    public Task<Written> DecideAsync<TFirst, TSecond>(
        string first,
        string second,
        Func<TFirst?, TSecond?, Decision> decide,
        CancellationToken ct,
        Action<SideRows, IReadOnlyList<object>>? beside = null)
        where TFirst : class, IState<TFirst>
        where TSecond : class, IState<TSecond> =>
        SendAsync(new PendingWrite<TFirst, TSecond>(first, second, decide, caller.Origin, beside, ct), ct);

    /// <summary>Decides on several streams of one kind at once; all that was decided is stored in one transaction, or nothing.</summary>
    /// <param name="streams">Stream ids, each once.</param>
    /// <param name="decide">Pure: a decision for each stream, in their order. One refusal refuses all.</param>
    public Task<Written> DecideAsync<TState>(
        IReadOnlyList<string> streams, Func<IReadOnlyList<TState?>, IReadOnlyList<Decision>> decide, CancellationToken ct)
        where TState : class, IState<TState> =>
        SendAsync(new PendingSet<TState>(streams, decide, caller.Origin, ct), ct);

    /// <summary>Decides on several streams of two kinds at once; all that was decided is stored in one transaction, or nothing.</summary>
    /// <param name="first">Stream ids, each once.</param>
    /// <param name="second">Stream ids of the other kind, each once; one stream at least is of either kind.</param>
    /// <param name="decide">Pure: a decision for each stream, in their order, those of the first kind before those of the second.</param>
    public Task<Written> DecideAsync<TFirst, TSecond>(
        IReadOnlyList<string> first,
        IReadOnlyList<string> second,
        Func<IReadOnlyList<TFirst?>, IReadOnlyList<TSecond?>, IReadOnlyList<Decision>> decide,
        CancellationToken ct)
        where TFirst : class, IState<TFirst>
        where TSecond : class, IState<TSecond> =>
        SendAsync(new PendingSets<TFirst, TSecond>(first, second, decide, caller.Origin, ct), ct);

    private async Task<Written> SendAsync(PendingWrite write, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        gate.AssertAsked();
        var written = await lanes.EnqueueAsync(write);

        // What changes who may do what counts from the next request on, so it is not answered before this server decides by it.
        if (written.Decision is Decision.Accepted accepted && policies.IsChangedBy(accepted.Facts)
            && await policies.ReachAsync(written.Position, ct) is { } late)
            throw new ProblemException(late);
        return written;
    }
}

internal static class WrittenToOutcome
{
    /// <summary>The receipt of a write on <paramref name="node"/>, or the problem it was refused with.</summary>
    public static Outcome<Receipt> ToOutcome(this Written written, NodeId node, long? version = null) => written.Decision switch
    {
        Decision.Refused refused => Problem.Refused(refused),
        var decision => new Receipt(node, decision is Decision.Accepted, written.Position, version, written.StreamVersion),
    };
}
