using System.Data;
using Marten;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Catalog.Platform.Store;

/// <summary>
/// One row a stream: its state as folded so far, written in the transaction of the facts. All areas share the table, so that a shared
/// commit reads and writes all its states with one statement each.
/// </summary>
internal static class StateTable
{
    public const string Name = $"{CatalogStore.Schema}.stream_state";

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(Name);
        table.AddColumn("id", "text").AsPrimaryKey();
        table.AddColumn("version", "bigint").NotNull();
        table.AddColumn("revision", "integer").NotNull();
        table.AddColumn("data", "jsonb").NotNull();
        options.Storage.ExtendedSchemaObjects.Add(table);
    }

    /// <summary>What is stored of some streams; streams that do not exist are left out.</summary>
    public static async Task<IReadOnlyList<Row>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<string> ids, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select s.id, s.version, coalesce(e.seq_id, 0), t.version, t.revision, t.data
            from {CatalogStore.Schema}.mt_streams s
            left join {CatalogStore.Schema}.mt_events e on e.stream_id = s.id and e.version = s.version
            left join {Name} t on t.id = s.id
            where s.id = any($1)
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = ids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        var rows = new List<Row>(ids.Count);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, ct);
        while (await reader.ReadAsync(ct))
        {
            var (id, version, position) = (reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2));
            rows.Add(await reader.IsDBNullAsync(3, ct)
                ? new Row(id, version, position, StateVersion: null, Revision: 0, Data: null)
                : new Row(id, version, position, reader.GetInt64(3), reader.GetInt32(4), reader.GetFieldValue<byte[]>(5)));
        }

        return rows;
    }

    /// <summary>Stores states in the transaction of the facts they follow from.</summary>
    public static void Write(IDocumentOperations operations, IReadOnlyList<(string Id, long Version, int Revision, string Data)> states) =>
        operations.QueueSqlCommand(
            $"""
            insert into {Name} (id, version, revision, data) select * from unnest(?::text[], ?::bigint[], ?::int[], ?::jsonb[])
            on conflict (id) do update set version = excluded.version, revision = excluded.revision, data = excluded.data
            """,
            states.Select(s => s.Id).ToArray(),
            states.Select(s => s.Version).ToArray(),
            states.Select(s => s.Revision).ToArray(),
            states.Select(s => s.Data).ToArray());

    /// <param name="Id">The stream.</param>
    /// <param name="Version">Facts on the stream.</param>
    /// <param name="Position">Log position of the newest of them.</param>
    /// <param name="StateVersion">Facts folded into the state; null when none is stored.</param>
    /// <param name="Revision">Of the fold that made it.</param>
    /// <param name="Data">The state, as JSON.</param>
    public sealed record Row(string Id, long Version, long Position, long? StateVersion, int Revision, byte[]? Data);
}
