using Catalog.Features;
using Catalog.Sdk;

namespace Catalog.Cli.Demo;

/// <summary>How punctual an airport was of late, as two feature views: of flights that left it, and of flights that went there.</summary>
internal static class AirportViews
{
    public static readonly QualifiedName Origin = "demo/origin_delays";
    public static readonly QualifiedName Destination = "demo/destination_delays";

    private static readonly (string Name, TimeSpan Window)[] s_windows = [("1d", TimeSpan.FromDays(1)), ("7d", TimeSpan.FromDays(7))];

    public static IReadOnlyList<FeatureViewSpec> All(string owner, NodeId landings) =>
    [
        new(Origin, owner, Definition(landings, "origin")) { Description = "How punctual flights from an airport were." },
        new(Destination, owner, Definition(landings, "destination")) { Description = "How punctual flights to an airport were." },
    ];

    /// <summary>Columns of a training set that a flight's features are in.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        .. from side in (string[])["origin", "destination"]
           from feature in Features()
           select $"{side}__{feature.Name}",
    ];

    private static FeatureDefinition Definition(NodeId landings, string column) => new(
        [new Entity("airport", [new EntityKey("airport", "string", column)])],
        new FeatureSource(landings, "known"),
        [.. Features()]);

    private static IEnumerable<Feature> Features() => s_windows.SelectMany(w => (Feature[])
    [
        new($"flights_{w.Name}", "int64", Column: null, new(AggregateFunction.Count, w.Window)),
        new($"delay_mean_{w.Name}", "float64", "delay", new(AggregateFunction.Mean, w.Window)),
        new($"late_share_{w.Name}", "float64", "late", new(AggregateFunction.Mean, w.Window)),
    ]);
}
