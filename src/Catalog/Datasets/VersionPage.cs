using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Integrity;
using Catalog.Platform.Store;
using Catalog.Retention;
using Catalog.Schemas;
using JasperFx.Events;
using Marten;
using Marten.Events.Projections;

namespace Catalog.Datasets;

/// <summary>One version of a dataset as a reader sees it.</summary>
public sealed record VersionPage
{
    /// <summary>The version's node: <c>dataset:demo/flights@3</c>.</summary>
    [JsonPropertyName("node")]
    public required string Id { get; init; }

    /// <summary>The dataset's stream id.</summary>
    public required string Dataset { get; init; }

    public required long Number { get; init; }

    public long? Parent { get; init; }

    public required VersionState State { get; init; }

    public string? ContentHash { get; init; }

    /// <summary>Of the list of its files, as long as that is kept.</summary>
    public string? ManifestHash { get; init; }

    public long? Files { get; init; }

    public long? Bytes { get; init; }

    public long? Rows { get; init; }

    public string? Format { get; init; }

    public TableSchema? Schema { get; init; }

    public SchemaChange? SchemaChange { get; init; }

    /// <summary>By column path. Not kept here but in the manifest, and filled in where one version is shown.</summary>
    public IReadOnlyDictionary<string, ColumnStatistics>? Statistics { get; init; }

    /// <summary>What an observed version refers to; empty for a committed one.</summary>
    public IReadOnlyList<ObservedSource> Sources { get; init; } = [];

    public Guid? Run { get; init; }

    public string? Message { get; init; }

    public string? IdempotencyKey { get; init; }

    public string? RequestDigest { get; init; }

    public DateTimeOffset CommittedAt { get; init; }

    public string? CommittedBy { get; init; }

    public Verification? LastVerified { get; init; }

    /// <summary>Why its files are not kept any more; null while they are.</summary>
    public Tombstone? Tombstone { get; init; }
}

/// <summary>How far a version's content is known.</summary>
public enum VersionState
{
    Committed,
    Observed,
    Sealed,

    /// <summary>Its files are not kept any more: <see cref="VersionPage.Tombstone"/> says why.</summary>
    Tombstoned,
}

/// <param name="At">Since when.</param>
/// <param name="By">Who had it removed.</param>
/// <param name="Cause">Why.</param>
/// <param name="Successor">The version that has what is left of it; null where there is none.</param>
/// <param name="Erasure">That asked for it.</param>
/// <param name="ManifestHash">Of the list of files that it had.</param>
public sealed record Tombstone(
    DateTimeOffset At, string? By, TombstoneCause Cause, NodeId? Successor, Guid? Erasure, string? ManifestHash);

/// <param name="At">When the files were hashed again.</param>
/// <param name="Intact">Whether each was as the manifest says.</param>
/// <param name="By">Who asked.</param>
public sealed record Verification(DateTimeOffset At, bool Intact, string? By);

