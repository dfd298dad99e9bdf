using Catalog.Datasets;
using Catalog.Models;
using Catalog.Platform.Store;
using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events.Projections;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Catalog.Manifests;

/// <summary>What an idempotency key stands for.</summary>
/// <param name="Stream">Of the dataset or model that it was used on.</param>
/// <param name="Key">The caller's own.</param>
/// <param name="Number">The version made, or found to be there already, by the first request with the key.</param>
/// <param name="RequestDigest">Of that request, so that the key cannot come to mean something else.</param>
internal sealed record CommitKey(string Stream, string Key, long Number, string RequestDigest);

/// <summary>
/// Keeps what the idempotency keys of datasets and models stand for, in the transaction of the facts that used them: the next request looks
/// there, and the primary key settles races between servers for one key.
/// </summary>
internal sealed class CommitKeys : IProjection
{
    public const string TableName = $"{CatalogStore.Schema}.commit_key";

    private const string PrimaryKey = "commit_key_once";

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(TableName) { PrimaryKeyName = PrimaryKey };
        table.AddColumn("stream", "text").AsPrimaryKey();
        table.AddColumn("key", "text").AsPrimaryKey();
        table.AddColumn("number", "bigint").NotNull();
        table.AddColumn("request_digest", "text").NotNull();
        options.Storage.ExtendedSchemaObjects.Add(table);
        options.Projections.Add(new CommitKeys(), ProjectionLifecycle.Inline, "commit_key", o => o.DeleteDataInTableOnTeardown(TableName));
    }

    /// <summary>
    /// All keys of a shared commit in one statement. A key that is there already fails the commit: see <see cref="IsRepeated"/>.
    /// </summary>
    public Task ApplyAsync(IDocumentOperations operations, IReadOnlyList<IEvent> events, CancellationToken ct)
    {
        CommitKey[] keys = [.. events.Select(KeyOf).OfType<CommitKey>()];
        if (keys.Length > 0)
        {
            operations.QueueSqlCommand(
                $"insert into {TableName} (stream, key, number, request_digest) " +
                "select * from unnest(?::text[], ?::text[], ?::bigint[], ?::text[])",
                keys.Select(k => k.Stream).ToArray(),
                keys.Select(k => k.Key).ToArray(),
                keys.Select(k => k.Number).ToArray(),
                keys.Select(k => k.RequestDigest).ToArray());
        }

        return Task.CompletedTask;
    }

    private static CommitKey? KeyOf(IEvent e) => e.Data switch
    {
        VersionCommitted { IdempotencyKey: { } key, RequestDigest: { } digest } f =>
            new CommitKey(e.StreamKey ?? "", key, f.Number, digest),
        VersionObserved { IdempotencyKey: { } key, RequestDigest: { } digest } f => new CommitKey(e.StreamKey ?? "", key, f.Number, digest),
        CommitRepeated f => new CommitKey(e.StreamKey ?? "", f.IdempotencyKey, f.Number, f.RequestDigest),
        ModelVersionCreated { IdempotencyKey: { } key, RequestDigest: { } digest } f =>
            new CommitKey(e.StreamKey ?? "", key, f.Number, digest),
        ModelCommitRepeated f => new CommitKey(e.StreamKey ?? "", f.IdempotencyKey, f.Number, f.RequestDigest),
        _ => null,
    };

    /// <summary>What a key stands for on a dataset or model; null when it was not used there yet.</summary>
    public static async Task<CommitKey?> FindAsync(IQuerySession session, string stream, string key, CancellationToken ct)
    {
        await using var connection = session.DocumentStore.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(
            $"select number, request_digest from {TableName} where stream = $1 and key = $2", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? new CommitKey(stream, key, reader.GetInt64(0), reader.GetString(1)) : null;
    }

    /// <summary>Two requests with one idempotency key met; the other one came first.</summary>
    public static bool IsRepeated(Exception? e) =>
        e is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: PrimaryKey }
            || (e?.InnerException is { } inner && IsRepeated(inner));
}
