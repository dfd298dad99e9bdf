using Catalog.Lineage.Tables;
using Catalog.Platform.Store;
using Npgsql;

namespace Catalog.Auditing;

/// <summary>
/// What SQL tools may read: these views and nothing else. They show of what their owner, the catalog's own role, may see what policies let
/// the principal see that logged in (<see cref="SightTable"/>); whoever is granted <see cref="Role"/> reads them, and reaches neither the
/// tables behind them nor a function.
/// </summary>
internal static class AuditorViews
{
    /// <summary>Cannot log in: it is granted to those who can.</summary>
    public const string Role = "catalog_auditor";

    public static IReadOnlyList<AuditorView> All { get; } =
        [.. LineageViews.All, .. CatalogViews.All, .. ReportedViews.All, .. AccessViews.All, .. CatalogViews.Log];

    /// <summary>What lets the role read the views; also for a hand that may do what the catalog's role may not.</summary>
    public static string Grants { get; } =
        $"""
        grant usage on schema {CatalogStore.Schema}, {LineageTables.Schema} to {Role};
        grant select on {string.Join(", ", All.Select(v => v.Name))} to {Role}
        """;

    /// <summary>Whether a change of a table failed because a view shows the table.</summary>
    public static bool AreInTheWay(Exception e) => e.GetBaseException() is PostgresException
    {
        SqlState: PostgresErrorCodes.DependentObjectsStillExist or PostgresErrorCodes.FeatureNotSupported,
    };

    /// <summary>Lets go of the tables, because one that a view shows cannot be changed in every way.</summary>
    /// <returns>What they showed, by their names.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> DetachAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        var former = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var view in All)
        {
            if (await ViewUpdate.DetachAsync(connection, view, ct) is { } query)
                former[view.Name] = query;
        }

        return former;
    }

    /// <summary>Makes them, or brings them up to date.</summary>
    /// <param name="connection">As their owner.</param>
    /// <param name="former">What those showed that were detached.</param>
    /// <param name="ct">Stops.</param>
    /// <returns>Those that stay as they were, because others built on what has changed.</returns>
    public static async Task<IReadOnlyList<OutdatedView>> CreateAsync(
        NpgsqlConnection connection, IReadOnlyDictionary<string, string> former, CancellationToken ct)
    {
        var outdated = new List<OutdatedView>();
        foreach (var view in All)
        {
            if (await ViewUpdate.ApplyAsync(connection, view, former.GetValueOrDefault(view.Name), ct) is { Count: > 0 } built)
                outdated.Add(new OutdatedView(view.Name, built));
        }

        return outdated;
    }

    /// <summary>Lets the role read them and nothing else.</summary>
    /// <returns>False where this database's user may not make roles: then <see cref="Grants"/> are for another to run.</returns>
    public static async Task<bool> OpenAsync(NpgsqlConnection connection, CancellationToken ct)
    {
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
