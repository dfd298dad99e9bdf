using System.Runtime.CompilerServices;
using Catalog.Integrity;
using Catalog.Platform.Http;
using Catalog.Platform.Store;
using Catalog.PolicyProjections;
using Marten;
using Npgsql;

namespace Catalog.Manifests;

/// <summary>A version whose files are known, as <see cref="Inventory"/> finds it.</summary>
/// <param name="Stream">Of the dataset or model.</param>
/// <param name="Number">Of the version.</param>
/// <param name="Manifest">Hash of its manifest.</param>
/// <param name="MadeAt">When it was committed or created; of no meaning for what was made of a version.</param>
internal sealed record HeldVersion(string Stream, long Number, string Manifest, DateTimeOffset MadeAt);

/// <summary>Files that are listed together.</summary>
/// <param name="Manifests">Hashes of all manifests that list them.</param>
/// <param name="Files">Read once.</param>
internal sealed record HeldFiles(IReadOnlyList<string> Manifests, IEnumerable<FileEntry> Files);

/// <summary>Goes through everything that versions are made of, for those who look at storage as a whole.</summary>
internal sealed class Inventory(IDocumentStore store)
{
    /// <summary>All versions of datasets and models whose files are known, by stream and number.</summary>
    public Task<List<HeldVersion>> VersionsAsync(CancellationToken ct) => store.ReadAsync(
        $"""
        select * from (
          select data->>'dataset' as stream, (data->>'number')::bigint as number, data->>'manifestHash' as manifest,
            (data->>'committedAt')::timestamptz
          from {CatalogStore.Schema}.mt_doc_page_version where data->>'manifestHash' is not null
          union all
          select data->>'model', (data->>'number')::bigint, data->>'manifestHash', (data->>'createdAt')::timestamptz
          from {CatalogStore.Schema}.mt_doc_page_model_version) as version
        order by stream collate "C", number
        """,
        [],
        row => new HeldVersion(row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3)),
        ct);

    /// <summary>What was made of versions to show part of them, each with the manifest of what was made; in no order.</summary>
    public Task<List<HeldVersion>> ProjectionsAsync(CancellationToken ct) => store.ReadAsync(
        $"select distinct stream, number, manifest from {ProjectedVersions.TableName}",
        [],
        row => new HeldVersion(row.GetString(0), row.GetInt64(1), row.GetString(2), DateTimeOffset.MinValue),
        ct);

    /// <summary>The files of all manifests: each list once, however many manifests share it. One file can be in several lists.</summary>
    /// <exception cref="ProblemException">A list is not what its hash says: sums and moves must not rest on it.</exception>
    public async IAsyncEnumerable<HeldFiles> FilesAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"""
            select c.hash, c.body, u.manifests from {ManifestTables.ChunkTable} c
            join (select chunk, array_agg(manifest) as manifests from {ManifestTables.ChunkUseTable} group by chunk) u on u.chunk = c.hash
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var body = StoredChunk.Read(Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(0)), reader.GetFieldValue<byte[]>(1));
            yield return new HeldFiles(reader.GetFieldValue<string[]>(2), ManifestChunks.Read(body));
        }
    }
}
