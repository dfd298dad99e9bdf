using System.Runtime.CompilerServices;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Marten;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Catalog.Predictions;

/// <summary>
/// Predictions that have been acknowledged and are in no dataset version yet, and, for some minutes, those that are: so that a request id
/// that comes again is known. They are data, and no facts: what becomes a fact is the version that they are sealed in, whose number each
/// gets in the transaction of that fact.
/// </summary>
internal static class PredictionTable
{
    public const string Name = $"{CatalogStore.Schema}.prediction";

    /// <summary>How many predictions were lost, by model and day.</summary>
    public const string LossName = $"{CatalogStore.Schema}.prediction_loss";

    private const string Columns = "stream, number, request_id, at, logged_at, logged_by, run, keys, features, output, receipt";

    /// <summary>Says in which version predictions are.</summary>
    public static SideTable Sealings { get; } = new(
        $"""
        update {Name} p set sealed = s.sealed, sealed_at = now()
        from unnest(?::text[], ?::text[], ?::bigint[]) as s (stream, request_id, sealed)
        where p.stream = s.stream and p.request_id = s.request_id
        """,
        typeof(string), typeof(string), typeof(long));

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(Name);
        table.AddColumn("stream", "text").AsPrimaryKey();
        table.AddColumn("request_id", "text").AsPrimaryKey();
        table.AddColumn("number", "bigint").NotNull();
        table.AddColumn("at", "timestamptz").NotNull();
        table.AddColumn("logged_at", "timestamptz").NotNull();
        table.AddColumn("logged_by", "text").NotNull();
        table.AddColumn("run", "uuid");
        table.AddColumn("keys", "text").NotNull();
        table.AddColumn("features", "text");
        table.AddColumn("output", "text").NotNull();
        table.AddColumn("receipt", "text");
        table.AddColumn("sealed", "bigint");
        table.AddColumn("sealed_at", "timestamptz");
        table.Indexes.Add(new IndexDefinition("prediction_waiting") { Columns = ["stream", "logged_at"], Predicate = "sealed is null" });
        table.Indexes.Add(new IndexDefinition("prediction_sealed") { Columns = ["sealed_at"], Predicate = "sealed is not null" });
        options.Storage.ExtendedSchemaObjects.Add(table);

