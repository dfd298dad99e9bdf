using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Catalog.Storage.Objects;
using Catalog.Tiers;
using Marten;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Catalog.Tiering;

/// <summary>
/// What the plan that was applied last still has to move, and what is to be held in caches. Rows of earlier plans mean nothing.
/// </summary>
internal static class MoveTable
{
    public const string MoveName = $"{CatalogStore.Schema}.tier_move";
    public const string HeldName = $"{CatalogStore.Schema}.tier_held";

    /// <summary>A move that failed so often is left to the next plan.</summary>
    public const int MostAttempts = 8;

    public static SideTable Moves { get; } = new(
        $"""
        insert into {MoveName} (plan, sha256, bytes, tier, state, attempts, due)
        select plan, sha256, bytes, tier, 'waiting', 0, now()
        from unnest(?::uuid[], ?::bytea[], ?::bigint[], ?::text[]) as move (plan, sha256, bytes, tier)
        """,
        typeof(Guid), typeof(byte[]), typeof(long), typeof(string));

    public static SideTable Held { get; } = new(
        $"insert into {HeldName} (plan, sha256, bytes) select * from unnest(?::uuid[], ?::bytea[], ?::bigint[])",
        typeof(Guid), typeof(byte[]), typeof(long));

    public static void AddTo(StoreOptions options)
    {
        var moves = new Table(MoveName);
        moves.AddColumn("plan", "uuid").AsPrimaryKey();
        moves.AddColumn("sha256", "bytea").AsPrimaryKey();
        moves.AddColumn("bytes", "bigint").NotNull();
        moves.AddColumn("tier", "text").NotNull();
        moves.AddColumn("state", "text").NotNull();
        moves.AddColumn("attempts", "integer").NotNull();
        moves.AddColumn("due", "timestamptz").NotNull();
        moves.AddColumn("error", "text");
        options.Storage.ExtendedSchemaObjects.Add(moves);

        var held = new Table(HeldName);
        held.AddColumn("plan", "uuid").AsPrimaryKey();
        held.AddColumn("sha256", "bytea").AsPrimaryKey();
        held.AddColumn("bytes", "bigint").NotNull();
        options.Storage.ExtendedSchemaObjects.Add(held);
    }

    /// <summary>Some moves whose time has come; none when all are done, or wait.</summary>
    public static Task<List<DueMove>> DueAsync(IDocumentStore store, Guid plan, int most, CancellationToken ct) => store.ReadAsync(
        $"""
        select sha256, bytes, tier, attempts from {MoveName}
        where plan = $1 and state = 'waiting' and due <= now() order by due limit $2
        """,
        [plan, most],
        row => new DueMove(
            Convert.ToHexStringLower(row.GetFieldValue<byte[]>(0)), row.GetInt64(1),
            TierWords.TryParse(row.GetString(2), out var tier) ? tier : Tier.Warm, row.GetInt32(3)),
        ct);

    public static Task DoneAsync(IDocumentStore store, Guid plan, string sha256, CancellationToken ct) => RunAsync(
        store, $"update {MoveName} set state = 'done', error = null where plan = $1 and sha256 = $2", ct, plan, Key(sha256));

    /// <summary>Tries it again after a pause that grows, or gives it up.</summary>
    public static Task FailedAsync(IDocumentStore store, Guid plan, DueMove move, string error, CancellationToken ct) => RunAsync(
        store,
        $"""
        update {MoveName} set attempts = attempts + 1, error = $3, due = now() + interval '1 second' * $4,
          state = case when attempts + 1 >= {MostAttempts} then 'failed' else 'waiting' end
        where plan = $1 and sha256 = $2
        """,
        ct,
        plan, Key(move.Sha256), error, 1 << Math.Min(move.Attempts, 8));

    /// <summary>Forgets what plans before this one left.</summary>
    public static async Task ForgetOthersAsync(IDocumentStore store, Guid plan, CancellationToken ct)
    {
        await RunAsync(store, $"delete from {MoveName} where plan <> $1", ct, plan);
        await RunAsync(store, $"delete from {HeldName} where plan <> $1", ct, plan);
    }

    /// <summary>The keys of the objects to hold, with their sizes.</summary>
    public static Task<List<(string Key, long Bytes)>> HeldAsync(IDocumentStore store, Guid plan, CancellationToken ct) => store.ReadAsync(
        $"select sha256, bytes from {HeldName} where plan = $1",
        [plan],
        row => (ContentStore.KeyOf(Convert.ToHexStringLower(row.GetFieldValue<byte[]>(0))), row.GetInt64(1)),
        ct);

    private static byte[] Key(string sha256) => Convert.FromHexString(sha256);

    private static async Task RunAsync(IDocumentStore store, string sql, CancellationToken ct, params object[] values)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync(ct);
    }
}

/// <param name="Sha256">Lower-case hex.</param>
/// <param name="To">Where to.</param>
/// <param name="Attempts">That failed.</param>
internal sealed record DueMove(string Sha256, long Bytes, Tier To, int Attempts);
