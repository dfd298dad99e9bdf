using Catalog.Access;
using Catalog.Datasets;
using Catalog.Platform;
using Catalog.Platform.Store;
using Marten;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Catalog.Manifests;

/// <summary>
/// Who may name an object by its hash: whoever brought its bytes, or may read them in some version. To know a hash is not to have the
/// bytes: hashes stand in lists of files, which more people see than may read the data.
/// </summary>
internal sealed class UploadedObjects(IDocumentStore store, Caller caller, Gate gate)
{
    private const string Table = $"{CatalogStore.Schema}.object_upload";

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(Table);
        table.AddColumn("sha256", "bytea").AsPrimaryKey();
        table.AddColumn("principal", "text").AsPrimaryKey();
        options.Storage.ExtendedSchemaObjects.Add(table);
    }

    /// <summary>The caller has brought these bytes.</summary>
    public async Task NoteAsync(string sha256, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"insert into {Table} (sha256, principal) values ($1, $2) on conflict do nothing", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = Convert.FromHexString(sha256) });
        command.Parameters.Add(new NpgsqlParameter { Value = caller.Identity.Principal });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// Why a commit is refused that names objects by their hashes; null where it is not. What may not be named is answered like what was
    /// never uploaded.
    /// </summary>
    /// <param name="target">The dataset or model: what its own versions have, it may have again.</param>
    /// <param name="files">Of the commit.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<Problem?> WhyNotAsync(NodeId target, IReadOnlyList<FileSource>? files, CancellationToken ct)
    {
        // Where no policy says anything, whoever may commit may read everything.
        if (gate.SeesAll || (files ?? []).Where(f => f is { Uri: null, Sha256: not null }).ToList() is not { Count: > 0 } named)
            return null;
        var holders = (await HoldersAsync([.. named.Select(f => f.Sha256 ?? "").Distinct(StringComparer.Ordinal)], ct))
            .ToLookup(h => h.Sha256, h => h.Version, StringComparer.Ordinal);
        var hidden = named.Find(f => holders[f.Sha256 ?? ""].ToList() is { Count: > 0 } versions && !versions.Exists(MayRead));
        return hidden is null ? null : NotUploaded(hidden.Path ?? "", hidden.Sha256 ?? "");

        bool MayRead(NodeId version) => version.WithoutVersion() == target || gate.Binds(version, []).IsNone;
    }

    /// <summary>What a commit is answered that names an object which is not there.</summary>
    public static Problem NotUploaded(string path, string sha256) => Problem.Field(
        "object.not_found", "files", $"No object '{sha256}' was uploaded for '{path}': send its bytes with POST /v1/objects first.");

    /// <summary>The versions that have one of some objects which the caller has not brought.</summary>
    private Task<List<(string Sha256, NodeId Version)>> HoldersAsync(IReadOnlyList<string> sha256, CancellationToken ct) => store.ReadAsync(
        $"""
        select encode(f.sha256, 'hex'), v.id
        from {ManifestTables.ChunkFileTable} f join {ManifestTables.ChunkUseTable} u on u.chunk = f.chunk
        join (
          select data->>'manifestHash' as manifest, id from {CatalogStore.Schema}.mt_doc_{VersionPages.TableAlias}
          union all select data->>'manifestHash', id from {CatalogStore.Schema}.mt_doc_page_model_version
          union all select manifest, stream || '@' || number from {PolicyProjections.ProjectedVersions.TableName}) v
          on v.manifest = u.manifest
        where f.sha256 = any($1) and not exists (select 1 from {Table} o where o.sha256 = f.sha256 and o.principal = $2)
        """,
        [sha256.Select(Convert.FromHexString).ToArray(), caller.Identity.Principal],
        row => (row.GetString(0), NodeId.Parse(row.GetString(1))),
        ct);
}
