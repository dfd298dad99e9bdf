using Catalog.Features;
using Label = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Catalog.Serving.Metrics;

/// <summary>
/// Names and values of labels. None is called <c>service</c> or <c>node</c>: whoever collects metrics adds labels of these names.
/// </summary>
internal static class MetricLabels
{
    public const string Service = "feature_service";
    public const string View = "feature_view";
    public const string Node = "catalog_node";
    public const string Door = "door";
    public const string Outcome = "outcome";
    public const string Status = "status";
    public const string Tier = "tier";
    public const string Reason = "reason";
    public const string Late = "late";
    public const string Objective = "objective";
    public const string Window = "window";
    public const string Good = "good";

    /// <summary>A node without its kind: <c>demo/airport@1</c>.</summary>
    public static string NameOf(NodeId node) => node.ToString()[(NodeId.WordOf(node.Kind).Length + 1)..];

    public static string Write(ServingDoor door) => door switch
    {
        ServingDoor.Json => "json",
        ServingDoor.Feast => "feast",
        ServingDoor.FeastGrpc => "feast_grpc",
        ServingDoor.Compact => "compact",
        _ => "redis",
    };

    public static string Write(LookupOutcome outcome) => outcome switch
    {
        LookupOutcome.Rejected => "rejected",
        LookupOutcome.Answered => "answered",
        LookupOutcome.Unavailable => "unavailable",
        LookupOutcome.Cancelled => "cancelled",
        _ => "failed",
    };

    public static string Write(ServiceObjective objective) => objective == ServiceObjective.Availability ? "availability" : "latency";

    public static string Write(ServingTier tier) => tier switch
    {
        ServingTier.Memory => "memory",
        ServingTier.Redis => "redis",
        _ => "offline",
    };
}

/// <summary>The labels of a view that is served, made once: what is measured of lookups allocates nothing.</summary>
internal sealed class ViewLabels
{
    private readonly Label[][] _tiers;

    /// <param name="view">With its version's number.</param>
    public ViewLabels(NodeId view)
    {
        var name = new Label(MetricLabels.View, MetricLabels.NameOf(view));
        View = [name];
        Present = [name, new(MetricLabels.Status, "present")];
        NotFound = [name, new(MetricLabels.Status, "not_found")];
        OutsideMaxAge = [name, new(MetricLabels.Status, "outside_max_age")];
        InTime = [name, new(MetricLabels.Late, "false")];
        Late = [name, new(MetricLabels.Late, "true")];
        _tiers = [.. Enum.GetValues<ServingTier>().Select(t => (Label[])[name, new(MetricLabels.Tier, MetricLabels.Write(t))])];
    }

    public Label[] View { get; }

    public Label[] Present { get; }

    public Label[] NotFound { get; }

    public Label[] OutsideMaxAge { get; }

    /// <summary>Of pushed rows.</summary>
    public Label[] InTime { get; }

    /// <summary>Of rows that were pushed after a newer one of their key.</summary>
    public Label[] Late { get; }

    public Label[] Of(ServingTier tier) => _tiers[(int)tier];
}
