using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Catalog.Features;
using Catalog.Platform.Writes;

namespace Catalog.FeatureServices;

/// <summary>What deciding about a feature service needs to know of its past.</summary>
public sealed record FeatureService : IState<FeatureService>
{
    public required string Id { get; init; }

    public required string Owner { get; init; }

    public string Description { get; init; } = "";

    public ImmutableSortedSet<string> Tags { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Number 1 first.</summary>
    public ImmutableList<FeatureServiceDefinition> Versions { get; init; } = [];

    public bool Retired { get; init; }

    /// <summary>Highest version number.</summary>
    [JsonIgnore]
    public long Latest => Versions.Count;

    /// <summary>The definition that holds for whoever names no version; null while there is none.</summary>
    [JsonIgnore]
    public FeatureServiceDefinition? Newest => Versions is [.., var newest] ? newest : null;

    public static string StreamId(string @namespace, string name) => NodeId.FeatureService(@namespace, name).StreamId;

    public static FeatureService? Fold(FeatureService? state, object fact) => (state, fact) switch
    {
        (null, FeatureServiceRegistered f) => new FeatureService
        {
            Id = StreamId(f.Namespace, f.Name),
            Owner = f.Owner,
            Description = f.Description,
            Tags = f.Tags.ToImmutableSortedSet(StringComparer.Ordinal),
        },
        (null, _) => null,
        (_, FeatureServiceDefined f) => state with { Versions = state.Versions.Add(f.Definition) },
        (_, FeatureServiceDescribed f) => state with { Owner = f.Owner, Description = f.Description },
        (_, FeatureServiceTagged f) => state with { Tags = state.Tags.Add(f.Tag) },
        (_, FeatureServiceUntagged f) => state with { Tags = state.Tags.Remove(f.Tag) },
        (_, FeatureServiceRetired) => state with { Retired = true },
        _ => state,
    };
}

/// <summary>What holds for every write to a feature service.</summary>
internal static class FeatureServiceWrites
{
    /// <summary>Whether the service is there and takes changes; if not, <paramref name="refusal"/> says why.</summary>
    public static bool Writable([NotNullWhen(true)] FeatureService? state, NodeId node, [NotNullWhen(false)] out Decision.Refused? refusal)
    {
        refusal = state switch
        {
            null => new Decision.Refused("feature_service.not_found", $"There is no '{node}'."),
            { Retired: true } => Retired(node),
            _ => null,
        };
        return refusal is null;
    }

    public static Decision.Refused Retired(NodeId node) =>
        new("feature_service.retired", $"'{node}' was retired and takes no more changes; names are not reused.");
}
