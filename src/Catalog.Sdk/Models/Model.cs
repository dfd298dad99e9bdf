namespace Catalog.Sdk;

/// <summary>A model as it is now.</summary>
public sealed record Model(
    NodeId Node,
    string Namespace,
    string Name,
    string Owner,
    string? Documentation,
    IReadOnlyDictionary<string, long>? Aliases,
    IReadOnlyDictionary<string, long>? Deployments,
    long? Latest,
    long Versions,
    bool Retired,
    DateTimeOffset RegisteredAt,
    DateTimeOffset UpdatedAt,
    string? RegisteredBy);

/// <summary>An immutable version of a model: the files one run made.</summary>
public sealed record ModelVersion(
    NodeId Node,
    long Number,
    string? ContentHash,
    string? ManifestHash,
    long? Files,
    long? Bytes,
    string? Run,
    string? Message,
    DateTimeOffset CommittedAt,
    string? CommittedBy);

/// <summary>A version of a model to be made.</summary>
public sealed record NewModelVersion
{
    /// <summary>The model's files; folders are read here, file by file, and uploaded.</summary>
    public IReadOnlyList<VersionSource> Sources { get; init; } = [];

    public string? Message { get; init; }

    /// <summary>Calls with the same key make one version. Made anew for each call unless given.</summary>
    public string? IdempotencyKey { get; init; }
}
