using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Catalog.Platform.Writes;

namespace Catalog.Models;

/// <summary>What deciding about a model needs to know of its past.</summary>
public sealed record Model : IState<Model>
{
    public required string Id { get; init; }

    public required string Owner { get; init; }

    public bool Retired { get; init; }

    /// <summary>Highest version number; 0 when there is none yet.</summary>
    public long Latest { get; init; }

    /// <summary>Content hash and run of <see cref="Latest"/>: the same artifacts of the same run again are the same version.</summary>
    public string? LatestContent { get; init; }

    public Guid? LatestRun { get; init; }

    public ImmutableSortedDictionary<string, long> Aliases { get; init; } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>Which version serves at which endpoint.</summary>
    public ImmutableSortedDictionary<string, long> Deployments { get; init; } =
        ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>Which version of which feature service each version is served, by number; versions that name none are left out.</summary>
    public ImmutableSortedDictionary<long, NodeId> FeatureServices { get; init; } = ImmutableSortedDictionary<long, NodeId>.Empty;

    /// <summary>Whether decisions are kept that are handed back; null where they never were.</summary>
    public PredictionLogging? PredictionLog { get; init; }

    public static int FoldRevision => 3;

    public static string StreamId(string @namespace, string name) => NodeId.Model(@namespace, name).StreamId;

    public static Model? Fold(Model? state, object fact) => (state, fact) switch
    {
        (null, ModelRegistered f) => new Model { Id = StreamId(f.Namespace, f.Name), Owner = f.Owner },
        (null, _) => null,
        (_, ModelVersionCreated f) => state with { Latest = f.Number, LatestContent = f.ContentHash, LatestRun = f.Run },
        (_, ModelFeaturesNamed f) => state with { FeatureServices = state.FeatureServices.SetItem(f.Number, f.Service) },
        (_, ModelPredictionLogSwitchedOn f) => state with { PredictionLog = new(f.RetentionDays, IsOn: true) },
        (_, ModelPredictionLogSwitchedOff f) => state with { PredictionLog = new(f.RetentionDays, IsOn: false) },
        (_, ModelAliasSet f) => state with { Aliases = state.Aliases.SetItem(f.Alias, f.Number) },
        (_, ModelAliasRemoved f) => state with { Aliases = state.Aliases.Remove(f.Alias) },
        (_, ModelDeployed f) => state with { Deployments = state.Deployments.SetItem(f.Endpoint, f.Number) },
        (_, ModelUndeployed f) => state with { Deployments = state.Deployments.Remove(f.Endpoint) },
        (_, ModelRetired) => state with { Retired = true },
        _ => state,
    };
}

/// <summary>Whether and how long a model's decisions are kept.</summary>
/// <param name="RetentionDays">What was kept stays for so many days at least.</param>
/// <param name="IsOn">Whether more are taken.</param>
public sealed record PredictionLogging(int RetentionDays, bool IsOn);

/// <summary>What holds for every write to a model.</summary>
internal static class ModelRules
{
    /// <summary>Whether the model is there and takes changes; if not, <paramref name="refusal"/> says why.</summary>
    public static bool Writable([NotNullWhen(true)] Model? state, NodeId node, [NotNullWhen(false)] out Decision.Refused? refusal)
    {
        refusal = state switch
        {
            null => new Decision.Refused("model.not_found", $"There is no '{node}'."),
            { Retired: true } => new Decision.Refused("model.retired", $"'{node}' was retired and takes no more changes."),
            _ => null,
        };
        return refusal is null;
    }
}
