using Catalog.Access;

namespace Catalog.Sdk.Http;

/// <summary>Registers a dataset, or a model, which has no tags.</summary>
internal sealed record RegisterBody(string Namespace, string Name, string Owner, string? Documentation, IReadOnlyList<string>? Tags = null);

internal sealed record CompatibilityBody(Compatibility Mode);

internal sealed record CommitBody(
    IReadOnlyList<FileBody>? Files,
    IReadOnlyList<FolderBody>? Folders,
    IReadOnlyList<string>? Remove,
    CommitMode? Mode,
    long? ExpectedParent,
    string IdempotencyKey,
    Guid? Run,
    string? Message,
    string? Format,
    bool? Observed,
    NodeId? FeatureService = null);

internal sealed record FileBody(string? Path, string? Uri, string? Sha256, long? Bytes);

internal sealed record FolderBody(string Uri, string? Glob, string? Prefix);

internal sealed record AliasBody(long Version);

internal sealed record ReasonBody(string? Reason);

/// <param name="Version">A number, or the text of an alias.</param>
internal sealed record DeployBody(string Version);

internal sealed record FeatureServiceBody(NodeId Service);

internal sealed record StartRunBody(
    Guid Id,
    NameBody Job,
    string? CodeRevision,
    IReadOnlyDictionary<string, string>? Environment,
    IReadOnlyDictionary<string, string>? Parameters,
    IReadOnlyList<string>? Tags,
    Guid? Parent);

internal sealed record NameBody(string Namespace, string Name);

internal sealed record InputBody(string Dataset, string? Role);

internal sealed record ParametersBody(IReadOnlyDictionary<string, string> Values);

/// <param name="Points">Measured values.</param>
/// <param name="Batch">Sent again with the batch, so that it is logged once.</param>
internal sealed record MetricsBody(IReadOnlyList<MetricPoint> Points, Guid Batch);

internal sealed record KeyBody(string Name, Role Role, string? Principal, DateTimeOffset? ExpiresAt);

internal sealed record GroupBody(string Name, string? Description);

internal sealed record PrincipalBody(string Id, PrincipalKind Kind, IReadOnlyDictionary<string, string>? Attributes);

internal sealed record AttributesBody(IReadOnlyDictionary<string, string> Attributes);
