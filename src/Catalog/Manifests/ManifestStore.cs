using System.Runtime.CompilerServices;
using System.Text.Json;
using Catalog.Integrity;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Marten;
using Microsoft.Extensions.Caching.Memory;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Catalog.Manifests;

/// <summary>
/// Manifests beside the log. Chunks are stored under their own hash, so that a version shares with its parent whatever did not change;
/// which files a chunk holds, and which manifests use it, is indexed to find a file's versions. What is read is compared with the hash it
/// is named by.
/// </summary>
internal sealed class ManifestStore(IDocumentStore store) : IDisposable
{
    private const long RememberedBytes = 64 * 1024 * 1024;

    // Both are named by their own hash, so what is remembered never goes stale.
    private readonly MemoryCache _remembered = new(new MemoryCacheOptions { SizeLimit = RememberedBytes });

    /// <summary>Stores a manifest in the transaction of the fact that names it.</summary>
    public static void Store(SideRows rows, Content content, ManifestRoot root)
    {
        var hash = ManifestHash.Compute(root);
        rows.Add(ManifestTables.Manifests, hash, JsonSerializer.Serialize(root, CatalogStore.Json));
        foreach (var chunk in content.NewChunks)
        {
            rows.Add(ManifestTables.Chunks, chunk.Hash, chunk.Files, chunk.Body);
            foreach (var file in chunk.FileHashes)
                rows.Add(ManifestTables.ChunkFiles, file, chunk.Hash);
        }

        foreach (var chunk in content.Chunks)
            rows.Add(ManifestTables.ChunkUses, Convert.FromHexString(chunk.Hash), hash);
    }

    /// <summary>Whether a manifest is still stored: that of a version that is not kept any more is not, whoever remembers it.</summary>
    public async Task<bool> IsKeptAsync(string hash, CancellationToken ct) =>
        await store.CountAsync($"select count(*) from {ManifestTables.ManifestTable} where hash = $1", [hash], ct) > 0;

