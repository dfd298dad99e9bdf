using Npgsql;

namespace Catalog.Auditing;

/// <summary>
/// Brings a view up to date without taking away what others made of it: views of their own on it, and grants. It is replaced in place
/// where its columns allow that, and only else made anew, with the grants it had.
/// </summary>
internal static class ViewUpdate
{
    /// <summary>Makes a view what it should be.</summary>
    /// <param name="connection">As the views' owner.</param>
    /// <param name="view">As it should be.</param>
    /// <param name="former">What it showed before it was detached; null where it was not.</param>
    /// <param name="ct">Stops.</param>
    /// <returns>What others made on it that keeps it as it was; none when it is up to date.</returns>
    public static async Task<IReadOnlyList<string>> ApplyAsync(
        NpgsqlConnection connection, AuditorView view, string? former, CancellationToken ct)
    {
        try
        {
            await RunAsync(connection, $"create or replace view {view.Name} {view.Definition}", ct);
            return [];
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidTableDefinition)
        {
            // A column went, or is of another name or type: only more of them, at the end, can be taken in place.
            var built = await ReadAsync(connection, BuiltOn, view, ct);
            if (built.Count == 0)
                await MakeAnewAsync(connection, view, ct);
            else if (former is not null)
                await PutBackAsync(connection, view, former, ct);
            else if (await ReadAsync(connection, Unguarded, view, ct) is [var unguarded])
                await RunAsync(connection, ForThoseWhoSeeAll(view, unguarded), ct);
            return built;
        }
    }

    /// <summary>
    /// Lets go of the tables behind a view, which keeps its columns: so they can be changed in every way, and whatever is built on the
    /// view stays. Until it is up to date, asking it is an error that says so.
    /// </summary>
    /// <returns>What it showed; null where there is no such view.</returns>
    public static async Task<string?> DetachAsync(NpgsqlConnection connection, AuditorView view, CancellationToken ct)
    {
        if (await ReadAsync(connection, Columns, view, ct) is not [var columns])
            return null;
        var former = (await ReadAsync(connection, "select pg_get_viewdef(to_regclass($1))", view, ct))[0];
        await RunAsync(connection, $"create or replace view {view.Name} as select {columns} where ({Upgrading} || '')::boolean", ct);
        return former;
    }

    // Not a constant, which would be refused at once.
    private const string Upgrading = "'The catalog is being upgraded, and this view with it.'";

    private const string Columns =
        """
        select string_agg(format('null::%s as %I', format_type(atttypid, atttypmod), attname), ', ' order by attnum)
        from pg_attribute where attrelid = to_regclass($1) and attnum > 0 having count(*) > 0
        """;

    private const string BuiltOn =
        """
        select distinct rule.ev_class::regclass::text
        from pg_depend depends join pg_rewrite rule on rule.oid = depends.objid and depends.classid = 'pg_rewrite'::regclass
        where depends.refobjid = to_regclass($1) and rule.ev_class <> depends.refobjid
        order by 1
        """;

    /// <summary>What a view shows that a release made which hid nothing; no row where it hides rows already.</summary>
    private const string Unguarded =
        """
        select pg_get_viewdef(oid) from pg_class
        where oid = to_regclass($1) and not coalesce('security_barrier=true' = any (reloptions), false)
        """;

    private const string Granted =
        """
        select format(
            'grant %s on %s to %s%s', acl.privilege_type, class.oid::regclass,
            case acl.grantee when 0 then 'public' else acl.grantee::regrole::text end,
            case when acl.is_grantable then ' with grant option' else '' end)
        from pg_class class cross join aclexplode(class.relacl) acl
        where class.oid = to_regclass($1) and acl.grantee <> class.relowner
        """;

    private static async Task MakeAnewAsync(NpgsqlConnection connection, AuditorView view, CancellationToken ct)
    {
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var granted = await ReadAsync(connection, Granted, view, ct);
        await RunAsync(connection, $"drop view {view.Name}; create view {view.Name} {view.Definition}", ct);
        foreach (var grant in granted)
            await RunAsync(connection, grant, ct);
        await transaction.CommitAsync(ct);
    }

    /// <summary>As far as the tables still have what it showed; else asking it stays an error.</summary>
    private static async Task PutBackAsync(NpgsqlConnection connection, AuditorView view, string former, CancellationToken ct)
    {
        try
        {
            await RunAsync(connection, ForThoseWhoSeeAll(view, former), ct);
        }
        catch (PostgresException)
        {
            // It is told as outdated either way.
        }
    }

    /// <summary>A view as it was hides nothing from anybody: it shows its rows to whom nothing is hidden, and to nobody else.</summary>
    private static string ForThoseWhoSeeAll(AuditorView view, string former) =>
        $"""
        create or replace view {view.Name} {AuditorView.Barrier}
        select former.* from ({former.TrimEnd(';', ' ')}) former where {SightTable.SeesAll}
        """;

    private static async Task<IReadOnlyList<string>> ReadAsync(
        NpgsqlConnection connection, string sql, AuditorView view, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = view.Name });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new List<string>();
        while (await reader.ReadAsync(ct))
            found.Add(reader.GetString(0));
        return found;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>A view that is not up to date, because others built on its columns.</summary>
/// <param name="Name">The view.</param>
/// <param name="BuiltOn">What is built on it.</param>
internal sealed record OutdatedView(string Name, IReadOnlyList<string> BuiltOn);
