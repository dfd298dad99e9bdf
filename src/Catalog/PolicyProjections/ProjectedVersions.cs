using System.Text.Json;
using Catalog.Datasets;
using Catalog.Platform.Store;
using Catalog.Retention;
using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Projections;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Catalog.PolicyProjections;

/// <summary>A projection of a version, as it was recorded.</summary>
/// <param name="Stream">Of the dataset.</param>
/// <param name="Made">What was made of it.</param>
internal sealed record ProjectedVersion(string Stream, VersionProjected Made)
{
    public NodeId Version => NodeId.Parse(Stream).WithVersion(Made.Number);
}

/// <summary>
/// Keeps which projections there are of which versions, in the transaction of the facts that say so: what is not here is made, and the
/// primary key settles races between servers that made the same.
/// </summary>
internal sealed class ProjectedVersions : IProjection
{
    public const string TableName = $"{CatalogStore.Schema}.projected_version";

    private const string PrimaryKey = "projected_version_once";

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(TableName) { PrimaryKeyName = PrimaryKey };
        table.AddColumn("projection", "text").AsPrimaryKey();
        table.AddColumn("stream", "text").AsPrimaryKey();
        table.AddColumn("number", "bigint").AsPrimaryKey();
        table.AddColumn("manifest", "text").NotNull().AddIndex();
        table.AddColumn("made", "jsonb").NotNull();
        table.Indexes.Add(new IndexDefinition("projected_version_of") { Columns = ["stream", "number"] });
        options.Storage.ExtendedSchemaObjects.Add(table);
        options.Projections.Add(
            new ProjectedVersions(), ProjectionLifecycle.Inline, "projected_version", o => o.DeleteDataInTableOnTeardown(TableName));
    }

    /// <summary>
    /// All projections of a shared commit in one statement. One that is there already fails the commit: see <see cref="IsRepeated"/>.
    /// </summary>
    public Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken ct)
    {
        var made = events.Where(e => e.Data is VersionProjected)
            .Select(e => new ProjectedVersion(e.StreamKey ?? "", (VersionProjected)e.Data)).ToList();
        if (made.Count > 0)
        {
            operations.QueueSqlCommand(
                $"insert into {TableName} (projection, stream, number, manifest, made) "
                + "select * from unnest(?::text[], ?::text[], ?::bigint[], ?::text[], ?::jsonb[])",
                made.Select(p => p.Made.Projection).ToArray(),
                made.Select(p => p.Stream).ToArray(),
                made.Select(p => p.Made.Number).ToArray(),
                made.Select(p => p.Made.ManifestHash).ToArray(),
                made.Select(p => JsonSerializer.Serialize(p.Made, CatalogStore.Json)).ToArray());
        }

        foreach (var e in events)
        {
            if (e.Data is VersionTombstoned gone)
                Forget(operations, e.StreamKey ?? "", gone.Number);
        }

        return Task.CompletedTask;
    }

    /// <summary>What was made of a version goes with it.</summary>
    private static void Forget(IDocumentOperations operations, string stream, long number) => operations.QueueSqlCommand(
        $"""
        with gone as (delete from {TableName} where stream = ? and number = ? returning manifest)
        insert into {Tombstones.Table} (manifest) select distinct manifest from gone on conflict do nothing
        """,
        stream, number);

    /// <summary>A projection of a version or, where that has none yet, of another with the same content; null where none is.</summary>
    public static async Task<ProjectedVersion?> FindAsync(
        IDocumentStore store, NodeId version, string projection, CancellationToken ct)
    {
        var found = await store.ReadAsync(
            $"""
            select stream, made::text from {TableName} where projection = $1
            order by (stream = $2 and number = $3) desc, stream collate "C", number limit 1
            """,
            [projection, version.StreamId, version.VersionNumber ?? 0],
            Read,
            ct);
        return found.Count > 0 ? found[0] : null;
    }

    /// <summary>The projections that have one of some manifests.</summary>
    public static async Task<IReadOnlyList<ProjectedVersion>> OfManifestsAsync(
        IDocumentStore store, string[] manifests, CancellationToken ct) =>
        await store.ReadAsync(
            $"""select stream, made::text from {TableName} where manifest = any($1) order by stream collate "C", number, projection""",
            [manifests],
            Read,
            ct);

    /// <summary>Two servers made the same projection, and the other one came first.</summary>
    public static bool IsRepeated(Exception? e) =>
        e is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: PrimaryKey }
            || (e?.InnerException is { } inner && IsRepeated(inner));

    private static ProjectedVersion Read(NpgsqlDataReader row) => new(
        row.GetString(0),
        JsonSerializer.Deserialize<VersionProjected>(row.GetString(1), CatalogStore.Json)
            ?? throw new InvalidOperationException("A projection is recorded as nothing."));
}
