using System.Text.Json.Serialization;

namespace Catalog.Sdk;

/// <summary>A model as it is now.</summary>
/// <param name="Node"><c>model:demo/flight-delay</c></param>
/// <param name="Namespace">Owner or source of the name.</param>
/// <param name="Name">Never reused.</param>
/// <param name="Owner">Who answers for it: an opaque id.</param>
/// <param name="Documentation">What it is.</param>
/// <param name="Latest">Number of the newest version, which is how many there are; 0 for none.</param>
/// <param name="Aliases">Version numbers by alias.</param>
/// <param name="Deployments">Version numbers by endpoint.</param>
/// <param name="Retired">It takes no more changes.</param>
/// <param name="RetiredBecause">Why.</param>
/// <param name="RegisteredAt">When it entered the catalog.</param>
/// <param name="UpdatedAt">When anything last changed.</param>
/// <param name="RegisteredBy">The principal that registered it.</param>
/// <param name="PredictionLog">Whether its predictions are kept; null where they never were.</param>
public sealed record Model(
    [property: JsonRequired] NodeId Node,
    string Namespace,
    string Name,
    string Owner,
    string? Documentation,
    long Latest,
    IReadOnlyDictionary<string, long>? Aliases,
    IReadOnlyDictionary<string, long>? Deployments,
    bool Retired,
    string? RetiredBecause,
    DateTimeOffset RegisteredAt,
    DateTimeOffset UpdatedAt,
    string? RegisteredBy,
    PredictionLogging? PredictionLog = null);

/// <summary>What a model is registered with.</summary>
public sealed record ModelRegistration(string Owner, string? Documentation = null);

/// <summary>An immutable version of a model: the files one run made, and the feature service that it is served.</summary>
public sealed record ModelVersion(
    [property: JsonRequired] NodeId Node,
    long Number,
    Guid Run,
    string? ContentHash,
    string? ManifestHash,
    long Files,
    long Bytes,
    string? Message,
    DateTimeOffset CreatedAt,
    string? CreatedBy,
    LastVerification? LastVerified,
    NodeId? FeatureService = null);

/// <summary>A version of a model to be made.</summary>
public sealed record NewModelVersion
{
    /// <summary>The model's files; folders are read here, file by file, and uploaded.</summary>
    public IReadOnlyList<VersionSource> Sources { get; init; } = [];

    public string? Message { get; init; }

    /// <summary>The feature service that it is served: its newest version unless one is named; null for none.</summary>
    public NodeId? FeatureService { get; init; }

    /// <summary>Calls with the same key make one version. Made anew for each call unless given.</summary>
    public string? IdempotencyKey { get; init; }
}
