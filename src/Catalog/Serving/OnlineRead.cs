using Catalog.Access;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Serving.Metrics;
using Catalog.Storage.Columnar.Masking;
using Catalog.Storage.Hot;

namespace Catalog.Serving;

/// <summary>What there is to say of a value. The numbers are those of Feast's <c>FieldStatus</c>.</summary>
internal enum ServingStatus : byte
{
    /// <summary>The value cannot be told in the protocol that it was asked by.</summary>
    Invalid = 0,

    Present = 1,

    /// <summary>There is a row for the key, and this feature has no value in it.</summary>
    NullValue = 2,

    /// <summary>There is no row for the key.</summary>
    NotFound = 3,

    /// <summary>The row is older than the view's time to live allows.</summary>
    OutsideMaxAge = 4,
}

/// <summary>
/// One lookup: keys go in, rows come out. It is taken from a pool and goes back there when it is disposed; once it has grown, a lookup in
/// this process allocates nothing.
/// </summary>
internal sealed class OnlineRead : IDisposable
{
    private static readonly HotType s_text = HotType.Of("string");

    private readonly List<KeyBatch> _keys = [];
    private readonly List<nint[]> _rows = [];
    private readonly List<ServingTier> _tiers = [];
    private readonly Action<OnlineRead> _done;
    private ReadPlan? _plan;
    private ObligedView?[]? _obliged;
    private LookupMeter? _meter;
    private ServingDoor _door;
    private long _began;

    internal OnlineRead(Action<OnlineRead> done)
    {
        _done = done;
        Begun = this;
    }

    /// <summary>This read as the outcome of beginning it, which happens again and again.</summary>
    internal Outcome<OnlineRead> Begun { get; }

    public ReadPlan Plan => _plan ?? throw new ObjectDisposedException(nameof(OnlineRead));

    /// <summary>How many keys were asked for.</summary>
    public int Count { get; private set; }

    /// <summary>The moment that ages are told at, in microseconds since 1970.</summary>
    public long Now { get; private set; }

    /// <summary>
    /// Whether something in the answer may be older than what the catalog has: a newer generation could not be brought here, or the log
    /// was not seen for longer than it should have been.
    /// </summary>
    public bool IsStale { get; internal set; }

    /// <summary>Whether something binds who asks: rows are left out, or values masked.</summary>
    public bool IsObliged => _obliged is not null;

    /// <summary>What binds who asks for a view; null where nothing does.</summary>
    public ObligedView? ObligedOf(int view) => _obliged?[view];

    /// <summary>What is shown of a feature instead of its values; null where they are shown as they are.</summary>
    public Mask? MaskOf(PlannedFeature feature) => _obliged?[feature.View]?.MaskOf(feature.Name);

    /// <summary>How the values of a feature are read: of JSON that is masked, as the text that it is then.</summary>
    public HotType TypeOf(PlannedFeature feature) =>
        _obliged is not null && feature.Type.Name == "json" && MaskOf(feature) is not null ? s_text : feature.Type;

    /// <summary>Rows of remote tiers and rows that are masked, for as long as this read lasts.</summary>
    internal RowShelf Shelf { get; } = new();

    /// <summary>What let this lookup in, and is told when it ends.</summary>
    internal Admission? Admission { get; set; }

    /// <summary>How it ends, as far as it is known: until its keys are looked up, nothing but they can be wrong.</summary>
    internal LookupOutcome Outcome { get; set; }

    /// <summary>The keys of a view, to be filled in the order of the request: as many for each view.</summary>
    public KeyBatch KeysOf(int view) => _keys[view];

    /// <summary>What was found for a key; not there where nothing was.</summary>
    public HotRow RowOf(int view, int i) => new(_rows[view][i]);

    /// <summary>All rows of a view, by key: addresses, 0 for nothing.</summary>
    public ReadOnlySpan<nint> RowsOf(int view) => _rows[view].AsSpan(0, Count);

    /// <summary>Which tier answered for a view.</summary>
    public ServingTier TierOf(int view) => _tiers[view];

    /// <summary>What there is to say of a feature's value for a key.</summary>
    public ServingStatus StatusOf(PlannedFeature feature, int i) =>
        StatusOf(new HotRow(_rows[feature.View][i]), feature.Slot, OldestOf(Plan.Views[feature.View].View));

    /// <summary>The same of all keys.</summary>
    public void StatusesOf(PlannedFeature feature, Span<ServingStatus> into)
    {
        var rows = RowsOf(feature.View);
        var oldest = OldestOf(Plan.Views[feature.View].View);
        for (var i = 0; i < rows.Length; i++)
            into[i] = StatusOf(new HotRow(rows[i]), feature.Slot, oldest);
    }

    private static ServingStatus StatusOf(HotRow row, FeatureSlot? slot, long oldest) =>
        !row.IsThere || slot is null ? ServingStatus.NotFound
        : row.EventTime < oldest ? ServingStatus.OutsideMaxAge
        : row.Has(slot) ? ServingStatus.Present
        : ServingStatus.NullValue;

    /// <summary>Rows from before then are too old, in microseconds since 1970.</summary>
    private long OldestOf(HotView view) => view.TimeToLive is { } ttl ? Now - ttl : long.MinValue;

    /// <summary>Whether a row may be used still.</summary>
    public bool IsFresh(HotView view, HotRow row) => row.EventTime >= OldestOf(view);

    public void Dispose()
    {
        if (_plan is null)
            return;
        _meter?.End(this, _door, Outcome, _began);
        (_plan, _meter, _obliged) = (null, null, null);
        Shelf.Clear();
        Admission?.Leave();
        Admission = null;
        _done(this);
    }

    /// <summary>Measures it from here on until it is disposed.</summary>
    internal void Measure(LookupMeter meter, ServingDoor door) => (_meter, _door, _began) = (meter, door, meter.Begin());

    internal void Begin(ReadPlan plan, long now)
    {
        (_plan, _obliged, Now, Count, IsStale, Outcome) = (plan, null, now, 0, false, LookupOutcome.Rejected);
        while (_keys.Count < plan.Views.Count)
        {
            _keys.Add(new());
            _rows.Add(new nint[128]);
            _tiers.Add(ServingTier.Memory);
        }

        for (var view = 0; view < plan.Views.Count; view++)
            _keys[view].Reset(plan.Views[view].View.Layout.Keys);
    }

    /// <summary>Binds it.</summary>
    /// <param name="obliged">By view; null for one that nothing is to be done about.</param>
    internal void Oblige(ObligedView?[]? obliged) => _obliged = obliged;

    /// <summary>Meets what binds it, once rows are found: in whichever tier that was, and whether they were pushed or not.</summary>
    internal void MeetObligations(MaskHashes hashes)
    {
        for (var view = 0; view < Plan.Views.Count; view++)
            _obliged?[view]?.Meet(_rows[view].AsSpan(0, Count), Shelf, hashes);
    }

    /// <summary>Room for the rows of a view, empty.</summary>
    internal Span<nint> RoomFor(int view)
    {
        Count = _keys[view].Count;
        if (_rows[view].Length < Count)
            _rows[view] = new nint[Count * 2];
        var rows = _rows[view].AsSpan(0, Count);
        rows.Clear();
        return rows;
    }

    internal Span<nint> FoundOf(int view) => _rows[view].AsSpan(0, Count);

    internal Memory<nint> FoundMemoryOf(int view) => _rows[view].AsMemory(0, Count);

    internal void Answered(int view, ServingTier tier) => _tiers[view] = tier;
}
