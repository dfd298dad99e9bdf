using Catalog.Lineage.Tables;
using Catalog.Platform.Store;
using Npgsql;

namespace Catalog.Auditing;

/// <summary>
/// What SQL tools may read: these views and nothing else. They show what their owner, the catalog's own role, may see; whoever is granted
/// <see cref="Role"/> reads them, and reaches neither the tables behind them nor a function.
/// </summary>
internal static class AuditorViews
{
    /// <summary>Cannot log in: it is granted to those who can.</summary>
    public const string Role = "catalog_auditor";

    public static IReadOnlyList<AuditorView> All { get; } = [.. LineageViews.All, .. CatalogViews.All, .. CatalogViews.Log];

    /// <summary>What lets the role read the views; also for a hand that may do what the catalog's role may not.</summary>
    public static string Grants { get; } =
        $"""
        grant usage on schema {CatalogStore.Schema}, {LineageTables.Schema} to {Role};
        grant select on {string.Join(", ", All.Select(v => v.Name))} to {Role}
        """;

    /// <summary>Takes them away, because a table that a view shows cannot be changed in every way.</summary>
    public static Task DropAsync(NpgsqlConnection connection, CancellationToken ct) =>
        RunAsync(connection, string.Join(';', All.Reverse().Select(v => $"drop view if exists {v.Name}")), ct);

    /// <summary>Makes them, and lets the role read them and nothing else.</summary>
    /// <returns>False where this database's user may not make roles: then <see cref="Grants"/> are for another to run.</returns>
    public static async Task<bool> CreateAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        foreach (var view in All)
            await RunAsync(connection, $"create or replace view {view.Name} as {view.Query}", ct);

        // By default PostgreSQL lets everybody call every function.
        await RunAsync(connection, $"revoke execute on all functions in schema {CatalogStore.Schema} from public", ct);
        if (!await EnsureRoleAsync(connection, ct))
            return false;
        await RunAsync(connection, $"revoke all on all tables in schema {CatalogStore.Schema}, {LineageTables.Schema} from {Role}", ct);
        await RunAsync(connection, Grants, ct);
        return true;
    }

    /// <summary>Whether the role is there, or could be made.</summary>
    private static async Task<bool> EnsureRoleAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var known = new NpgsqlCommand($"select exists (select from pg_roles where rolname = '{Role}')", connection);
        if (await known.ExecuteScalarAsync(ct) is true)
            return true;
        try
        {
            await RunAsync(connection, $"create role {Role} nologin", ct);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
        {
            return true; // by a catalog in another database of this cluster, just now
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            return false;
        }
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