    public async Task<ManifestRoot> LoadRootAsync(string hash, CancellationToken ct)
    {
        if (_remembered.TryGetValue(hash, out ManifestRoot? remembered) && remembered is not null)
            return remembered;

        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand($"select root from {ManifestTables.ManifestTable} where hash = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = hash });
        var root = await command.ExecuteScalarAsync(ct) as string ?? throw new InvalidOperationException($"Manifest {hash} is not stored.");
        var found = JsonSerializer.Deserialize<ManifestRoot>(root, CatalogStore.Json)
            ?? throw new InvalidOperationException($"Manifest {hash} is empty.");
        if (ManifestHash.Compute(found) != hash)
            throw ManifestDamage.In(hash);
        Remember(hash, found, root.Length * sizeof(char));
        return found;
    }

    /// <summary>The files of a manifest in the order of their paths, chunk by chunk.</summary>
    /// <param name="root">The manifest.</param>
    /// <param name="after">Start behind this path; null for the beginning.</param>
    /// <param name="ct">Gives up.</param>
    public IAsyncEnumerable<FileEntry> ReadFilesAsync(ManifestRoot root, string? after, CancellationToken ct) =>
        ReadFilesAsync(root, after, prefix: null, ct);

    /// <inheritdoc cref="ReadFilesAsync(ManifestRoot, string?, CancellationToken)"/>
    /// <param name="root">The manifest.</param>
    /// <param name="after">Start behind this path; null for the beginning.</param>
    /// <param name="prefix">What the paths begin with; null for all.</param>
    /// <param name="ct">Gives up.</param>
    public async IAsyncEnumerable<FileEntry> ReadFilesAsync(
        ManifestRoot root, string? after, string? prefix, [EnumeratorCancellation] CancellationToken ct)
    {
        var from = LogicalPath.Compare(after, prefix) > 0 ? after : prefix;
        var first = from is null ? 0 : Math.Max(0, root.Chunks.TakeWhile(c => LogicalPath.Compare(c.FirstPath, from) <= 0).Count() - 1);

        // Several chunks a round trip: a hundred thousand files are about a hundred chunks.
        foreach (var few in root.Chunks.Skip(first).Chunk(16))
        {
            var bodies = await LoadBodiesAsync(few, ct);
            foreach (var chunk in few)
            {
                foreach (var file in ManifestChunks.Read(bodies[chunk.Hash]))
                {
                    if (LogicalPath.Compare(file.Path, after) <= 0)
                        continue;
                    if (prefix is null || file.Path.StartsWith(prefix, StringComparison.Ordinal))
                        yield return file;
                    else if (LogicalPath.Compare(file.Path, prefix) > 0)
                        yield break; // Those that begin alike follow each other.
                }
            }
        }
    }

    /// <summary>One file of a manifest; null when no file has that path.</summary>
    public async Task<FileEntry?> FindFileAsync(ManifestRoot root, string path, CancellationToken ct)
    {
        var chunk = root.Chunks.TakeWhile(c => LogicalPath.Compare(c.FirstPath, path) <= 0).LastOrDefault();
        if (chunk is null)
            return null;
        var bodies = await LoadBodiesAsync([chunk], ct);
        return ManifestChunks.Read(bodies[chunk.Hash]).FirstOrDefault(f => f.Path == path);
    }

    /// <summary>The manifests that list a file of this SHA-256, in the order of their hashes.</summary>
    /// <param name="limit">How many at most.</param>
    public async Task<string[]> FindManifestsAsync(string sha256, int limit, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"""
            select distinct u.manifest from {ManifestTables.ChunkFileTable} f join {ManifestTables.ChunkUseTable} u using (chunk)
            where f.sha256 = $1 order by u.manifest limit $2
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = Convert.FromHexString(sha256), NpgsqlDbType = NpgsqlDbType.Bytea });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        var found = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            found.Add(reader.GetString(0));
        return [.. found];
    }

    private async Task<Dictionary<string, ReadOnlyMemory<byte>>> LoadBodiesAsync(IReadOnlyList<ChunkRef> chunks, CancellationToken ct)
    {
        var bodies = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var chunk in chunks)
        {
            if (_remembered.TryGetValue(chunk.Hash, out ReadOnlyMemory<byte> body))
                bodies[chunk.Hash] = body;
        }

        if (chunks.All(c => bodies.ContainsKey(c.Hash)))
            return bodies;

        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand($"select hash, body from {ManifestTables.ChunkTable} where hash = any($1)", connection);
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = chunks.Where(c => !bodies.ContainsKey(c.Hash)).Select(c => Convert.FromHexString(c.Hash)).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
        });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            var hash = Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(0));
            var body = StoredChunk.Read(hash, reader.GetFieldValue<byte[]>(1));
            Remember(hash, body, body.Length);
            bodies[hash] = body;
        }

        return chunks.FirstOrDefault(c => !bodies.ContainsKey(c.Hash)) is { } lost
            ? throw new InvalidOperationException($"Manifest chunk {lost.Hash} is not stored.")
            : bodies;
    }

    public void Dispose() => _remembered.Dispose();

    private void Remember(string hash, object part, long bytes)
    {
        using var entry = _remembered.CreateEntry(hash);
        entry.Size = bytes;
        entry.Value = part;
    }
}

/// <summary>The tables that manifests live in.</summary>
internal static class ManifestTables
{
    public const string ManifestTable = $"{CatalogStore.Schema}.manifest";
    public const string ChunkTable = $"{CatalogStore.Schema}.manifest_chunk";
    public const string ChunkFileTable = $"{CatalogStore.Schema}.manifest_chunk_file";
    public const string ChunkUseTable = $"{CatalogStore.Schema}.manifest_chunk_use";

    public static SideTable Manifests { get; } = new(
        $"insert into {ManifestTable} (hash, root) select * from unnest(?::text[], ?::jsonb[]) on conflict do nothing",
        typeof(string), typeof(string));

    public static SideTable Chunks { get; } = new(
        $"insert into {ChunkTable} (hash, files, body) select * from unnest(?::bytea[], ?::int[], ?::bytea[]) on conflict do nothing",
        typeof(byte[]), typeof(int), typeof(byte[]));

    public static SideTable ChunkFiles { get; } = new(
        $"insert into {ChunkFileTable} (sha256, chunk) select * from unnest(?::bytea[], ?::bytea[]) on conflict do nothing",
        typeof(byte[]), typeof(byte[]));

    public static SideTable ChunkUses { get; } = new(
        $"insert into {ChunkUseTable} (chunk, manifest) select * from unnest(?::bytea[], ?::text[]) on conflict do nothing",
        typeof(byte[]), typeof(string));

    public static void AddTo(StoreOptions options)
    {
        var manifests = new Table(ManifestTable);
        manifests.AddColumn("hash", "text").AsPrimaryKey();
        manifests.AddColumn("root", "jsonb").NotNull();
        options.Storage.ExtendedSchemaObjects.Add(manifests);

        var chunks = new Table(ChunkTable);
        chunks.AddColumn("hash", "bytea").AsPrimaryKey();
        chunks.AddColumn("files", "integer").NotNull();
        chunks.AddColumn("body", "bytea").NotNull();
        options.Storage.ExtendedSchemaObjects.Add(chunks);

        var files = new Table(ChunkFileTable);
        files.AddColumn("sha256", "bytea").AsPrimaryKey();
        files.AddColumn("chunk", "bytea").AsPrimaryKey();
        files.Indexes.Add(new IndexDefinition("manifest_chunk_file_chunk") { Columns = ["chunk"] });
        options.Storage.ExtendedSchemaObjects.Add(files);

        var uses = new Table(ChunkUseTable);
        uses.AddColumn("chunk", "bytea").AsPrimaryKey();
        uses.AddColumn("manifest", "text").AsPrimaryKey();
        uses.Indexes.Add(new IndexDefinition("manifest_chunk_use_manifest") { Columns = ["manifest"] });
        options.Storage.ExtendedSchemaObjects.Add(uses);
    }
}
