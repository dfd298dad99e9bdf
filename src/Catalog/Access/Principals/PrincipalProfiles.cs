using Catalog.Platform.Store;
using Marten;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Catalog.Access.Principals;

/// <summary>What people call a principal: personal data. It is in no fact, and nowhere in logs.</summary>
/// <param name="DisplayName">Null where nobody said.</param>
/// <param name="Email">Null where nobody said.</param>
public sealed record PrincipalProfile(string? DisplayName, string? Email)
{
    internal bool SaysNothing => DisplayName is null && Email is null;

    public override string ToString() => "a profile";
}

/// <summary>Profiles, beside the log, so that they can be erased: the log then verifies as before.</summary>
internal sealed class PrincipalProfiles(IDocumentStore store, TimeProvider clock)
{
    public const string TableName = $"{CatalogStore.Schema}.principal_profile";

    public static void AddTo(StoreOptions options)
    {
        var table = new Table(TableName);
        table.AddColumn("id", "text").AsPrimaryKey();
        table.AddColumn("display_name", "text");
        table.AddColumn("email", "text");
        table.AddColumn("updated_at", "timestamptz").NotNull();
        options.Storage.ExtendedSchemaObjects.Add(table);
    }

    /// <summary>Profiles by the ids of their principals; those without one are left out.</summary>
    public async Task<IReadOnlyDictionary<string, PrincipalProfile>> ReadAsync(IReadOnlyCollection<string> ids, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            $"select id, display_name, email from {TableName} where id = any($1)",
            [ids.ToArray()],
            row => KeyValuePair.Create(row.GetString(0), new PrincipalProfile(row.Text(1), row.Text(2))),
            ct);
        return rows.ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>Puts a profile in the place of whatever was known.</summary>
    /// <returns>Whether it says something else than before.</returns>
    public Task<bool> SetAsync(string id, PrincipalProfile profile, CancellationToken ct) => ChangeAsync(
        $"""
        insert into {TableName} as p (id, display_name, email, updated_at) values ($1, $2, $3, $4)
        on conflict (id) do update
        set display_name = excluded.display_name, email = excluded.email, updated_at = excluded.updated_at
        where (p.display_name, p.email) is distinct from (excluded.display_name, excluded.email)
        """,
        [
            Text(id), Text(profile.DisplayName), Text(profile.Email),
            new NpgsqlParameter { Value = clock.GetUtcNow(), NpgsqlDbType = NpgsqlDbType.TimestampTz },
        ],
        ct);

    /// <summary>The principals whose id, name or address is one of some texts, and of whom a profile is known.</summary>
    public Task<List<string>> FindAsync(IReadOnlyCollection<string> texts, CancellationToken ct) => store.ReadAsync(
        $"""
        select id from {TableName}
        where id = any($1) or lower(display_name) = any($2) or lower(email) = any($2) order by id
        """,
        [texts.ToArray(), texts.Select(t => t.ToLowerInvariant()).ToArray()],
        row => row.GetString(0),
        ct);

    /// <returns>Whether there was one.</returns>
    public Task<bool> EraseAsync(string id, CancellationToken ct) => ChangeAsync($"delete from {TableName} where id = $1", [Text(id)], ct);

    private async Task<bool> ChangeAsync(string sql, IReadOnlyList<NpgsqlParameter> values, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(value);
        return await command.ExecuteNonQueryAsync(ct) > 0;
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
