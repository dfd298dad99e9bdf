using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;

namespace Catalog.Storage.Hot;

/// <summary>Where in a table the keys, times and features of a view's rows are.</summary>
public sealed class RowSource
{
    /// <summary>In front of the names of computed features, so that none is called as a key is.</summary>
    public const string ComputedPrefix = "=";

    private readonly TimeValues? _eventTime;
    private readonly TimeValues? _created;
    private readonly long _moment;
    private readonly int[] _features;
    private readonly IArrowType[] _types;

    private RowSource(
        Schema schema, FeatureDefinition definition, Func<EntityKey, string> keyColumn, Func<Feature, string> featureColumn, string where)
    {
        Keys = KeyColumns.Of(schema, [.. definition.Keys().Select(k => (k, keyColumn(k)))], where);
        _features = [.. definition.Features.Select(f => PlaceOf(schema, featureColumn(f), where))];
        _types = [.. definition.Features.Select(f => ArrowTypes.FieldOf(FeatureType.ColumnOf(f.Name, f.Type)).DataType)];
        for (var i = 0; i < _features.Length; i++)
            DemandFit(schema.FieldsList[_features[i]].DataType, _types[i], definition.Features[i], where);
    }

    private RowSource(Schema schema, FeatureDefinition definition, string where)
        : this(schema, definition, k => k.Column, f => f.Column ?? f.Name, where)
    {
        var source = definition.Source;
        _eventTime = TimeValues.Of(schema, source.EventTime, where, source.TimeZone, roundUp: true);
        _created = source.CreatedTime is { } c ? TimeValues.Of(schema, c, where, source.TimeZone, roundUp: true) : null;
    }

    private RowSource(Schema schema, FeatureDefinition definition, long moment)
        : this(schema, definition, k => k.Name, f => ComputedPrefix + f.Name, "the table of computed features") => _moment = moment;

    internal KeyColumns Keys { get; }

    /// <summary>Of the events of a view of columns as they are, under the names that the source has for them.</summary>
    /// <param name="where">Whose table it is, for errors.</param>
    /// <exception cref="JoinException">A column is not there, or of a wrong type.</exception>
    public static RowSource OfEvents(Schema schema, FeatureDefinition definition, string where) => new(schema, definition, where);

    /// <summary>Of rows whose features were computed as of a moment, under the names of keys, and of features with the prefix.</summary>
    /// <param name="moment">In microseconds since 1970.</param>
    public static RowSource OfComputed(Schema schema, FeatureDefinition definition, long moment) => new(schema, definition, moment);

    /// <summary>The columns of the source that a view's rows are read from.</summary>
    public static IReadOnlyList<string> ColumnsOf(FeatureDefinition definition)
    {
        var source = definition.Source;
        string[] times = source.CreatedTime is { } created ? [source.EventTime, created] : [source.EventTime];
        var features = definition.Features.Select(f => f.Column ?? f.Name);
        return [.. definition.Keys().Select(k => k.Column).Concat(times).Concat(features).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Event times in microseconds since 1970; <see cref="HotRow.NoTime"/> for null.</summary>
    internal void ReadTimes(RecordBatch batch, Span<long> into)
    {
        if (_eventTime is null)
            into.Fill(_moment);
        else
            _eventTime.Read(batch, into);
    }

    internal void ReadCreated(RecordBatch batch, Span<long> into)
    {
        if (_created is null)
            into.Fill(HotRow.NoTime);
        else
            _created.Read(batch, into);
    }

    /// <summary>The values of a feature, in the type that the definition gives it.</summary>
    internal ArrayData Feature(RecordBatch batch, int feature)
    {
        var array = batch.Column(_features[feature]);
        return array.Data.DataType.TypeId == _types[feature].TypeId && _types[feature] is not ListType
            ? array.Data
            : FeatureArrays.Convert(array, _types[feature]).Data;
    }

    private static int PlaceOf(Schema schema, string column, string where) => schema.GetFieldIndex(column) is var place and >= 0
        ? place
        : throw new JoinException(JoinException.BadColumns, $"{where} has no column '{column}'.");

    private static void DemandFit(IArrowType found, IArrowType wanted, Feature feature, string where)
    {
        if (!FeatureArrays.Fits(found, wanted))
        {
            throw new JoinException(
                JoinException.BadColumns,
                $"Column '{feature.Column ?? feature.Name}' of {where} is of the type {found.Name}; the feature '{feature.Name}' is "
                + $"{feature.Type}.");
        }
    }
}
