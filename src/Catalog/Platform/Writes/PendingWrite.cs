
namespace Catalog.Platform.Writes;

/// <summary>
/// One caller's write on its way through <see cref="CommitQueue"/>: the streams it decides on, and the decision to take on them.
/// </summary>
internal abstract class PendingWrite(FactOrigin origin, Action<SideRows, IReadOnlyList<object>>? beside, Claim? claim, CancellationToken ct)
{
    private readonly TaskCompletionSource<Written> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Who asked, why and in what context: stamped on each fact.</summary>
    public FactOrigin Origin { get; } = origin;

    /// <summary>Rows stored in the same transaction as the facts (manifests, labels). Runs only when the decision is accepted.</summary>
    public Action<SideRows, IReadOnlyList<object>>? Beside { get; } = beside;

    /// <summary>What makes the write one that can be made once; null for writes whose state says so.</summary>
    public Claim? Claim { get; } = claim;

    /// <summary>The first stream decided on.</summary>
    public abstract string Stream { get; }

    public Task<Written> Completion => _done.Task;

    public bool Abandoned => ct.IsCancellationRequested;

    /// <summary>How often another writer came first.</summary>
    public int RacesLost { get; private set; }

    public int LoseRace() => ++RacesLost;

    /// <summary>Asks for the streams this write decides on, all in the batch's one round trip.</summary>
    public abstract void Load(StreamsInPlay streams);

    /// <summary>The streams decided on; the first is the one the caller is told about.</summary>
    public abstract IReadOnlyList<IStreamInPlay> Of(StreamsInPlay streams);

    /// <summary>Decides on the streams as they stand now.</summary>
    public abstract Decision DecideOn(StreamsInPlay streams);

    /// <summary>The stream a fact of this write belongs to.</summary>
    public abstract IStreamInPlay StreamOf(object fact, StreamsInPlay streams, FactRegistry facts);

    public void Complete(Written written) => _done.TrySetResult(written);

    public void Fail(Exception error) => _done.TrySetException(error);

    public void Cancel() => _done.TrySetCanceled(ct);
}

/// <summary>What became of a write.</summary>
/// <param name="Decision">As decided.</param>
/// <param name="Position">Highest log position that the answer rests on.</param>
/// <param name="StreamVersion">Facts on the first stream after the write.</param>
/// <param name="State">The first stream's state after the write; null when there is no such stream.</param>
internal sealed record Written(Decision Decision, long Position, long StreamVersion, object? State);

internal sealed class PendingWrite<TState>(
    string stream,
    Func<TState?, Decision> decide,
    long? expectedVersion,
    FactOrigin origin,
    Action<SideRows, IReadOnlyList<object>>? beside,
    Claim? claim,
    CancellationToken ct)
    : PendingWrite(origin, beside, claim, ct)
    where TState : class, IState<TState>
{
    public override string Stream => stream;

    public override void Load(StreamsInPlay streams) => streams.Fetch<TState>(stream);

    public override IReadOnlyList<IStreamInPlay> Of(StreamsInPlay streams) => [streams.Get<TState>(stream)];

    public override Decision DecideOn(StreamsInPlay streams)
    {
        var only = streams.Get<TState>(stream);
        return expectedVersion is { } expected && only.State is not null && only.Version != expected
            ? Decision.Refuse(
                "request.precondition_failed", $"'{stream}' has changed since: its ETag is \"{only.Version}\", not \"{expected}\".")
            : decide(only.State);
    }

    public override IStreamInPlay StreamOf(object fact, StreamsInPlay streams, FactRegistry facts) => streams.Get<TState>(stream);
}

/// <summary>A write on two streams at once: each fact goes to the stream its registration names, and both versions are asserted.</summary>
internal sealed class PendingWrite<TFirst, TSecond>(
    string first,
    string second,
    Func<TFirst?, TSecond?, Decision> decide,
    FactOrigin origin,
    Action<SideRows, IReadOnlyList<object>>? beside,
    CancellationToken ct)
    : PendingWrite(origin, beside, claim: null, ct)
    where TFirst : class, IState<TFirst>
    where TSecond : class, IState<TSecond>
{
    public override string Stream => first;

    public override void Load(StreamsInPlay streams)
    {
        streams.Fetch<TFirst>(first);
        streams.Fetch<TSecond>(second);
    }

    public override IReadOnlyList<IStreamInPlay> Of(StreamsInPlay streams) => [streams.Get<TFirst>(first), streams.Get<TSecond>(second)];

    public override Decision DecideOn(StreamsInPlay streams) =>
        decide(streams.Get<TFirst>(first).State, streams.Get<TSecond>(second).State);

    public override IStreamInPlay StreamOf(object fact, StreamsInPlay streams, FactRegistry facts) =>
        facts.OwnerOf(fact) == typeof(TFirst) ? streams.Get<TFirst>(first) : streams.Get<TSecond>(second);
}

/// <summary>A write on several streams of one kind: a decision for each, and all of them are stored or none.</summary>
internal sealed class PendingSet<TState>(
    IReadOnlyList<string> ids, Func<IReadOnlyList<TState?>, IReadOnlyList<Decision>> decide, FactOrigin origin, CancellationToken ct)
    : PendingWrite(origin, beside: null, claim: null, ct)
    where TState : class, IState<TState>
{
    private readonly FactPlaces _places = new();

    public override string Stream => ids[0];

    public override void Load(StreamsInPlay streams)
    {
        foreach (var id in ids)
            streams.Fetch<TState>(id);
    }

    public override IReadOnlyList<IStreamInPlay> Of(StreamsInPlay streams) => [.. ids.Select(streams.Get<TState>)];

    public override Decision DecideOn(StreamsInPlay streams) =>
        _places.Join(ids, decide([.. ids.Select(id => streams.Get<TState>(id).State)]));

    public override IStreamInPlay StreamOf(object fact, StreamsInPlay streams, FactRegistry facts) =>
        streams.Get<TState>(_places.Of(fact));
}
