using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Features.PointInTime;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>Computes the columns that a view adds to rows.</summary>
internal abstract class ViewColumns(JoinedView view, Schema source, KeyColumns rowKeys, JoinOptions options)
{
    protected JoinedView View { get; } = view;

    protected KeyColumns RowKeys { get; } = rowKeys;

    protected JoinOptions Options { get; } = options;

    public string Name => View.Name;

    /// <summary>Of the columns, in order.</summary>
    public IReadOnlyList<Field> Fields { get; } = [.. view.Features.Select(FeatureArrays.FieldOf)];

    /// <summary>About how many bytes a row takes only while its columns are computed: its place by key, and what is found for it.</summary>
    public long BytesPerRow => RowSlots.BytesPerRow + 32 + BytesPerValue;

    /// <summary>About how many bytes the columns of a row take.</summary>
    public long BytesPerValue { get; } = view.Features.Sum(WidthOf);

    /// <summary>How many rows at once: a column of Arrow has less than two gigabytes.</summary>
    public int MostRows { get; } = (int)(int.MaxValue / view.Features.Select(WidthOf).Append(64).Max());

    /// <summary>Whether events wait in memory.</summary>
    public virtual bool KeepsEvents => false;

    /// <exception cref="JoinException">A column of the source does not fit its use.</exception>
    public static ViewColumns Of(JoinedView view, Schema source, Schema rows, JoinOptions options)
    {
        foreach (var key in view.Definition.Keys().Where(k => !view.Keys.ContainsKey(k.Name)))
            throw new JoinException(JoinException.BadColumns, $"{view.Name} is told no column for its key '{key.Name}'.");
        var keys = KeyColumns.Of(
            rows, [.. view.Definition.Keys().Select(k => (k, view.Keys[k.Name]))], $"the table that {view.Name} is joined to");
        return view.Definition.IsAggregated()
            ? new WindowColumns(view, source, keys, options)
            : new LatestColumns(view, source, keys, options);
    }

    /// <summary>The columns for all rows of a chunk.</summary>
    public abstract Task<IArrowArray[]> ComputeAsync(RowChunk chunk, CancellationToken ct);

    /// <summary>Which events the columns of one row come from, the latest first.</summary>
    public abstract Task<ViewTrace> TraceAsync(RowChunk row, int most, CancellationToken ct);

    /// <summary>Fetches features from the events that have them.</summary>
    /// <param name="features">Which of the view's.</param>
    /// <param name="places">By row, where its event is in the version; -1 for none.</param>
    protected async Task<IArrowArray[]> TakeAsync(IReadOnlyList<int> features, long[] places, CancellationToken ct)
    {
        var columns = features.Select(f => View.Features[f].Feature.Column ?? "").ToList();
        var distinct = columns.Distinct().ToList();
        var taken = await TakeAsync(distinct, places, ct);
        return [.. features.Select((f, i) => Told(taken[distinct.IndexOf(columns[i])], f))];
    }

    protected Field SourceOf(JoinedFeature joined)
    {
        var column = joined.Feature.Column ?? "";
        return source.GetFieldIndex(column) is >= 0 and var place
            ? source.FieldsList[place]
            : throw new JoinException(
                JoinException.BadColumns, $"The source of {View.Name} has no column '{column}' for the feature '{joined.Feature.Name}'.");
    }

    protected void CheckFits(JoinedFeature joined, IArrowType to)
    {
        var from = SourceOf(joined).DataType;
        if (!FeatureArrays.Fits(from, to))
        {
            throw new JoinException(
                JoinException.BadColumns,
                $"The feature '{joined.Feature.Name}' of {View.Name} is {joined.Feature.Type}; column '{joined.Feature.Column}' of its "
                + $"source is of the type {from.Name}.");
        }
    }

    private IArrowArray Told(IArrowArray array, int feature)
    {
        var (type, told) = (View.Features[feature].Feature, FeatureArrays.Convert(array, Fields[feature].DataType));
        if (Features.FeatureType.DimensionsOf(type.Type) is { } dimensions && told is ListArray list)
        {
            for (var i = 0; i < list.Length; i++)
            {
                if (!list.IsNull(i) && list.GetValueLength(i) != dimensions)
                {
                    throw new JoinException(
                        JoinException.BadValue,
                        $"The feature '{type.Name}' of {View.Name} is {type.Type}, and has a value of {list.GetValueLength(i)} numbers.");
                }
            }
        }

        return told;
    }

    private async Task<IArrowArray[]> TakeAsync(IReadOnlyList<string> columns, long[] places, CancellationToken ct)
    {
        try
        {
            return await PlacedRows.TakeAsync(View.Files, columns, places, Options, ct);
        }
        catch (OverflowException e)
        {
            throw new JoinException(
                JoinException.BadValue,
                $"Values of a column of {View.Name} take more than two gigabytes for {places.Length} rows: {string.Join(", ", columns)}. "
                + "Give the join less memory, so that fewer rows are joined at once.", e);
        }
    }

    /// <summary>About how many bytes a value takes: of texts and lists, a guess.</summary>
    private static long WidthOf(JoinedFeature joined) => FeatureArrays.FieldOf(joined).DataType switch
    {
        FixedWidthType { BitWidth: var bits } => (bits + 7) / 8,
        ListType => sizeof(float) * (long)(Features.FeatureType.DimensionsOf(joined.Feature.Type) ?? 64),
        _ => 40,
    };
}
