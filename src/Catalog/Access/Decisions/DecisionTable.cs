using Catalog.Access.Policies;
using Catalog.Platform.Store;
using Marten;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Catalog.Access;

/// <summary>
/// Decisions of the gate, beside the log: every refusal, and who was let to data that bears a tag. All servers add to it.
/// </summary>
internal static class DecisionTable
{
    public const string Name = $"{CatalogStore.Schema}.access_decision";

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(Name);

        // Made here, in the order of time: a sequence would count on from nothing after a restore.
        table.AddColumn("id", "uuid").AsPrimaryKey();
        table.AddColumn("at", "timestamptz").NotNull();
        table.AddColumn("principal", "text").NotNull();
        table.AddColumn("act", "text").NotNull();
        table.AddColumn("node", "text").NotNull();
        table.AddColumn("purpose", "text").NotNull();
        table.AddColumn("ground", "text").NotNull();
        table.AddColumn("statements", "text[]").NotNull();
        table.AddColumn("position", "bigint").NotNull();
        table.AddColumn("count", "bigint").NotNull();
        table.AddColumn("role", "text").NotNull();

        // Null in rows that are older than the column.
        table.AddColumn("groups", "text[]");
        table.Indexes.Add(new IndexDefinition("access_decision_node_at") { Columns = ["node", "at"] });
        table.Indexes.Add(new IndexDefinition("access_decision_at") { Columns = ["at"] });
        options.Storage.ExtendedSchemaObjects.Add(table);
    }

    public static async Task AddAsync(IDocumentStore store, IReadOnlyList<AccessRecord> records, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"""
            insert into {Name} (id, at, principal, act, node, purpose, ground, statements, position, count, role, groups)
            select id, at, principal, act, node, purpose, ground, string_to_array(statements, E'\n'), position, count, role,
              string_to_array(groups, E'\n')
            from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
              as r (id, at, principal, act, node, purpose, ground, statements, position, count, role, groups)
            """,
            connection);
        Add(NpgsqlDbType.Uuid, r => Guid.CreateVersion7(r.At));
        Add(NpgsqlDbType.TimestampTz, r => r.At);
        Add(NpgsqlDbType.Text, r => r.Principal);
        Add(NpgsqlDbType.Text, r => Acts.Write(r.Act));
        Add(NpgsqlDbType.Text, r => r.Node);
        Add(NpgsqlDbType.Text, r => r.Purpose);
        Add(NpgsqlDbType.Text, r => r.Ground.ToString());
        Add(NpgsqlDbType.Text, r => string.Join('\n', r.Statements));
        Add(NpgsqlDbType.Bigint, r => r.Position);
        Add(NpgsqlDbType.Bigint, r => r.Count);
        Add(NpgsqlDbType.Text, r => Roles.Write(r.Role));
        Add(NpgsqlDbType.Text, r => r.Groups);
        await command.ExecuteNonQueryAsync(ct);

        void Add<T>(NpgsqlDbType type, Func<AccessRecord, T> value) => command.Parameters.Add(
            new NpgsqlParameter { Value = records.Select(value).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    /// <summary>The newest of a time, newest first.</summary>
    /// <param name="node">Of this node, its versions and columns; null for all.</param>
    public static async Task<IReadOnlyList<AccessRecord>> ReadAsync(
        IDocumentStore store, NodeId? node, DateTimeOffset from, DateTimeOffset to, int limit, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"""
            select at, principal, act, node, purpose, ground, statements, position, count, role, coalesce(groups, array[]::text[])
            from {Name}
            where at >= $1 and at < $2
              and ($3::text is null or node = $3 or node like $4 escape '\' or node like $5 escape '\')
            order by at desc, id desc limit $6
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = from.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = to.UtcDateTime });
        command.Parameters.Add(Text(node?.ToString()));
        command.Parameters.Add(Text(node is { Version: null } ? Like(node.Value, "@") : null));
        command.Parameters.Add(Text(node is { Column: null } ? Like(node.Value, "#") : null));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        var found = new List<AccessRecord>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            found.Add(Read(reader));
        return found;
    }

    private static AccessRecord Read(NpgsqlDataReader reader) => new(
        reader.GetFieldValue<DateTimeOffset>(0), reader.GetString(1), Acts.Read(reader.GetString(2)) ?? Act.Read, reader.GetString(3),
        reader.GetString(4), Enum.Parse<AccessGround>(reader.GetString(5)), reader.GetFieldValue<string[]>(6), reader.GetInt64(7),
        reader.GetInt64(8), Roles.TryParse(reader.GetString(9), out var role) ? role : Role.None,
        string.Join('\n', reader.GetFieldValue<string[]>(10)));

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    private static string Like(NodeId node, string after) =>
        node.ToString().Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal)
            .Replace("_", @"\_", StringComparison.Ordinal) + after + "%";
}
