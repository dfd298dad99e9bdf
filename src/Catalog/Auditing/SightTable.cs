using Catalog.Platform.Store;
using Npgsql;

namespace Catalog.Auditing;

/// <summary>
/// What each login role of PostgreSQL may see through the views, as policies answer the principal of its name: one row a node, or
/// <see cref="Everything"/> where nothing is hidden from it. What is not listed is not shown. Derived, and in no backup.
/// </summary>
/// <remarks>
/// Who asks is <c>session_user</c>, which neither <c>set role</c> nor a function changes. A role is a <c>name</c>, as that is: as a text it
/// would be compared by another collation, and no index would find it.
/// </remarks>
internal static class SightTable
{
    public const string Name = $"{CatalogStore.Schema}.sql_sight";
    public const string Progress = $"{CatalogStore.Schema}.sql_sight_progress";

    /// <summary>Stands for all nodes, those to come included.</summary>
    public const string Everything = "*";

    /// <summary>A longer text is no key of the index, and only shown to whom everything is: in UTF-8 bytes.</summary>
    public const int MaxNodeBytes = 2_500;

    /// <summary>Whether nothing is hidden from who asks: looked up once a statement.</summary>
    public const string SeesAll =
        $"(select exists (select from {Name} sight where sight.role = session_user and sight.node = '{Everything}'))";

    private const string Definition =
        $"""
        create table if not exists {Name} (role name not null, node text not null, primary key (role, node));
        create table if not exists {Progress} (
            one boolean primary key default true check (one),
            position bigint not null default 0,
            writer uuid,
            updated_at timestamptz not null default now());
        insert into {Progress} default values on conflict do nothing;
        insert into {Name} values (session_user, '{Everything}') on conflict do nothing;
        """;

    /// <summary>Whether a node may be seen by who asks; not, where it is null.</summary>
    /// <param name="node">In SQL, qualified: the text of a thing or version.</param>
    public static string Sees(string node) => $"({SeesAll} or {Lists(node)})";

    /// <summary>As <see cref="Sees"/>, of a node that can be a column: it is seen with what it is a column of.</summary>
    public static string SeesColumn(string node) => Sees($"split_part({node}, '#', 1)");

    /// <summary>A node where it may be seen, else null.</summary>
    public static string Seen(string node) => $"case when {Sees(node)} then {node} end";

    /// <summary>Whether a node is listed for who asks.</summary>
    public static string Lists(string node) =>
        $"exists (select from {Name} sight where sight.role = session_user and sight.node = {node})";

    /// <summary>Brings the tables up to date. Their owner sees everything from the beginning.</summary>
    public static async Task ApplyAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Definition, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