        var lost = new Table(LossName);
        lost.AddColumn("stream", "text").AsPrimaryKey();
        lost.AddColumn("day", "date").AsPrimaryKey();
        lost.AddColumn("lost", "bigint").NotNull();
        options.Storage.ExtendedSchemaObjects.Add(lost);
    }

    /// <summary>Stores predictions; they are durable when this returns. One whose request id is there already is there already.</summary>
    public static async Task AppendAsync(IDocumentStore store, IEnumerable<LoggedPrediction> predictions, CancellationToken ct)
    {
        // In one order on all servers, so that none waits for another that waits for it.
        LoggedPrediction[] rows =
            [.. predictions.OrderBy(p => p.Model.StreamId, StringComparer.Ordinal).ThenBy(p => p.RequestId, StringComparer.Ordinal)];
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"""
            insert into {Name} ({Columns})
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            on conflict do nothing
            """,
            connection);
        Add(NpgsqlDbType.Text, r => r.Model.StreamId);
        Add(NpgsqlDbType.Bigint, r => r.Model.VersionNumber ?? 0);
        Add(NpgsqlDbType.Text, r => r.RequestId);
        Add(NpgsqlDbType.TimestampTz, r => r.At.ToUniversalTime());
        Add(NpgsqlDbType.TimestampTz, r => r.LoggedAt);
        Add(NpgsqlDbType.Text, r => r.LoggedBy);
        Add(NpgsqlDbType.Uuid, r => r.Run);
        Add(NpgsqlDbType.Text, r => r.Keys);
        Add(NpgsqlDbType.Text, r => r.Features);
        Add(NpgsqlDbType.Text, r => r.Output);
        Add(NpgsqlDbType.Text, r => r.Receipt);
        await command.ExecuteNonQueryAsync(ct);

        void Add<T>(NpgsqlDbType type, Func<LoggedPrediction, T> value) => command.Parameters.Add(
            new NpgsqlParameter { Value = Array.ConvertAll(rows, r => value(r)), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    /// <summary>Models of which so many predictions wait, or one since before a time.</summary>
    public static Task<List<NodeId>> DueAsync(IDocumentStore store, long many, DateTimeOffset since, CancellationToken ct) =>
        store.ReadAsync(
            $"""
            select stream from {Name} where sealed is null group by stream
            having count(*) >= $1 or min(logged_at) <= $2
            order by min(logged_at)
            """,
            [many, since],
            row => NodeId.Parse(row.GetString(0)),
            ct);

    /// <summary>How many predictions of a model that were taken until a time wait to be sealed, and since when.</summary>
    public static async Task<(long Count, DateTimeOffset? Since)> WaitingAsync(
        IDocumentStore store, NodeId model, DateTimeOffset until, CancellationToken ct) =>
        (await store.ReadAsync(
            $"select count(*), min(logged_at) from {Name} where stream = $1 and sealed is null and logged_at <= $2",
            [model.StreamId, until],
            row => (row.GetInt64(0), row.Time(1)),
            ct))[0];

    /// <summary>
    /// The oldest that wait, of one day (UTC), in the order of the bytes of their request ids; some at a time are in memory.
    /// </summary>
    public static async IAsyncEnumerable<LoggedPrediction> ReadWaitingAsync(
        IDocumentStore store, NodeId model, DateOnly day, int most, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        var begin = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
        await using var command = Command(
            connection,
            $"""
            select {Columns}, sealed from (
              select {Columns}, sealed from {Name} where stream = $1 and sealed is null and logged_at >= $2 and logged_at < $3
              order by logged_at limit $4) as oldest
            order by request_id collate "C"
            """,
            model.StreamId, begin, begin.AddDays(1), most);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            yield return Read(reader);
    }

    /// <summary>
    /// A prediction, and the version of the dataset that it is in, if there is one yet; null where it is not in the table.
    /// </summary>
    public static async Task<(LoggedPrediction Prediction, long? Sealed)?> FindAsync(
        IDocumentStore store, NodeId model, string requestId, CancellationToken ct)
    {
        var found = await store.ReadAsync(
            $"select {Columns}, sealed from {Name} where stream = $1 and request_id = $2",
            [model.StreamId, requestId],
            row => (Read(row), row.IsDBNull(11) ? (long?)null : row.GetInt64(11)),
            ct);
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>Which prediction.</summary>
    public sealed record Place(string Stream, string RequestId);

    /// <summary>All predictions of the table, each with the keys that it was made for, as JSON.</summary>
    public static async IAsyncEnumerable<(Place Place, string Keys)> ReadKeysAsync(
        IDocumentStore store, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = Command(connection, $"select stream, request_id, keys from {Name}");
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            yield return (new(reader.GetString(0), reader.GetString(1)), reader.GetString(2));
    }

    /// <summary>Removes predictions for good.</summary>
    /// <returns>How many there were.</returns>
    public static async Task<long> EraseAsync(IDocumentStore store, IReadOnlyCollection<Place> places, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = Command(
            connection,
            $"""
            delete from {Name} p using unnest($1, $2) as e (stream, request_id)
            where p.stream = e.stream and p.request_id = e.request_id
            """,
            places.Select(p => p.Stream).ToArray(), places.Select(p => p.RequestId).ToArray());
        return await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Forgets predictions that are in a dataset version since before a time.</summary>
    public static async Task ForgetAsync(IDocumentStore store, DateTimeOffset before, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = Command(
            connection, $"delete from {Name} where sealed is not null and sealed_at < $1", before);
        await command.ExecuteNonQueryAsync(ct);
    }

    public static async Task NoteLostAsync(IDocumentStore store, string stream, long lost, DateTimeOffset now, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = Command(
            connection,
            $"""
            insert into {LossName} as l (stream, day, lost) values ($1, $2, $3)
            on conflict (stream, day) do update set lost = l.lost + excluded.lost
            """,
            stream, DateOnly.FromDateTime(now.UtcDateTime), lost);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>How many predictions of a model were lost, as far as servers have said.</summary>
    public static Task<long> LostAsync(IDocumentStore store, NodeId model, CancellationToken ct) =>
        store.CountAsync($"select coalesce(sum(lost), 0)::bigint from {LossName} where stream = $1", [model.StreamId], ct);

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params IEnumerable<object> values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private static LoggedPrediction Read(NpgsqlDataReader row) => new(
        NodeId.Parse(row.GetString(0)).WithVersion(row.GetInt64(1)), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3),
        row.GetFieldValue<DateTimeOffset>(4), row.GetString(5), row.IsDBNull(6) ? null : row.GetGuid(6), row.GetString(7), row.Text(8),
        row.GetString(9), row.Text(10));
}
