using System.Runtime.CompilerServices;
using Catalog.Platform.Store;
using Marten;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Catalog.Serving.Pushing;

/// <summary>A row that was pushed.</summary>
/// <param name="View">The view, with its version's number.</param>
/// <param name="Features">How many features the version had: a row has a slot for each.</param>
/// <param name="Row">Packed (<see cref="Storage.Hot.RowLayout"/>).</param>
/// <param name="PushedAt">When it was taken.</param>
/// <param name="PushedBy">Whose key it came with.</param>
/// <param name="Run">The run that it was pushed for; null where none was named.</param>
internal sealed record PushedRow(NodeId View, int Features, byte[] Row, DateTimeOffset PushedAt, string PushedBy, Guid? Run)
{
    /// <summary>In the push log, from 1, without gaps and in the order of commits.</summary>
    public long Position { get; init; }
}

/// <summary>
/// The push log: rows that have been acknowledged, and are in no dataset version yet, or in one that a generation may still be rolled back
/// from. They are data, and no facts: what becomes a fact is the version that they are sealed in.
/// </summary>
internal static class PushTable
{
    /// <summary>Rows read at a time.</summary>
    public const int PageRows = 5_000;

    public const string Name = $"{CatalogStore.Schema}.feature_pushes";

    /// <summary>One server at a time gives out numbers: they are committed in order, and a reader never has to go back.</summary>
    private const string Turn = $"select pg_advisory_xact_lock(hashtextextended('{Name}', 0))";

    /// <summary>The greatest position of a row that was erased: it is not given out again.</summary>
    private const string Erased = $"{CatalogStore.Schema}.feature_pushes_erased";

    private const string End =
        $"greatest((select coalesce(max(position), 0) from {Name}), (select coalesce(max(position), 0) from {Erased}))";

    private const string Insert =
        $"""
        insert into {Name} (position, stream, number, features, row, pushed_at, pushed_by, run)
        select {End} + n, stream, number, features, row, pushed_at, pushed_by, run
        from unnest($1, $2, $3, $4, $5, $6, $7) with ordinality as r (stream, number, features, row, pushed_at, pushed_by, run, n)
        order by n
        returning position
        """;

    private const string Columns = "position, stream, number, features, row, pushed_at, pushed_by, run";

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(Name);
        table.AddColumn("position", "bigint").AsPrimaryKey();
        table.AddColumn("stream", "text").NotNull();
        table.AddColumn("number", "bigint").NotNull();
        table.AddColumn("features", "integer").NotNull();
        table.AddColumn("row", "bytea").NotNull();
        table.AddColumn("pushed_at", "timestamptz").NotNull();
        table.AddColumn("pushed_by", "text").NotNull();
        table.AddColumn("run", "uuid");
        table.Indexes.Add(new IndexDefinition("feature_pushes_stream_number_position") { Columns = ["stream", "number", "position"] });
        options.Storage.ExtendedSchemaObjects.Add(table);

