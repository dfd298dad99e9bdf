using Catalog.Features;

namespace Catalog.Tests.Features;

/// <summary>A definition in order, and short ways to change it.</summary>
internal static class Definitions
{
    public static FeatureDefinition Delays { get; } = new(
        [new Entity("airport", [new EntityKey("airport", "string", "origin")])],
        new FeatureSource(NodeId.Dataset("demo", "flights"), "landed", "created", "America/Chicago"),
        [Mean("delay_mean_7d", "delay", 7), new Feature("flights_1d", "int64", Column: null, Over(AggregateFunction.Count, 1))]);

    public static FeatureDefinition Plain { get; } = Delays with
    {
        Features = [new Feature("carrier", "string", "carrier"), new Feature("delay", "float64", "delay")],
        TimeToLive = TimeSpan.FromDays(7),
    };

    public static Feature Mean(string name, string column, int days) => new(name, "float64", column, Over(AggregateFunction.Mean, days));

    public static Aggregation Over(AggregateFunction function, int days) => new(function, TimeSpan.FromDays(days));

    public static FeatureDefinition WithKey(this FeatureDefinition definition, EntityKey key) =>
        definition with { Entities = [definition.Entities[0] with { Keys = [key] }] };

    public static FeatureDefinition WithFeatures(this FeatureDefinition definition, params Feature[] features) =>
        definition with { Features = features };
}
