using Catalog.Lineage;
using Npgsql;

namespace Catalog.Search;

/// <summary>
/// Owners and descriptions that others told are searched by copies of their words. Whoever erases the body of an event erases those, too:
/// the database sees to it, whatever the erasing is done with.
/// </summary>
internal static class Forgetting
{
    private const string Sql =
        $$"""
        create or replace function {{Platform.Store.CatalogStore.Schema}}.search_forget() returns trigger language plpgsql as $$
        begin
          update {{SearchTables.Entries}} set
            words = ts_filter(words, '{a,b,c}'),
            owners = case when owners_body = new.hash and state ->> 'owner' is null then array[]::text[] else owners end,
            state = state
              || case when owners_body = new.hash
                   then jsonb_build_object('toldOwners', state -> 'toldOwners' || '{"texts":[]}') else '{}' end
              || case when description_body = new.hash
                   then jsonb_build_object('toldDescription', state -> 'toldDescription' || '{"texts":[]}') else '{}' end
          where owners_body = new.hash or description_body = new.hash;
          return null;
        end $$;
        create or replace trigger search_forget after update of body on {{OpenLineageBodies.TableName}}
          for each row when (new.body is null) execute function {{Platform.Store.CatalogStore.Schema}}.search_forget();
        """;

    /// <summary>Sees to it from now on.</summary>
    public static async Task EnsureAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
