using System.Text.Json;

namespace Catalog.Server.Doors.Marquez;

// What Marquez answers with (spec/openapi.yml of 0.51), member by member in camel case; null members are written.

internal sealed record DatasetRef(string Namespace, string Name);

internal sealed record JobRef(string Namespace, string Name);

internal sealed record VersionRef(string Namespace, string Name, Guid Version);

internal sealed record UsedVersion(VersionRef DatasetVersionId, IReadOnlyDictionary<string, JsonElement> Facets);

internal sealed record NamespaceShape(
    string Name, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string OwnerName, string? Description, bool IsHidden);

internal sealed record SourceShape(
    string Type, string Name, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string ConnectionUrl, string? Description);

internal sealed record TagShape(string Name, string? Description);

internal sealed record RunShape(
    string Id,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset? NominalStartTime,
    DateTimeOffset? NominalEndTime,
    string State,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    long? DurationMs,
    IReadOnlyDictionary<string, string> Args,
    VersionRef? JobVersion,
    IReadOnlyList<UsedVersion> InputDatasetVersions,
    IReadOnlyList<UsedVersion> OutputDatasetVersions,
    IReadOnlyDictionary<string, JsonElement> Facets);

internal sealed record JobShape(
    JobRef Id,
    string Type,
    string Name,
    string SimpleName,
    string? ParentJobName,
    Guid? ParentJobUuid,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string Namespace,
    IReadOnlyList<DatasetRef> Inputs,
    IReadOnlyList<DatasetRef> Outputs,
    string? Location,
    string? Description,
    RunShape? LatestRun,
    IReadOnlyList<RunShape> LatestRuns,
    IReadOnlyDictionary<string, JsonElement> Facets,
    Guid CurrentVersion,
    IReadOnlyList<string> Labels,
    IReadOnlyList<string> Tags);

internal sealed record JobVersionShape(
    VersionRef Id, string Name, DateTimeOffset CreatedAt, Guid Version, string Namespace, string? Location,
    IReadOnlyList<DatasetRef> Inputs, IReadOnlyList<DatasetRef> Outputs, RunShape? LatestRun);

internal sealed record FieldShape(string Name, string? Type, IReadOnlyList<string> Tags, string? Description);

internal sealed record DatasetShape(
    DatasetRef Id,
    string Type,
    string Name,
    string PhysicalName,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string Namespace,
    string SourceName,
    IReadOnlyList<FieldShape> Fields,
    IReadOnlyList<string> Tags,
    DateTimeOffset? LastModifiedAt,
    string? LastLifecycleState,
    string? Description,
    Guid? CurrentVersion,
    IReadOnlyList<ColumnLineageShape> ColumnLineage,
    IReadOnlyDictionary<string, JsonElement> Facets,
    bool Deleted);

internal sealed record DatasetVersionShape(
    VersionRef Id,
    string Type,
    string Name,
    string PhysicalName,
    DateTimeOffset CreatedAt,
    Guid Version,
    string Namespace,
    string SourceName,
    IReadOnlyList<FieldShape> Fields,
    IReadOnlyList<string> Tags,
    string? LifecycleState,
    string? Description,
    Guid? CurrentSchemaVersion,
    RunShape? CreatedByRun,
    IReadOnlyDictionary<string, JsonElement> Facets);

internal sealed record ColumnLineageShape(
    string Name, IReadOnlyList<InputFieldShape> InputFields, string? TransformationDescription, string? TransformationType);

internal sealed record InputFieldShape(
    string Namespace, string Dataset, string Field, string? TransformationDescription, string? TransformationType);

internal sealed record EdgeShape(string Origin, string Destination);

internal sealed record NodeShape(string Id, string Type, object? Data, IReadOnlyList<EdgeShape> InEdges, IReadOnlyList<EdgeShape> OutEdges);

internal sealed record ColumnShape(
    string Namespace, string Dataset, Guid? DatasetVersion, string Field, string? FieldType, string? TransformationDescription,
    string? TransformationType, IReadOnlyList<ColumnInputShape> InputFields);

internal sealed record ColumnInputShape(
    string Namespace, string Dataset, Guid? DatasetVersion, string Field, string? TransformationDescription, string? TransformationType);

internal sealed record SearchShape(string Type, string Name, DateTimeOffset UpdatedAt, string Namespace, string NodeId);
