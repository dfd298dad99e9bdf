using System.Text.Json;
using Catalog.Platform.Store;
using Npgsql;

namespace Catalog.Platform.Backups;

/// <summary>
/// Stands in the database from the transaction that fills it until the catalog has the fact that it was restored: a start that finds it
/// writes that fact before anything is served, however the start that restored ended.
/// </summary>
internal static class RestorationMark
{
    public const string Table = $"{CatalogStore.Schema}.restoration";

    /// <summary>Sets the mark in the transaction under way on <paramref name="connection"/>.</summary>
    public static async Task SetAsync(NpgsqlConnection connection, CatalogRestored restored, CancellationToken ct)
    {
        await using var table = new NpgsqlCommand($"create table {Table} (fact jsonb not null)", connection);
        await table.ExecuteNonQueryAsync(ct);
        await using var row = new NpgsqlCommand($"insert into {Table} values ($1::jsonb)", connection);
        row.Parameters.Add(new NpgsqlParameter<string> { TypedValue = JsonSerializer.Serialize(restored, CatalogStore.Json) });
        await row.ExecuteNonQueryAsync(ct);
    }

    /// <summary>The fact that is still to be written; null when there is none.</summary>
    public static async Task<CatalogRestored?> FindAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var known = new NpgsqlCommand($"select to_regclass('{Table}') is not null", connection);
        if (await known.ExecuteScalarAsync(ct) is not true)
            return null;
        await using var row = new NpgsqlCommand($"select fact::text from {Table}", connection);
        return await row.ExecuteScalarAsync(ct) is string fact
            ? JsonSerializer.Deserialize<CatalogRestored>(fact, CatalogStore.Json)
            : null;
    }

    public static async Task RemoveAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var drop = new NpgsqlCommand($"drop table if exists {Table}", connection);
        await drop.ExecuteNonQueryAsync(ct);
    }
}
