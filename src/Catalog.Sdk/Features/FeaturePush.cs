using System.Text.Json.Serialization;

namespace Catalog.Sdk;

/// <summary>A row of a view that is served at once. Values are given as <see cref="FeatureKeys"/> has them.</summary>
/// <param name="Keys">A value for each key of the view.</param>
/// <param name="EventTime">When it became so.</param>
/// <param name="Features">By feature; one that is left out, or null, has no value in this row.</param>
/// <param name="CreatedTime">When it was written: decides between rows of one key and event time.</param>
public sealed record FeaturePush(
    IReadOnlyDictionary<string, object?> Keys, DateTimeOffset EventTime, IReadOnlyDictionary<string, object?> Features,
    DateTimeOffset? CreatedTime = null)
{
    /// <summary>As the catalog reads it.</summary>
    internal FeaturePush Written() => this with { Keys = Written(Keys), Features = Written(Features) };

    private static Dictionary<string, object?> Written(IReadOnlyDictionary<string, object?> values) =>
        values.ToDictionary(v => v.Key, v => FeatureKeys.Written(v.Value), StringComparer.Ordinal);
}

/// <summary>What was pushed.</summary>
/// <param name="View">By number.</param>
/// <param name="Rows">That were stored.</param>
/// <param name="PushPosition">Of the last of them in the push log.</param>
public sealed record PushReceipt([property: JsonRequired] NodeId View, int Rows, long PushPosition);
