using Catalog.Datasets;
using Catalog.Platform.Writes;

namespace Catalog.Models;

/// <summary>A model entered the catalog under a name that is never reused.</summary>
public sealed record ModelRegistered(string Namespace, string Name, string Owner, string Documentation);

/// <summary>A run made a version of a model.</summary>
/// <param name="Number">Dense, from 1.</param>
/// <param name="Run">The run it belongs to.</param>
/// <param name="ContentHash">Of its artifact files, as a dataset version's.</param>
/// <param name="ManifestHash">Of the manifest that lists them.</param>
/// <param name="Files">Number of artifact files.</param>
/// <param name="Bytes">Sum of their sizes.</param>
/// <param name="Message">Why, in the run's words.</param>
/// <param name="IdempotencyKey">The caller's own key for the request, where given.</param>
/// <param name="RequestDigest">SHA-256 of the request that carried the key.</param>
public sealed record ModelVersionCreated(
    long Number,
    Guid Run,
    string ContentHash,
    string ManifestHash,
    long Files,
    long Bytes,
    string? Message,
    string? IdempotencyKey,
    string? RequestDigest);

/// <summary>
/// A request under a new idempotency key asked for what the newest version holds already: from here on the key stands for that version.
/// </summary>
public sealed record ModelCommitRepeated(long Number, string IdempotencyKey, string RequestDigest);

/// <summary>A model version's artifact files were hashed again and compared with its manifest.</summary>
public sealed record ModelVersionVerified(long Number, bool Intact, long Files, long Bytes, IReadOnlyList<FileFinding> Findings);

/// <summary>A model version is served the features of a service from here on, in place of those that it was.</summary>
/// <param name="Number">Of the model's version.</param>
/// <param name="Service">A version by number: <c>feature-service:demo/flight_delay@1</c>.</param>
public sealed record ModelFeaturesNamed(long Number, NodeId Service);

/// <summary>What inference services hand back of the model's decisions is kept from here on.</summary>
/// <param name="RetentionDays">For so many days at least; 183 or more.</param>
public sealed record ModelPredictionLogSwitchedOn(int RetentionDays);

/// <summary>Decisions are not taken any more from here on; what was kept stays.</summary>
/// <param name="RetentionDays">For which what was kept was promised to stay.</param>
public sealed record ModelPredictionLogSwitchedOff(int RetentionDays);

/// <summary>An alias points to a model version from here on.</summary>
public sealed record ModelAliasSet(string Alias, long Number);

/// <summary>An alias points to nothing from here on.</summary>
public sealed record ModelAliasRemoved(string Alias);

/// <summary>A model version serves at an endpoint from here on, in place of the version of this model that served there before.</summary>
public sealed record ModelDeployed(string Endpoint, long Number);

/// <summary>Nothing of this model serves at an endpoint from here on.</summary>
public sealed record ModelUndeployed(string Endpoint, long Number);

/// <summary>A model takes no more changes; its versions and its name stay.</summary>
public sealed record ModelRetired(string Reason);

internal static class ModelFacts
{
    public static FactRegistry.Area Area { get; } = new FactRegistry.Area()
        .Fact<Model, ModelRegistered>("model_registered")
        .Fact<Model, ModelVersionCreated>("model_version_created")
        .Fact<Model, ModelCommitRepeated>("model_commit_repeated")
        .Fact<Model, ModelVersionVerified>("model_version_verified")
        .Fact<Model, ModelFeaturesNamed>("model_features_named")
        .Fact<Model, ModelPredictionLogSwitchedOn>("model_prediction_log_switched_on")
        .Fact<Model, ModelPredictionLogSwitchedOff>("model_prediction_log_switched_off")
        .Fact<Model, ModelAliasSet>("model_alias_set")
        .Fact<Model, ModelAliasRemoved>("model_alias_removed")
        .Fact<Model, ModelDeployed>("model_deployed")
        .Fact<Model, ModelUndeployed>("model_undeployed")
        .Fact<Model, ModelRetired>("model_retired");
}
