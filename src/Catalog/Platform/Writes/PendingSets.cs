namespace Catalog.Platform.Writes;

/// <summary>A write on several streams of two kinds: a decision for each, and all of them are stored or none.</summary>
/// <param name="first">Ids of the streams of the first kind; there may be none where there are some of the second.</param>
/// <param name="second">Ids of the streams of the second kind.</param>
/// <param name="decide">Decisions for the streams of the first kind, then for those of the second, in their order.</param>
internal sealed class PendingSets<TFirst, TSecond>(
    IReadOnlyList<string> first,
    IReadOnlyList<string> second,
    Func<IReadOnlyList<TFirst?>, IReadOnlyList<TSecond?>, IReadOnlyList<Decision>> decide,
    FactOrigin origin,
    CancellationToken ct)
    : PendingWrite(origin, beside: null, claim: null, ct)
    where TFirst : class, IState<TFirst>
    where TSecond : class, IState<TSecond>
{
    private readonly IReadOnlyList<string> _ids = [.. first, .. second];
    private readonly FactPlaces _places = new();

    public override string Stream => _ids[0];

    public override void Load(StreamsInPlay streams)
    {
        foreach (var id in first)
            streams.Fetch<TFirst>(id);
        foreach (var id in second)
            streams.Fetch<TSecond>(id);
    }

    public override IReadOnlyList<IStreamInPlay> Of(StreamsInPlay streams) =>
        [.. first.Select(streams.Get<TFirst>), .. second.Select(streams.Get<TSecond>)];

    public override Decision DecideOn(StreamsInPlay streams) => _places.Join(
        _ids, decide([.. first.Select(id => streams.Get<TFirst>(id).State)], [.. second.Select(id => streams.Get<TSecond>(id).State)]));

    public override IStreamInPlay StreamOf(object fact, StreamsInPlay streams, FactRegistry facts) =>
        facts.OwnerOf(fact) == typeof(TFirst) ? streams.Get<TFirst>(_places.Of(fact)) : streams.Get<TSecond>(_places.Of(fact));
}

/// <summary>Which of several streams each fact of a set of decisions belongs to.</summary>
internal sealed class FactPlaces
{
    private readonly Dictionary<object, string> _streams = new(ReferenceEqualityComparer.Instance);

    public string Of(object fact) => _streams[fact];

    /// <summary>One decision for all: a refusal of one refuses all of them.</summary>
    public Decision Join(IReadOnlyList<string> ids, IReadOnlyList<Decision> decisions)
    {
        if (decisions.OfType<Decision.Refused>().FirstOrDefault() is { } no)
            return no;
        _streams.Clear();
        object[] facts = [.. decisions.SelectMany((d, i) => Noted(d, ids[i]))];
        return facts.Length == 0 ? Decision.Unchanged : Decision.Accept(facts);
    }

    private IReadOnlyList<object> Noted(Decision decision, string id)
    {
        var facts = (decision as Decision.Accepted)?.Facts ?? [];
        foreach (var fact in facts)
            _streams.Add(fact, id);
        return facts;
    }
}
