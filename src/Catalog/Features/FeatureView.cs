using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Catalog.Platform.Writes;

namespace Catalog.Features;

/// <summary>What deciding about a feature view needs to know of its past.</summary>
public sealed record FeatureView : IState<FeatureView>
{
    public required string Id { get; init; }

    public required string Owner { get; init; }

    public string Description { get; init; } = "";

    public ImmutableSortedSet<string> Tags { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Number 1 first.</summary>
    public ImmutableList<DefinedVersion> Versions { get; init; } = [];

    public bool Retired { get; init; }

    /// <summary>Highest version number.</summary>
    [JsonIgnore]
    public long Latest => Versions.Count;

    /// <summary>The definition that holds for whoever names no version; null while there is none.</summary>
    [JsonIgnore]
    public DefinedVersion? Newest => Versions is [.., var newest] ? newest : null;

    public static string StreamId(string @namespace, string name) => NodeId.FeatureView(@namespace, name).StreamId;

    public static FeatureView? Fold(FeatureView? state, object fact) => (state, fact) switch
    {
        (null, FeatureViewRegistered f) => new FeatureView
        {
            Id = StreamId(f.Namespace, f.Name),
            Owner = f.Owner,
            Description = f.Description,
            Tags = f.Tags.ToImmutableSortedSet(StringComparer.Ordinal),
        },
        (null, _) => null,
        (_, FeatureViewDefined f) => state with { Versions = state.Versions.Add(new(f.Definition, f.Hash)) },
        (_, FeatureViewExtended f) when f.Number >= 1 && f.Number <= state.Latest =>
            state with { Versions = state.Versions.SetItem((int)f.Number - 1, new(f.Definition, f.Hash)) },
        (_, FeatureViewDescribed f) => state with { Owner = f.Owner, Description = f.Description },
        (_, FeatureViewTagged f) => state with { Tags = state.Tags.Add(f.Tag) },
        (_, FeatureViewUntagged f) => state with { Tags = state.Tags.Remove(f.Tag) },
        (_, FeatureViewRetired) => state with { Retired = true },
        _ => state,
    };
}

/// <summary>What a version is, as it was extended last.</summary>
public sealed record DefinedVersion(FeatureDefinition Definition, string Hash);

/// <summary>What holds for every write to a feature view.</summary>
internal static class FeatureViewRules
{
    /// <summary>Whether the view is there and takes changes; if not, <paramref name="refusal"/> says why.</summary>
    public static bool Writable([NotNullWhen(true)] FeatureView? state, NodeId node, [NotNullWhen(false)] out Decision.Refused? refusal)
    {
        refusal = state switch
        {
            null => new Decision.Refused("feature_view.not_found", $"There is no '{node}'."),
            { Retired: true } => Retired(node),
            _ => null,
        };
        return refusal is null;
    }

    public static Decision.Refused Retired(NodeId node) =>
        new("feature_view.retired", $"'{node}' was retired and takes no more changes; names are not reused.");
}