/// <summary>Keeps <see cref="VersionPage"/>. Inline, because the next commit reads it.</summary>
internal sealed class VersionPages : IProjection
{
    public async Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken ct)
    {
        var fresh = new List<VersionPage>();
        var changed = new Dictionary<string, VersionPage>(StringComparer.Ordinal);
        var gone = new List<string>();
        foreach (var e in events)
        {
            switch (e.Data)
            {
                case VersionCommitted f:
                    fresh.Add(Committed(e, f));
                    break;
                case VersionObserved f:
                    fresh.Add(Observed(e, f));
                    break;
                case VersionSealed f:
                    await ChangeAsync(Id(e, f.Number), page => Sealed(page, f));
                    break;
                case VersionVerified f:
                    await ChangeAsync(
                        Id(e, f.Number), page => page with { LastVerified = new Verification(e.Timestamp, f.Intact, e.UserName) });
                    break;
                case VersionTombstoned f:
                    await ChangeAsync(Id(e, f.Number), page => Tombstoned(page, e, f));
                    gone.Add(Id(e, f.Number));
                    break;
            }
        }

        Insert(operations, fresh);
        if (changed.Count > 0)
            operations.Store(changed.Values.ToArray());
        if (gone.Select(id => changed.GetValueOrDefault(id)?.Tombstone?.ManifestHash).OfType<string>().ToArray() is { Length: > 0 } lists)
            operations.QueueSqlCommand(Tombstones.Note, [lists]);

        // Several facts of a shared commit can be about one version.
        async Task ChangeAsync(string id, Func<VersionPage, VersionPage> change)
        {
            if (fresh.FindIndex(p => p.Id == id) is var place and >= 0)
                fresh[place] = change(fresh[place]);
            else if ((changed.GetValueOrDefault(id) ?? await operations.LoadAsync<VersionPage>(id, ct)) is { } page)
                changed[id] = change(page);
        }
    }

    /// <summary>All new pages of a shared commit in one statement, as Marten would store them one by one.</summary>
    private static void Insert(IDocumentOperations operations, List<VersionPage> pages)
    {
        if (pages.Count > 0)
        {
            operations.QueueSqlCommand(
                $"""
                insert into {CatalogStore.Schema}.mt_doc_{TableAlias} (id, data, mt_last_modified, mt_version, mt_dotnet_type)
                select id, data, now(), gen_random_uuid(), '{typeof(VersionPage).FullName}'
                from unnest(?::text[], ?::jsonb[]) as page (id, data)
                """,
                pages.Select(p => p.Id).ToArray(),
                pages.Select(p => JsonSerializer.Serialize(p, CatalogStore.Json)).ToArray());
        }
    }

    internal const string TableAlias = "page_version";

    internal static string Id(string dataset, long number) => $"{dataset}@{number}";

    private static string Id(IEvent e, long number) => Id(e.StreamKey ?? "", number);

    private static VersionPage Committed(IEvent e, VersionCommitted f) => new()
    {
        Id = Id(e, f.Number),
        Dataset = e.StreamKey ?? "",
        Number = f.Number,
        Parent = f.Parent,
        State = VersionState.Committed,
        ContentHash = f.ContentHash,
        ManifestHash = f.ManifestHash,
        Files = f.Files,
        Bytes = f.Bytes,
        Rows = f.Rows,
        Format = f.Format,
        Schema = f.Schema,
        SchemaChange = f.SchemaChange,
        Run = f.Run,
        Message = f.Message,
        IdempotencyKey = f.IdempotencyKey,
        RequestDigest = f.RequestDigest,
        CommittedAt = e.Timestamp,
        CommittedBy = e.UserName,
    };

    private static VersionPage Observed(IEvent e, VersionObserved f) => new()
    {
        Id = Id(e, f.Number),
        Dataset = e.StreamKey ?? "",
        Number = f.Number,
        Parent = f.Parent,
        State = VersionState.Observed,
        Format = f.Format,
        Sources = f.Sources,
        Run = f.Run,
        Message = f.Message,
        IdempotencyKey = f.IdempotencyKey,
        RequestDigest = f.RequestDigest,
        CommittedAt = e.Timestamp,
        CommittedBy = e.UserName,
    };

    private static VersionPage Sealed(VersionPage page, VersionSealed f) => page with
    {
        State = VersionState.Sealed,
        ContentHash = f.ContentHash,
        ManifestHash = f.ManifestHash,
        Files = f.Files,
        Bytes = f.Bytes,
        Rows = f.Rows,
        Schema = f.Schema,
        SchemaChange = f.SchemaChange,
    };

    private static VersionPage Tombstoned(VersionPage page, IEvent e, VersionTombstoned f) => page with
    {
        State = VersionState.Tombstoned,
        ManifestHash = null,
        Tombstone = new(
            e.Timestamp, e.UserName, f.Cause, f.Successor is { } next ? NodeId.Parse(page.Dataset).WithVersion(next) : null, f.Erasure,
            page.ManifestHash ?? page.Tombstone?.ManifestHash),
    };
}
