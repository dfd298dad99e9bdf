using Apache.Arrow;
using Catalog.Features;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>
/// The columns of a view's source that decide which event holds: keys, event time, created time; and others that are read along.
/// </summary>
internal sealed class EventColumns
{
    private readonly JoinedView _view;
    private readonly JoinOptions _options;
    private readonly IReadOnlyList<string> _names;
    private readonly TimeValues _eventTime;
    private readonly TimeValues? _created;

    /// <param name="source">Schema of the source, whole.</param>
    /// <param name="others">Columns to read along.</param>
    /// <exception cref="JoinException">A column is not there, or of a wrong type.</exception>
    public EventColumns(JoinedView view, Schema source, IEnumerable<string> others, JoinOptions options)
    {
        (_view, _options) = (view, options);
        var from = view.Definition.Source;
        var created = from.CreatedTime is { } name ? [name] : System.Array.Empty<string>();
        _names = [.. view.Definition.Keys().Select(k => k.Column).Append(from.EventTime).Concat(created).Concat(others).Distinct()];
        if (_names.FirstOrDefault(n => source.GetFieldIndex(n) < 0) is { } missing)
            throw new JoinException(JoinException.BadColumns, $"The source of {view.Name} has no column '{missing}'.");

        Schema = new(_names.Select(n => source.FieldsList[source.GetFieldIndex(n)]), metadata: null);
        var where = $"the source of {view.Name}";
        _eventTime = TimeValues.Of(Schema, from.EventTime, where, from.TimeZone, roundUp: true);
        _created = from.CreatedTime is { } c ? TimeValues.Of(Schema, c, where, from.TimeZone, roundUp: true) : null;
        Keys = KeyColumns.Of(Schema, [.. view.Definition.Keys().Select(k => (k, k.Column))], where);
        if (options.KnownAt is not null && _created is null)
        {
            throw new JoinException(
                JoinException.BadColumns,
                $"{view.Name} names no column with the time at which events were written, so what was known at a time cannot be told.");
        }
    }

    /// <summary>Of what is read.</summary>
    public Schema Schema { get; }

    public KeyColumns Keys { get; }

    public bool HasCreated => _created is not null;

    public int PlaceOf(string column) => Schema.GetFieldIndex(column);

    /// <summary>All events, in the order of the version. A batch is good until the next is asked for.</summary>
    public async IAsyncEnumerable<EventBatch> ReadAsync(
        KeyGroups keys, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var scan = await ColumnScan.OpenAsync(_view.Files, new()
        {
            Columns = _names,
            Parallelism = _options.Parallelism,
            MaxBytesInFlight = _options.MaxBytesInFlight,
        }, ct);
        var (groups, times) = (new int[ScanRequest.DefaultBatchRows], new long[ScanRequest.DefaultBatchRows]);
        var created = HasCreated ? new long[ScanRequest.DefaultBatchRows] : [];
        await foreach (var (batch, first) in scan.ReadPlacedAsync(ct))
        {
            using (batch)
            {
                var rows = batch.Length;
                keys.Find(batch, Keys, groups.AsSpan(0, rows));
                _eventTime.Read(batch, times.AsSpan(0, rows));
                _created?.Read(batch, created.AsSpan(0, rows));
                if (_options.KnownAt is { } knownAt)
                    LeaveOutLater(knownAt, created.AsSpan(0, rows), groups);
                yield return new(
                    batch, first, groups.AsMemory(0, rows), times.AsMemory(0, rows), created.AsMemory(0, Math.Min(rows, created.Length)));
            }
        }
    }

    /// <summary>The events of the one row of a chunk that are after a time and not after the row's, the latest first.</summary>
    /// <param name="after">In microseconds; null for all.</param>
    /// <param name="most">How many at most.</param>
    public async Task<ViewTrace> TraceAsync(RowChunk row, KeyColumns rowKeys, long? after, int most, CancellationToken ct)
    {
        var keys = KeyGroups.Of(rowKeys, row.Rows);
        var found = new List<EventTrace>();
        if (row.Number(keys, rowKeys)[0] == KeyGroups.None)
            return new(_view.Name, 0, found);

        var order = Comparer<EventTrace>.Create(Latest);
        var count = 0L;
        await foreach (var events in ReadAsync(keys, ct))
        {
            for (var i = 0; i < events.Groups.Length; i++)
            {
                var time = events.Times.Span[i];
                if (events.Groups.Span[i] == KeyGroups.None || time == long.MinValue || time > row.Times[0] || time <= after)
                    continue;

                count++;
                found.Add(new(events.First + i, time, events.CreatedAt(i)));
                if (found.Count >= most * 2)
                    Keep(found, order, most);
            }
        }

        Keep(found, order, most);
        return new(_view.Name, count, found);
    }

    private int Latest(EventTrace a, EventTrace b) =>
        a.EventTime != b.EventTime ? b.EventTime.CompareTo(a.EventTime)
        : a.Created != b.Created ? (b.Created ?? long.MinValue).CompareTo(a.Created ?? long.MinValue)
        : _view.Definition.Source.Ties == TieRule.Last ? b.Place.CompareTo(a.Place)
        : a.Place.CompareTo(b.Place);

    private static void Keep(List<EventTrace> found, IComparer<EventTrace> order, int most)
    {
        found.Sort(order);
        if (found.Count > most)
            found.RemoveRange(most, found.Count - most);
    }

    private static void LeaveOutLater(long knownAt, ReadOnlySpan<long> created, Span<int> groups)
    {
        for (var i = 0; i < created.Length; i++)
        {
            if (created[i] > knownAt || created[i] == long.MinValue)
                groups[i] = KeyGroups.None;
        }
    }
}

/// <summary>Some events, and what was made of their keys and times.</summary>
/// <param name="First">Place of the first among all events.</param>
/// <param name="Groups">By event, the number of its key; <see cref="KeyGroups.None"/> where no row has it, or it does not count.</param>
/// <param name="Times">By event; <see cref="long.MinValue"/> for null.</param>
/// <param name="Created">By event; empty where the view names no created time.</param>
internal sealed record EventBatch(
    RecordBatch Batch, long First, ReadOnlyMemory<int> Groups, ReadOnlyMemory<long> Times, ReadOnlyMemory<long> Created)
{
    /// <summary>When an event was written; null where nothing says so.</summary>
    public long? CreatedAt(int i) => Created.IsEmpty || Created.Span[i] == long.MinValue ? null : Created.Span[i];
}
