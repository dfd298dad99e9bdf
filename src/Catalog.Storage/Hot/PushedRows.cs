using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Features;
using Catalog.Storage.Columnar;

namespace Catalog.Storage.Hot;

/// <summary>
/// Pushed rows as a table: the keys and features of the view under their own names, <c>event_time</c>, <c>created_time</c>, and where each
/// came from.
/// </summary>
public static class PushedRows
{
    public const string EventTime = "event_time";
    public const string Created = "created_time";
    public const string Position = "push_position";
    public const string PushedAt = "pushed_at";
    public const string PushedBy = "pushed_by";

    /// <summary>Columns that are no key and no feature.</summary>
    public static IReadOnlyList<string> OwnColumns { get; } = [EventTime, Created, Position, PushedAt, PushedBy];

    private static TimestampType Time { get; } = new(TimeUnit.Microsecond, "UTC");

    /// <summary>The view as one of the table: every key and feature is a column of its own name.</summary>
    public static FeatureDefinition Named(FeatureDefinition definition) => definition with
    {
        Entities = [.. definition.Entities.Select(e => e with { Keys = [.. e.Keys.Select(k => k with { Column = k.Name })] })],
        Source = definition.Source with { EventTime = EventTime, CreatedTime = Created, TimeZone = null },
        Features = [.. definition.Features.Select(f => f with { Column = f.Name })],
    };

    public static Schema SchemaOf(FeatureDefinition definition) => new(
        [
            .. definition.Keys().Select(k => ArrowTypes.FieldOf(FeatureType.ColumnOf(k.Name, k.Type))),
            .. definition.Features.Select(f => ArrowTypes.FieldOf(FeatureType.ColumnOf(f.Name, f.Type))),
            new Field(EventTime, Time, nullable: false),
            new Field(Created, Time, nullable: true),
            new Field(Position, Int64Type.Default, nullable: false),
            new Field(PushedAt, Time, nullable: false),
            new Field(PushedBy, StringType.Default, nullable: false),
        ],
        metadata: null);
}
