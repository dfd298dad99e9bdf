using Catalog.Manifests;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Marten;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Catalog.Erasure;

/// <summary>
/// What an erasure has to remove, and has removed, beside the log: objects are noted in the transaction of the fact that ends their
/// version, so that whoever is stopped in between goes on where it was; and servers drop their copies of what was removed by it.
/// </summary>
internal static class ErasureTable
{
    public const string Objects = $"{CatalogStore.Schema}.erasure_object";

    /// <summary>How much was removed that is no object, by kind.</summary>
    public const string Counts = $"{CatalogStore.Schema}.erasure_count";

    /// <summary>Objects to be removed, or files in folders of others, which cannot be.</summary>
    public static SideTable Noted { get; } = new(
        $"""
        insert into {Objects} (erasure, sha256, bytes, uri) select * from unnest(?::uuid[], ?::bytea[], ?::bigint[], ?::text[])
        on conflict do nothing
        """,
        typeof(Guid), typeof(byte[]), typeof(long), typeof(string));

    public static void AddTo(StoreOptions options)
    {
        var objects = new Table(Objects);
        objects.AddColumn("erasure", "uuid").AsPrimaryKey();
        objects.AddColumn("sha256", "bytea").AsPrimaryKey();
        objects.AddColumn("uri", "text").AsPrimaryKey();
        objects.AddColumn("bytes", "bigint").NotNull();
        objects.AddColumn("freed_at", "timestamptz");
        objects.Indexes.Add(new IndexDefinition("erasure_object_freed") { Columns = ["freed_at"] });
        options.Storage.ExtendedSchemaObjects.Add(objects);

        var counts = new Table(Counts);
        counts.AddColumn("erasure", "uuid").AsPrimaryKey();
        counts.AddColumn("kind", "text").AsPrimaryKey();
        counts.AddColumn("count", "bigint").NotNull();
        options.Storage.ExtendedSchemaObjects.Add(counts);
    }

    /// <summary>What was noted and is not freed: objects by their hash, and files of others by where they are.</summary>
    public static Task<List<Waiting>> WaitingAsync(IDocumentStore store, Guid erasure, CancellationToken ct) => store.ReadAsync(
        $"select sha256, uri, bytes from {Objects} where erasure = $1 and freed_at is null order by sha256, uri",
        [erasure],
        row => new Waiting(Convert.ToHexStringLower(row.GetFieldValue<byte[]>(0)), row.GetString(1), row.GetInt64(2)),
        ct);

    public static Task FreedAsync(IDocumentStore store, Guid erasure, IEnumerable<string> sha256, CancellationToken ct) => RunAsync(
        store,
        $"update {Objects} set freed_at = now() where erasure = $1 and sha256 = any($2) and uri = ''",
        ct,
        new() { Value = erasure },
        new() { Value = sha256.Select(Convert.FromHexString).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });

    /// <summary>Says how large an object is that was noted without it.</summary>
    public static Task SizeAsync(IDocumentStore store, Guid erasure, string sha256, long bytes, CancellationToken ct) => RunAsync(
        store,
        $"update {Objects} set bytes = $3 where erasure = $1 and sha256 = $2 and uri = ''",
        ct,
        new() { Value = erasure },
        new() { Value = Convert.FromHexString(sha256) },
        new() { Value = bytes });

    /// <summary>Forgets what was noted and is no object.</summary>
    public static Task ForgetAsync(IDocumentStore store, Guid erasure, string sha256, CancellationToken ct) => RunAsync(
        store,
        $"delete from {Objects} where erasure = $1 and sha256 = $2 and uri = '' and freed_at is null",
        ct,
        new() { Value = erasure },
        new() { Value = Convert.FromHexString(sha256) });

    /// <summary>Notes an object that no fact of a dataset ends: of a generation.</summary>
    public static Task NoteAsync(IDocumentStore store, Guid erasure, string sha256, long bytes, CancellationToken ct) => RunAsync(
        store,
        $"insert into {Objects} (erasure, sha256, bytes, uri) values ($1, $2, $3, '') on conflict do nothing",
        ct,
        new() { Value = erasure },
        new() { Value = Convert.FromHexString(sha256) },
        new() { Value = bytes });

    /// <summary>
    /// Notes files that nothing lists any more, such as those that showed part of a version; whether they are objects has to be seen.
    /// </summary>
    public static async Task NoteAsync(NpgsqlTransaction transaction, Guid erasure, IReadOnlyList<string> sha256, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"""
            insert into {Objects} (erasure, sha256, bytes, uri) select $1, o, 0, '' from unnest($2) as o
            where not exists (select 1 from {ManifestTables.ChunkFileTable} f where f.sha256 = o) on conflict do nothing
            """,
            transaction.Connection,
            transaction);
        command.Parameters.Add(new() { Value = erasure });
        command.Parameters.Add(new()
        {
            Value = sha256.Select(Convert.FromHexString).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
        });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>How many objects were freed, and their bytes.</summary>
    public static async Task<(long Objects, long Bytes)> SumAsync(IDocumentStore store, Guid erasure, CancellationToken ct) =>
        (await store.ReadAsync(
            $"select count(*), coalesce(sum(bytes), 0)::bigint from {Objects} where erasure = $1 and freed_at is not null",
            [erasure],
            row => (row.GetInt64(0), row.GetInt64(1)),
            ct))[0];

    /// <summary>The objects that were freed since a time, by any erasure.</summary>
    public static Task<List<string>> FreedSinceAsync(IDocumentStore store, DateTimeOffset since, CancellationToken ct) => store.ReadAsync(
        $"select distinct sha256 from {Objects} where freed_at >= $1",
        [since],
        row => Convert.ToHexStringLower(row.GetFieldValue<byte[]>(0)),
        ct);

    /// <summary>What time it is by the clock that says when objects were freed.</summary>
    public static async Task<DateTimeOffset> NowAsync(IDocumentStore store, CancellationToken ct) =>
        (await store.ReadAsync("select now()", [], row => row.GetFieldValue<DateTimeOffset>(0), ct))[0];

    public static Task CountAsync(IDocumentStore store, Guid erasure, string kind, long count, CancellationToken ct) => RunAsync(
        store,
        $"""
        insert into {Counts} as c (erasure, kind, count) values ($1, $2, $3)
        on conflict (erasure, kind) do update set count = c.count + excluded.count
        """,
        ct,
        new() { Value = erasure },
        new() { Value = kind },
        new() { Value = count });

    public static async Task<IReadOnlyDictionary<string, long>> CountsAsync(IDocumentStore store, Guid erasure, CancellationToken ct) =>
        (await store.ReadAsync(
            $"select kind, count from {Counts} where erasure = $1",
            [erasure],
            row => KeyValuePair.Create(row.GetString(0), row.GetInt64(1)),
            ct)).ToDictionary(StringComparer.Ordinal);

    private static async Task RunAsync(IDocumentStore store, string sql, CancellationToken ct, params NpgsqlParameter[] values)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(values);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <param name="Uri">Of a file in a folder of others; empty for an object.</param>
    public sealed record Waiting(string Sha256, string Uri, long Bytes);
}
