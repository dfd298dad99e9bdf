using System.Text.Json.Serialization;
using Catalog.Integrity;

namespace Catalog.Features;

/// <summary>
/// What a version of a feature view is: whose features, which, and how they come out of events. Two views with the same definition give
/// the same values for the same rows, in training and in serving.
/// </summary>
/// <param name="Entities">Whose features they are; none for features of everything at once. Together their keys find a row.</param>
/// <param name="Source">Where events come from.</param>
/// <param name="Features">
/// In order; one at least. Either all are columns as they are, or all are aggregations: a view is one or the other.
/// </param>
/// <param name="TimeToLive">
/// How long after its event a value may be used, that moment included; null for ever, and for aggregations, which have windows.
/// </param>
public sealed record FeatureDefinition(
    IReadOnlyList<Entity> Entities,
    FeatureSource Source,
    IReadOnlyList<Feature> Features,
    [property: JsonConverter(typeof(SpanJsonConverter))] TimeSpan? TimeToLive = null)
{
    /// <summary>The columns that find a row, of all entities, in order.</summary>
    public IEnumerable<EntityKey> Keys() => Entities.SelectMany(e => e.Keys);

    /// <summary>Whether features are computed over windows of events.</summary>
    public bool IsAggregated() => Features.Any(f => f.Aggregation is not null);

    /// <summary>SHA-256 of the canonical form, in lower-case hexadecimal: what a training set records, and two people compare.</summary>
    public string Hash() => Sha256.Hash(CanonicalJson.Serialize(Members()));

    /// <summary>
    /// The canonical form has the members <c>entities</c> (<c>name</c>, <c>keys</c> of <c>column</c>, <c>name</c>, <c>type</c>),
    /// <c>features</c> (<c>column</c>, <c>function</c>, <c>name</c>, <c>type</c>, <c>window</c>), <c>format</c>
    /// (<c>"catalog-feature-view/1"</c>), <c>source</c> (<c>createdTime</c>, <c>dataset</c>, <c>eventTime</c>, <c>ties</c>,
    /// <c>timeZone</c>) and <c>timeToLive</c>. Lengths of time are whole microseconds; absent values are null.
    /// </summary>
    public IReadOnlyDictionary<string, object?> Members() => new Dictionary<string, object?>
    {
        ["format"] = "catalog-feature-view/1",
        ["entities"] = Entities.Select(e => e.Members()),
        ["source"] = Source.Members(),
        ["features"] = Features.Select(f => f.Members()),
        ["timeToLive"] = Microseconds(TimeToLive),
    };

    internal static long? Microseconds(TimeSpan? span) => span is { } s ? s.Ticks / TimeSpan.TicksPerMicrosecond : null;

    public bool Equals(FeatureDefinition? other) =>
        other is not null && Source == other.Source && TimeToLive == other.TimeToLive
        && Entities.SequenceEqual(other.Entities) && Features.SequenceEqual(other.Features);

    public override int GetHashCode() => HashCode.Combine(Source, TimeToLive, Entities.Count, Features.Count);
}

/// <summary>What features are about: a driver, an airport, a route.</summary>
/// <param name="Keys">One at least; several for a composite key.</param>
public sealed record Entity(string Name, IReadOnlyList<EntityKey> Keys)
{
    public bool Equals(Entity? other) => other is not null && Name == other.Name && Keys.SequenceEqual(other.Keys);

    public override int GetHashCode() => HashCode.Combine(Name, Keys.Count);

    internal Dictionary<string, object?> Members() => new()
    {
        ["name"] = Name,
        ["keys"] = Keys.Select(k => new Dictionary<string, object?> { ["name"] = k.Name, ["type"] = k.Type, ["column"] = k.Column }),
    };
}

/// <summary>A part of an entity's key.</summary>
/// <param name="Name">As rows that want features have it.</param>
/// <param name="Type">A scalar type (<see cref="FeatureType"/>) that can be compared for being the same; no floating-point number.</param>
/// <param name="Column">Of the source.</param>
public sealed record EntityKey(string Name, string Type, string Column);

/// <summary>A dataset of events: one row for each thing that became so for a key at a time.</summary>
/// <param name="Dataset">Without a version: each use pins one.</param>
/// <param name="EventTime">The column that says when a row became so.</param>
/// <param name="CreatedTime">
/// The column that says when it was written, which decides between rows of one key and event time; or null.
/// </param>
/// <param name="TimeZone">
/// Of time columns that have none: a name of the IANA time zone database. Null for UTC. A local time that a clock set back makes twice is
/// the first of the two; one that a clock set forward leaves out is that much later.
/// </param>
/// <param name="Ties">Between rows that are equal in event time and created time.</param>
public sealed record FeatureSource(
    NodeId Dataset, string EventTime, string? CreatedTime = null, string? TimeZone = null, TieRule Ties = TieRule.Last)
{
    internal Dictionary<string, object?> Members() => new()
    {
        ["dataset"] = Dataset.ToString(),
        ["eventTime"] = EventTime,
        ["createdTime"] = CreatedTime,
        ["timeZone"] = TimeZone,
        ["ties"] = Ties == TieRule.Last ? "last" : "first",
    };
}

/// <summary>
/// Which of two rows of one key, event time and created time holds. A version is immutable, and so is the order of its files by path and of
/// the rows in them.
/// </summary>
public enum TieRule
{
    /// <summary>The row that stands later in the version.</summary>
    Last,

    /// <summary>The row that stands earlier in the version.</summary>
    First,
}

/// <summary>One value that a model is given.</summary>
/// <param name="Type">See <see cref="FeatureType"/>.</param>
/// <param name="Column">Of the source; null where events are counted.</param>
/// <param name="Aggregation">Null for a column as it is.</param>
public sealed record Feature(string Name, string Type, string? Column = null, Aggregation? Aggregation = null)
{
    internal Dictionary<string, object?> Members() => new()
    {
        ["name"] = Name,
        ["type"] = Type,
        ["column"] = Column,
        ["function"] = Aggregation is { } aggregation ? Aggregations.Write(aggregation.Function) : null,
        ["window"] = FeatureDefinition.Microseconds(Aggregation?.Window),
    };
}

/// <summary>Events of one key, put together.</summary>
/// <param name="Window">
/// How far back: at a time t, events after t less the window and not after t. More than nothing, and at most 100 years.
/// </param>
public sealed record Aggregation(
    AggregateFunction Function, [property: JsonConverter(typeof(SpanJsonConverter))] TimeSpan Window);

/// <summary>
/// How events become one value. Nulls are passed over. Without a value in the window, a count is 0 and everything else null.
/// </summary>
public enum AggregateFunction
{
    /// <summary>How many events have a value; without a column, how many there are. An <c>int64</c>.</summary>
    Count,

    /// <summary>
    /// <c>int64</c> of whole numbers, <c>float64</c> of floating-point ones: the exact sum, rounded once, so that the order of events
    /// makes no difference.
    /// </summary>
    Sum,

    /// <summary>The exact sum, divided: <c>float64</c>.</summary>
    Mean,

    /// <summary>The least, NaN being greater than any number.</summary>
    Min,

    /// <summary>The greatest, NaN being greater than any number.</summary>
    Max,

    /// <summary>Of the latest event that has a value: by event time, created time and <see cref="TieRule"/>.</summary>
    Last,
}
