using Catalog.FeatureGenerations;
using Catalog.Manifests;
using Catalog.Platform.Store;
using Marten;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Catalog.Garbage;

/// <summary>
/// Objects that no version was found to have, and since when. An object is freed by whoever takes its row, in the transaction that holds
/// the row until the object is gone; a commit takes away the rows of the objects that it names before it looks whether they are there. So
/// of the two one waits for the other, and a commit never names what is being freed.
/// </summary>
internal sealed class UnusedObjects(IDocumentStore store)
{
    public const string Table = $"{CatalogStore.Schema}.unused_object";

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(Table);
        table.AddColumn("sha256", "bytea").AsPrimaryKey();
        table.AddColumn("bytes", "bigint").NotNull();
        table.AddColumn("since", "timestamptz").NotNull();
        options.Storage.ExtendedSchemaObjects.Add(table);
    }

    /// <summary>
    /// Somebody is about to name these objects: they are not free any more. Whether they are still there is to be asked after.
    /// </summary>
    /// <param name="sha256">Lower-case hex.</param>
    /// <param name="ct">Stops.</param>
    public async Task KeepAsync(IReadOnlyCollection<string> sha256, CancellationToken ct)
    {
        if (sha256.Count == 0)
            return;
        await using var connection = await OpenAsync(ct);
        await using var command = new NpgsqlCommand($"delete from {Table} where sha256 = any($1)", connection);
        command.Parameters.Add(Keys(sha256));
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Of these objects, those that no manifest lists and no generation of features has.</summary>
    public async Task<HashSet<string>> UnlistedAsync(IReadOnlyCollection<string> sha256, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"""
            select o from unnest($1) as o
            where {IsUnused("o")}
            """,
            connection);
        command.Parameters.Add(Keys(sha256));
        return await ReadKeysAsync(command, ct);
    }

    /// <summary>Since when the objects that were noted have been unused, by the database's clock, and what time it is there.</summary>
    public async Task<(Dictionary<string, DateTimeOffset> Since, DateTimeOffset Now)> NotedAsync(CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            $"select sha256, since from {Table}",
            [],
            row => (Sha256: Convert.ToHexStringLower(row.GetFieldValue<byte[]>(0)), Since: row.GetFieldValue<DateTimeOffset>(1)),
            ct);
        var now = (await store.ReadAsync("select now()", [], row => row.GetFieldValue<DateTimeOffset>(0), ct))[0];
        return (rows.ToDictionary(r => r.Sha256, r => r.Since, StringComparer.Ordinal), now);
    }

    /// <summary>Notes what is unused now; what was noted before keeps its time, and what is used again or gone is forgotten.</summary>
    public async Task NoteAsync(IReadOnlyDictionary<string, long> unused, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        var forget = new NpgsqlBatchCommand(
            $"delete from {Table} u where not exists (select 1 from unnest($1) as o where o = u.sha256)");
        forget.Parameters.Add(Keys(unused.Keys));
        batch.BatchCommands.Add(forget);
        var note = new NpgsqlBatchCommand(
            $"insert into {Table} (sha256, bytes, since) select o.sha256, o.bytes, now() from unnest($1, $2) as o (sha256, bytes) "
            + "on conflict do nothing");
        note.Parameters.Add(Keys(unused.Keys));
        note.Parameters.Add(new NpgsqlParameter { Value = unused.Values.ToArray() });
        batch.BatchCommands.Add(note);
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Frees those of some objects that are still unused and have been for the grace.</summary>
    /// <param name="sha256">Lower-case hex.</param>
    /// <param name="grace">How long, by the database's clock.</param>
    /// <param name="free">Removes one for good.</param>
    /// <param name="ct">Stops; what was freed by then is.</param>
    /// <returns>What was freed.</returns>
    public async Task<IReadOnlyCollection<string>> FreeAsync(
        IReadOnlyCollection<string> sha256, TimeSpan grace, Func<string, CancellationToken, Task> free, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var command = new NpgsqlCommand(
            $"""
            delete from {Table} u where sha256 = any($1) and since <= now() - $2 and {IsUnused("u.sha256")}
            returning sha256
            """,
            connection,
            transaction);
        command.Parameters.Add(Keys(sha256));
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = grace });
        var taken = await ReadKeysAsync(command, ct);
        foreach (var one in taken)
            await free(one, ct);
        await transaction.CommitAsync(ct);
        return taken;
    }

    /// <summary>Notes some objects as unused, beside those that are noted.</summary>
    public async Task NoteSomeAsync(IReadOnlyCollection<string> sha256, CancellationToken ct)
    {
        await using var connection = await OpenAsync(ct);
        await using var note = new NpgsqlCommand(
            $"insert into {Table} (sha256, bytes, since) select o, 0, now() from unnest($1) as o on conflict do nothing", connection);
        note.Parameters.Add(Keys(sha256));
        await note.ExecuteNonQueryAsync(ct);
    }

    /// <summary>A condition on a hash: neither a version has the object, nor a generation that was not dropped.</summary>
    private static string IsUnused(string sha256) =>
        $"""
        not exists (select 1 from {ManifestTables.ChunkFileTable} f where f.sha256 = {sha256})
              and not exists (
                select 1 from {CatalogStore.Schema}.mt_doc_{FeatureGenerationPages.TableAlias} g
                where g.data->>'sha256' = encode({sha256}, 'hex') and not (g.data->>'dropped')::boolean)
        """;

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken ct)
    {
        var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        return connection;
    }

    private static async Task<HashSet<string>> ReadKeysAsync(NpgsqlCommand command, CancellationToken ct)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            found.Add(Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(0)));
        return found;
    }

    private static NpgsqlParameter Keys(IEnumerable<string> sha256) => new()
    {
        Value = sha256.Select(Convert.FromHexString).ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
    };
}
