using Catalog.Platform.Store;
using Npgsql;
using NpgsqlTypes;

namespace Catalog.Platform.Projections;

/// <summary>
/// Which facts the log may hold, as announced in the database by every server before it writes any. Pages read only the facts they fold, so a
/// server of an older release would pass by a newer one's without noticing: it leaves the projections to servers that know them all.
/// </summary>
internal static class KnownFacts
{
    private static readonly string[] Names = [.. CatalogStore.Facts.All.Select(f => f.StoredName)];

    /// <summary>Announces this release's facts. Where some are new, waits until no server that does not know them leads.</summary>
    public static async Task AnnounceAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var table = new NpgsqlCommand(
            $"create table if not exists {CatalogStore.FactTypeTable} (name text primary key)", connection);
        await table.ExecuteNonQueryAsync(ct);
        await using var command = new NpgsqlCommand(
            $"insert into {CatalogStore.FactTypeTable} select unnest($1) on conflict do nothing", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = Names, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        if (await command.ExecuteNonQueryAsync(ct) > 0)
            await WaitForLeaderAsync(connection, ct);
    }

    /// <summary>Announces whatever the log holds, after it came from elsewhere.</summary>
    public static async Task AnnounceStoredAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"insert into {CatalogStore.FactTypeTable} select distinct type from {CatalogStore.Schema}.mt_events on conflict do nothing",
            connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>A fact that the log may hold and this release does not know; null when there is none.</summary>
    public static async Task<string?> FindUnknownAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"select name from {CatalogStore.FactTypeTable} where name <> all ($1) limit 1", connection)
        { CommandTimeout = 2 };
        command.Parameters.Add(new NpgsqlParameter { Value = Names, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        return await command.ExecuteScalarAsync(ct) as string;
    }

    /// <summary>Whoever leads now started before the new facts were announced; it sees them and gives its lock back.</summary>
    private static async Task WaitForLeaderAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"select pg_advisory_lock({ProjectionLeader.LockKey}), pg_advisory_unlock({ProjectionLeader.LockKey})", connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
