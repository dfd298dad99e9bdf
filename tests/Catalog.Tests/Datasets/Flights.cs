using Catalog.Datasets;
using Catalog.Integrity;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Schemas;

namespace Catalog.Tests.Datasets;

/// <summary>A dataset to decide about: <c>demo/flights</c>, what it is made of, and a run that makes it.</summary>
internal static class Flights
{
    public static readonly Guid RunId = new("0198b2c4-7d1e-7a53-9c1f-2f60a4d1b3e7");

    public static NodeId Node => NodeId.Dataset("demo", "flights");

    public static DatasetRegistered Registered => new("demo", "flights", "team-data", "", []);

    public static RunStarted Started =>
        new(RunId, NodeId.Job("demo", "ingest"), Parent: null, CodeRevision: null, RunLimits.None, RunLimits.None, []);

    public static TableSchema Schema(params Column[] columns) => new(columns);

    public static Column Required(string name, string type = "int32") => new(name, type, Nullable: false);

    public static Column Optional(string name, string type = "int32") => new(name, type, Nullable: true);

    /// <summary>One file, whose bytes are told apart by a letter.</summary>
    public static Content Content(char letter, TableSchema? schema = null, long? preparedOn = null) => Manifests.Content.Of(
        [new FileEntry("part.parquet", $"file:///data/{letter}.parquet", 10, schema is null ? null : 5, Sha256.Hash([(byte)letter]))],
        schema is null ? null : new TableFacts(schema, new Dictionary<string, ColumnStatistics>(StringComparer.Ordinal)),
        new HashSet<string>(StringComparer.Ordinal),
        preparedOn);

    public static VersionCommitted Committed(
        long number, Content content, SchemaChange? change = null, Guid? run = null, string? message = null, string? key = null) =>
        new(
            number, number == 1 ? null : number - 1, content.ContentHash,
            ManifestHash.Compute(content.RootOn(number == 1 ? null : number - 1, run, message)),
            content.Files, content.Bytes, content.Rows, content.Format, content.Schema, change ?? SchemaChange.None,
            run, message, key, RequestDigest: null);

    public static VersionObserved Observed(long number, Guid? run = null) =>
        new(number, number == 1 ? null : number - 1, Sources, Format: null, run, Message: null, IdempotencyKey: null, RequestDigest: null);

    public static IReadOnlyList<ObservedSource> Sources { get; } =
        [new("file:///data/flights", Path: null, "**", Prefix: null, Sha256: null, Bytes: null)];

    public static Decision Commit(
        Dataset? state, Content content, CommitVersion.Body? body = null, Run? run = null, string? digest = null) =>
        CommitVersion.Decide(state, run, Node, body ?? new CommitVersion.Body(), content, digest);

    public static Decision Observe(Dataset? state, CommitVersion.Body? body = null, Run? run = null) =>
        ObserveVersion.Decide(state, run, Node, body ?? new CommitVersion.Body(Observed: true), Sources, digest: null);

    /// <summary>Sealed after looking at what came before, as the state says it.</summary>
    public static Decision Seal(
        Dataset? state, long number, Content content, TableSchema? before = null, IReadOnlyList<long>? observed = null) =>
        SealVersion.Decide(
            state,
            Node,
            new VersionPage
            {
                Id = $"{Node}@{number}",
                Dataset = Node.StreamId,
                Number = number,
                Parent = number == 1 ? null : number - 1,
                State = VersionState.Observed,
            },
            content,
            new SealVersion.Earlier(before, observed ?? [.. state?.Observed.Where(n => n < number) ?? []]));
}
