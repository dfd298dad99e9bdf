using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Catalog.FeatureGenerations;
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

    /// <summary>Where values are looked up, in the order in which the places are asked (<see cref="ServingTiers"/>).</summary>
    public ImmutableList<string> Tiers { get; init; } = [.. ServingTiers.Default];

    /// <summary>Generations of all versions that were built and not dropped, the newest last.</summary>
    public ImmutableList<FeatureGenerationBuilt> Generations { get; init; } = [];

    /// <summary>What serves each version, and did before, by number (<see cref="ServingHistory"/>).</summary>
    public ImmutableSortedDictionary<long, ImmutableList<GenerationInUse>> Served { get; init; } =
        ImmutableSortedDictionary<long, ImmutableList<GenerationInUse>>.Empty;

    public bool Retired { get; init; }

    public static int FoldRevision => 2;

    /// <summary>Highest version number.</summary>
    [JsonIgnore]
    public long Latest => Versions.Count;

    /// <summary>The definition that holds for whoever names no version; null while there is none.</summary>
    [JsonIgnore]
    public DefinedVersion? Newest => Versions is [.., var newest] ? newest : null;

    public static string StreamId(string @namespace, string name) => NodeId.FeatureView(@namespace, name).StreamId;

    /// <summary>A generation that was built and not dropped.</summary>
    public FeatureGenerationBuilt? FindGeneration(Guid generation) => Generations.Find(g => g.Generation == generation);

    /// <summary>What serves a version, and did before, oldest first.</summary>
    public ImmutableList<GenerationInUse> ServingOf(long number) => Served.GetValueOrDefault(number, []);

    /// <summary>The generation that serves a version; null while none does.</summary>
    public FeatureGenerationBuilt? FindActive(long number) =>
        ServingOf(number) is [.., var last] ? FindGeneration(last.Generation) : null;

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
        (_, FeatureViewServingDeclared f) => state with { Tiers = [.. f.Tiers] },
        (_, FeatureViewRetired) => state with { Retired = true },
        _ => FoldGeneration(state, fact),
    };

    private static FeatureView FoldGeneration(FeatureView state, object fact) => fact switch
    {
        FeatureGenerationBuilt f => state with { Generations = state.Generations.Add(f) },
        FeatureGenerationActivated f => state.With(
            f.Number, ServingHistory.Activate(state.ServingOf(f.Number), new GenerationInUse(f.Generation, f.Activation))),
        FeatureGenerationRolledBack f => state.With(f.Number, ServingHistory.RollBack(state.ServingOf(f.Number))),
        FeatureGenerationDropped f => state with
        {
            Generations = state.Generations.RemoveAll(g => g.Generation == f.Generation),
            Served = state.Served.ToImmutableSortedDictionary(s => s.Key, s => ServingHistory.Drop(s.Value, f.Generation)),
        },
        _ => state,
    };

    private FeatureView With(long number, ImmutableList<GenerationInUse> history) =>
        this with { Served = Served.SetItem(number, history) };
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
