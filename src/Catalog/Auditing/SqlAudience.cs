using System.Collections.Immutable;
using Catalog.Lineage.Tables;
using Catalog.Platform.Store;
using Npgsql;

namespace Catalog.Auditing;

/// <summary>Who can read views now, and how far what they show has come.</summary>
/// <param name="Owner">The catalog's own role, from which nothing is hidden.</param>
/// <param name="Roles">All others that can log in and hold a grant, sorted.</param>
/// <param name="End">Position of the last fact in the log.</param>
/// <param name="Reached">Position up to which all that the views show is in step with the log.</param>
internal sealed record SqlAudience(string Owner, ImmutableSortedSet<string> Roles, long End, long Reached)
{
    public static async Task<SqlAudience> ReadAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select session_user::text, array(
                    select reader.rolname::text from pg_roles reader
                    where reader.rolcanlogin and reader.rolname <> session_user
                        and (coalesce(pg_has_role(reader.oid, (select oid from pg_roles where rolname = $2), 'member'), false)
                            or exists (select from unnest($1) view where has_table_privilege(reader.oid, to_regclass(view), 'select')))),
                (select coalesce(max(seq_id), 0) from {CatalogStore.Schema}.mt_events),
                least(
                    (select position from {LineageTables.Progress}),
                    (select min(last_seq_id) from {CatalogStore.Schema}.mt_event_progression
                        where starts_with(name, 'page_') or starts_with(name, 'openlineage:')))
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. AuditorViews.All.Select(v => v.Name)] });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = AuditorViews.Role });
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var roles = await reader.GetFieldValueAsync<string[]>(1, ct);
        return new(
            reader.GetString(0), ImmutableSortedSet.Create(StringComparer.Ordinal, roles), reader.GetInt64(2),
            Math.Min(reader.GetInt64(2), reader.GetInt64(3)));
    }

    public bool Equals(SqlAudience? other) =>
        other is not null && (Owner, End, Reached) == (other.Owner, other.End, other.Reached) && Roles.SetEquals(other.Roles);

    public override int GetHashCode() => HashCode.Combine(Owner, End, Reached, Roles.Count);
}