        var erased = new Table(Erased);
        erased.AddColumn("one", "boolean").AsPrimaryKey();
        erased.AddColumn("position", "bigint").NotNull();
        options.Storage.ExtendedSchemaObjects.Add(erased);
    }

    /// <summary>The versions of views that rows were pushed to.</summary>
    public static Task<List<NodeId>> ViewsAsync(IDocumentStore store, CancellationToken ct) => store.ReadAsync(
        $"select distinct stream, number from {Name} order by stream, number",
        [],
        row => NodeId.Parse(row.GetString(0)).WithVersion(row.GetInt64(1)),
        ct);

    /// <summary>Removes rows for good, also the newest of all.</summary>
    /// <returns>How many there were.</returns>
    public static async Task<long> EraseAsync(IDocumentStore store, IReadOnlyList<long> positions, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Turn));
        var end = new NpgsqlBatchCommand(
            $"insert into {Erased} (one, position) select true, {End} on conflict (one) do update set position = excluded.position");
        batch.BatchCommands.Add(end);
        var delete = new NpgsqlBatchCommand($"delete from {Name} where position = any($1)");
        delete.Parameters.Add(new NpgsqlParameter { Value = positions.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        batch.BatchCommands.Add(delete);
        await batch.ExecuteNonQueryAsync(ct);
        return (long)delete.Rows;
    }

    /// <summary>Stores rows, in order; they are durable when this returns.</summary>
    /// <returns>Their positions.</returns>
    public static async Task<IReadOnlyList<long>> AppendAsync(IDocumentStore store, IReadOnlyList<PushedRow> rows, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Turn));
        var insert = new NpgsqlBatchCommand(Insert);
        Add(NpgsqlDbType.Text, r => r.View.StreamId);
        Add(NpgsqlDbType.Bigint, r => r.View.VersionNumber ?? 0);
        Add(NpgsqlDbType.Integer, r => r.Features);
        Add(NpgsqlDbType.Bytea, r => r.Row);
        Add(NpgsqlDbType.TimestampTz, r => r.PushedAt);
        Add(NpgsqlDbType.Text, r => r.PushedBy);
        Add(NpgsqlDbType.Uuid, r => r.Run);
        batch.BatchCommands.Add(insert);

        var positions = new List<long>(rows.Count);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.NextResultAsync(ct);
        while (await reader.ReadAsync(ct))
            positions.Add(reader.GetInt64(0));
        return positions;

        void Add<T>(NpgsqlDbType type, Func<PushedRow, T> value) => insert.Parameters.Add(
            new NpgsqlParameter { Value = rows.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    /// <summary>Rows behind a position, in order.</summary>
    public static Task<IReadOnlyList<PushedRow>> ReadAsync(IDocumentStore store, long after, int most, CancellationToken ct) => ReadAsync(
        store, $"select {Columns} from {Name} where position > $1 order by position limit $2", [Number(after), Number(most)], ct);

    /// <summary>Rows of a version of a view behind a position, in order.</summary>
    public static Task<IReadOnlyList<PushedRow>> ReadAsync(
        IDocumentStore store, NodeId view, long after, int most, CancellationToken ct) => ReadAsync(
        store,
        $"select {Columns} from {Name} where stream = $1 and number = $2 and position > $3 order by position limit $4",
        [Text(view.StreamId), Number(view.VersionNumber ?? 0), Number(after), Number(most)],
        ct);

    /// <summary>All rows of a version of a view behind a position, in order; some at a time are in memory.</summary>
    public static async IAsyncEnumerable<PushedRow> ReadAllAsync(
        IDocumentStore store, NodeId view, long after, [EnumeratorCancellation] CancellationToken ct)
    {
        for (IReadOnlyList<PushedRow> page = []; ; after = page[^1].Position)
        {
            page = await ReadAsync(store, view, after, PageRows, ct);
            foreach (var row in page)
                yield return row;
            if (page.Count < PageRows)
                yield break;
        }
    }

    /// <summary>The position of the newest row of all.</summary>
    public static async Task<long> FindEndAsync(IDocumentStore store, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand($"select {End}", connection);
        return await command.ExecuteScalarAsync(ct) is long end ? end : 0;
    }

    /// <summary>Removes rows of a view up to a position: they are in dataset versions. The newest row of all stays.</summary>
    public static async Task RemoveAsync(IDocumentStore store, NodeId view, long upTo, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"""
            delete from {Name}
            where stream = $1 and number = $2 and position <= $3 and position < (select max(position) from {Name})
            """,
            connection);
        command.Parameters.AddRange(new NpgsqlParameter[] { Text(view.StreamId), Number(view.VersionNumber ?? 0), Number(upTo) });
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<IReadOnlyList<PushedRow>> ReadAsync(
        IDocumentStore store, string sql, NpgsqlParameter[] parameters, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        var rows = new List<PushedRow>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            rows.Add(new(
                NodeId.Parse(reader.GetString(1)).WithVersion(reader.GetInt64(2)), reader.GetInt32(3), reader.GetFieldValue<byte[]>(4),
                reader.GetFieldValue<DateTimeOffset>(5), reader.GetString(6),
                await reader.IsDBNullAsync(7, ct) ? null : reader.GetGuid(7))
            {
                Position = reader.GetInt64(0),
            });
        }

        return rows;
    }

    private static NpgsqlParameter Number(long value) => new NpgsqlParameter<long> { TypedValue = value };

    private static NpgsqlParameter Text(string value) => new NpgsqlParameter<string> { TypedValue = value };
}
