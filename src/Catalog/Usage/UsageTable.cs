using Catalog.Platform.Store;
using Marten;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Catalog.Usage;

/// <summary>What was read, by day: statistics beside the log. All servers add to it.</summary>
internal static class UsageTable
{
    public const string Name = $"{CatalogStore.Schema}.usage";

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(Name);
        table.AddColumn("day", "date").AsPrimaryKey();
        table.AddColumn("stream", "text").AsPrimaryKey();
        table.AddColumn("version", "bigint").AsPrimaryKey();
        table.AddColumn("principal", "text").AsPrimaryKey();
        table.AddColumn("purpose", "text").AsPrimaryKey();
        table.AddColumn("run", "text").AsPrimaryKey();
        table.AddColumn("way", "text").AsPrimaryKey();
        table.AddColumn("requests", "bigint").NotNull();
        table.AddColumn("bytes", "bigint").NotNull();
        table.AddColumn("last_at", "timestamptz").NotNull();
        table.Indexes.Add(new IndexDefinition("usage_stream_version") { Columns = ["stream", "version"] });
        options.Storage.ExtendedSchemaObjects.Add(table);
    }

    public static async Task AddAsync(IDocumentStore store, IReadOnlyList<UsageCount> counts, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);

        // In one order on all servers, so that none waits for another that waits for it.
        UsageCount[] ordered = [.. counts.OrderBy(c => c.Key.ToString(), StringComparer.Ordinal)];
        await using var command = new NpgsqlCommand(
            $"""
            insert into {Name} as u (day, stream, version, principal, purpose, run, way, requests, bytes, last_at)
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            on conflict (day, stream, version, principal, purpose, run, way) do update set
              requests = u.requests + excluded.requests, bytes = u.bytes + excluded.bytes, last_at = greatest(u.last_at, excluded.last_at)
            """,
            connection);
        Add(NpgsqlDbType.Date, c => c.Key.Day);
        Add(NpgsqlDbType.Text, c => c.Key.Stream);
        Add(NpgsqlDbType.Bigint, c => c.Key.Version);
        Add(NpgsqlDbType.Text, c => c.Key.Principal);
        Add(NpgsqlDbType.Text, c => c.Key.Purpose);
        Add(NpgsqlDbType.Text, c => c.Key.Run);
        Add(NpgsqlDbType.Text, c => WordOf(c.Key.Way));
        Add(NpgsqlDbType.Bigint, c => c.Requests);
        Add(NpgsqlDbType.Bigint, c => c.Bytes);
        Add(NpgsqlDbType.TimestampTz, c => c.LastAt);
        await command.ExecuteNonQueryAsync(ct);

        void Add<T>(NpgsqlDbType type, Func<UsageCount, T> value) => command.Parameters.Add(
            new NpgsqlParameter { Value = Array.ConvertAll(ordered, c => value(c)), NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    /// <summary>As it is written in the table and in answers.</summary>
    public static string WordOf(UsageWay way) => way.ToString().ToLowerInvariant();
}
