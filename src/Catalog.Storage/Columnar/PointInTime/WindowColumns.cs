using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Features;
using Catalog.Features.PointInTime;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>
/// A view whose features are computed over windows. Events that any window of a row can have wait, by key, in memory or on disk; then keys
/// are gone through, some at a time.
/// </summary>
internal sealed class WindowColumns : ViewColumns
{
    private readonly EventColumns _events;
    private readonly IReadOnlyList<string> _values;
    private readonly WindowFeature[] _features;

    public WindowColumns(JoinedView view, Schema source, KeyColumns rowKeys, JoinOptions options)
        : base(view, source, rowKeys, options)
    {
        // What is not aggregated is told by the place of its event.
        _values = [.. view.Features.Where(f => f.Feature.Column is not null).Select(f => f.Feature.Column ?? "").Distinct()];
        if (_values.Count > WaitingEvents.MaxColumns)
        {
            throw new JoinException(
                JoinException.BadColumns,
                $"{view.Name} aggregates {_values.Count} columns; {WaitingEvents.MaxColumns} are the most of one view.");
        }

        _events = new(view, source, _values, options);
        _features = [.. view.Features.Select(FeatureOf)];
    }

    public override bool KeepsEvents => true;

    public override async Task<IArrowArray[]> ComputeAsync(RowChunk chunk, CancellationToken ct)
    {
        var values = await ValuesAsync(chunk, ct);
        var columns = new IArrowArray[_features.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = _features[i].Function == AggregateFunction.Last
                ? (await TakeAsync([i], PlacesOf(values[i]), ct))[0]
                : FeatureArrays.Convert(FeatureArrays.Build(values[i], MadeAs(i)), Fields[i].DataType);
        }

        return columns;
    }

    /// <summary>Least and greatest are values of the column, whatever wider type the feature has.</summary>
    private IArrowType MadeAs(int feature) => _features[feature].Function is AggregateFunction.Min or AggregateFunction.Max
        ? SourceOf(View.Features[feature]).DataType
        : Fields[feature].DataType;

    public override Task<ViewTrace> TraceAsync(RowChunk row, int most, CancellationToken ct) =>
        _events.TraceAsync(row, RowKeys, row.Times[0] - _features.Max(f => f.Window), most, ct);

    private async Task<WindowValues[]> ValuesAsync(RowChunk chunk, CancellationToken ct)
    {
        var values = _features.Select(f => new WindowValues(chunk.Rows, isZero: f.Function == AggregateFunction.Count)).ToArray();
        var keys = KeyGroups.Of(RowKeys, chunk.Rows);
        var groups = chunk.Number(keys, RowKeys);
        var slots = RowSlots.Of(groups, chunk.Times, keys.Count);
        if (slots.Count == 0)
            return values;

        var sweep = new WindowSweep(_features);
        await using var waiting = new WaitingEvents(keys.Count, _values.Count, _events.HasCreated, Options);
        var readers = _values.Select((name, i) => new AggregatedColumn(_events.PlaceOf(name), i)).ToArray();
        await foreach (var events in _events.ReadAsync(keys, ct))
            await AddAsync(events, slots, sweep.Longest, readers, waiting, ct);
        foreach (var part in waiting.Parts())
            Run(sweep, slots, await TakeAsync(waiting, part, ct), part, values);
        return values;
    }

    private async Task<KeyedEvents> TakeAsync(WaitingEvents waiting, (int First, int Count) part, CancellationToken ct)
    {
        try
        {
            return await waiting.TakeAsync(part, ct);
        }
        catch (OverflowException e)
        {
            throw new JoinException(JoinException.BadValue, $"A key of {View.Name} has too many events: {e.Message}", e);
        }
    }

    private async Task AddAsync(
        EventBatch events, RowSlots slots, long longest, AggregatedColumn[] columns, WaitingEvents waiting, CancellationToken ct)
    {
        foreach (var column in columns)
            column.Read(events.Batch);
        for (var i = 0; i < events.Groups.Length; i++)
        {
            var (group, time) = (events.Groups.Span[i], events.Times.Span[i]);
            if (group < 0 || time == long.MinValue || time > slots.LastTime(group) || time <= slots.FirstTime(group) - longest)
                continue;

            var place = events.First + i;
            var order = View.Definition.Source.Ties == TieRule.Last ? place : ~place;
            if (waiting.Add(group, time, events.Created.IsEmpty ? 0 : events.Created.Span[i], order, columns, i))
                await waiting.MakeRoomAsync(ct);
        }
    }

    private void Run(WindowSweep sweep, RowSlots slots, KeyedEvents events, (int First, int Count) part, WindowValues[] values)
    {
        try
        {
            sweep.Run(slots, events.Sorted(part.First, part.Count), part.First, part.Count, values);
        }
        catch (SumOverflowException e)
        {
            throw new JoinException(
                JoinException.BadValue,
                $"The feature '{View.Features[e.Feature].Feature.Name}' of {View.Name} is beyond int64; sum a float64 column instead.", e);
        }
    }

    private long[] PlacesOf(WindowValues orders)
    {
        var places = new long[orders.Bits.Length];
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = !orders.IsThere[i] ? -1 : View.Definition.Source.Ties == TieRule.Last ? orders.Bits[i] : ~orders.Bits[i];
        }

        return places;
    }

    private WindowFeature FeatureOf(JoinedFeature joined)
    {
        var (function, window) = joined.Feature.Aggregation
            ?? throw new JoinException(JoinException.BadColumns, $"The feature '{joined.Feature.Name}' of {View.Name} has no aggregation.");
        var column = joined.Feature.Column is { } name ? _values.ToList().IndexOf(name) : -1;
        var type = column < 0 ? Int64Type.Default : SourceOf(joined).DataType;
        Check(joined, function, type);
        return new(function, window.Ticks / TimeSpan.TicksPerMicrosecond, column, type is HalfFloatType or FloatType or DoubleType);
    }

    private void Check(JoinedFeature joined, AggregateFunction function, IArrowType type)
    {
        var isFloat = type is HalfFloatType or FloatType or DoubleType;
        var isNumber = isFloat
            || (Longs.Has(type) && type is not (UInt64Type or BooleanType or Date32Type or Time32Type or Time64Type or TimestampType));
        var isFine = function switch
        {
            AggregateFunction.Count => joined.Feature.Type == "int64",
            AggregateFunction.Sum => isNumber && joined.Feature.Type == (isFloat ? "float64" : "int64"),
            AggregateFunction.Mean => isNumber && joined.Feature.Type == "float64",
            AggregateFunction.Min or AggregateFunction.Max => isNumber || (Longs.Has(type) && type is not UInt64Type),
            _ => true,
        };
        if (!isFine)
        {
            throw new JoinException(
                JoinException.BadColumns,
                $"The feature '{joined.Feature.Name}' of {View.Name} is {joined.Feature.Type}, the {Aggregations.Write(function)} of a "
                + $"column of the type {type.Name}, which is not made: counts are int64, sums int64 of whole numbers and float64 of "
                + "others, means float64; least and greatest are of numbers, times and bool; and none of this of uint64.");
        }

        if (function is AggregateFunction.Min or AggregateFunction.Max or AggregateFunction.Last)
            CheckFits(joined, FeatureArrays.FieldOf(joined).DataType);
    }
}
