using System.Text.Json;
using Catalog.Platform.Store;
using Marten;
using Weasel.Postgresql.Tables;

namespace Catalog.Search;

/// <summary>
/// What is searched: one row a thing, with its words as vectors; and every word of names, columns and tags once, so that a mistyped word is
/// compared with words and not with things.
/// </summary>
internal static class SearchTables
{
    public const string Entries = $"{CatalogStore.Schema}.search_entry";

    public const string Words = $"{CatalogStore.Schema}.search_word";

    /// <summary>Made where the database has trigrams (<see cref="Trigrams"/>), which not every database has.</summary>
    public const string TrigramIndex = "search_word_trigrams";

    private const string Separator = "\u001F";

    public static void AddTo(StoreOptions options)
    {
        var entries = new Table(Entries);
        entries.AddColumn("node", "text").AsPrimaryKey();
        entries.AddColumn("kind", "text").NotNull();
        entries.AddColumn("namespace", "text").NotNull();
        entries.AddColumn("name", "text").NotNull();
        entries.AddColumn("owners", "text[]").NotNull();
        entries.AddColumn("tags", "text[]").NotNull();
        entries.AddColumn("exact", "text[]").NotNull(); // what it is called as a whole
        entries.AddColumn("name_words", "tsvector").NotNull();
        entries.AddColumn("words", "tsvector").NotNull(); // of all there is, the name included
        entries.AddColumn("retired", "boolean").NotNull();
        entries.AddColumn("owners_body", "bytea"); // the hash of the OpenLineage event that told its owners
        entries.AddColumn("description_body", "bytea"); // and its description
        entries.AddColumn("state", "jsonb").NotNull(); // SearchEntry
        foreach (var column in new[] { "exact", "name_words", "words", "tags" })
            entries.Indexes.Add(new IndexDefinition($"search_entry_{column}") { Columns = [column], Method = IndexMethod.gin });
        options.Storage.ExtendedSchemaObjects.Add(entries);

        var words = new Table(Words);
        words.AddColumn("word", "text").AsPrimaryKey();
        words.IgnoreIndex(TrigramIndex);
        options.Storage.ExtendedSchemaObjects.Add(words);
    }

    /// <summary>Stores entries whose words, names or filters changed: see <see cref="Values"/>.</summary>
    public const string WriteSql =
        $"""
        insert into {Entries} as t
          (node, kind, namespace, name, owners, tags, exact, name_words, words, retired, owners_body, description_body, state)
        select node, kind, namespace, name, string_to_array(owners, chr(31)), string_to_array(tags, chr(31)),
          string_to_array(exact, chr(31)), name_words::tsvector, words::tsvector, retired, owners_body, description_body, state
        from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
          ?::boolean[], ?::bytea[], ?::bytea[], ?::jsonb[])
          as s (node, kind, namespace, name, owners, tags, exact, name_words, words, retired, owners_body, description_body, state)
        on conflict (node) do update set namespace = excluded.namespace, owners = excluded.owners, tags = excluded.tags,
          exact = excluded.exact, name_words = excluded.name_words, words = excluded.words,
          retired = excluded.retired, owners_body = excluded.owners_body, description_body = excluded.description_body,
          state = excluded.state
        """;

    /// <summary>Stores words: see <see cref="Dictionary"/>.</summary>
    public const string WordsSql = $"insert into {Words} (word) select unnest(?::text[]) on conflict do nothing";

    /// <summary>Stores entries of which only changed when others told it, or where: see <see cref="States"/>.</summary>
    public const string StatesSql =
        $"""
        update {Entries} t set state = s.state, owners_body = s.owners_body, description_body = s.description_body
        from unnest(?::text[], ?::bytea[], ?::bytea[], ?::jsonb[]) as s (node, owners_body, description_body, state)
        where t.node = s.node
        """;

    public static object[] Values(IReadOnlyList<SearchRow> rows) =>
    [
        Column(rows, r => r.Node),
        Column(rows, r => r.Kind),
        Column(rows, r => r.Namespace),
        Column(rows, r => r.Name),
        Column(rows, r => r.Owners),
        Column(rows, r => r.Tags),
        Column(rows, r => r.Exact),
        Column(rows, r => r.NameWords),
        Column(rows, r => r.Words),
        Column(rows, r => r.Retired),
        Column(rows, r => r.OwnersBody),
        Column(rows, r => r.DescriptionBody),
        Column(rows, r => r.State),
    ];

    public static object[] States(IReadOnlyList<SearchRow> rows) =>
        [Column(rows, r => r.Node), Column(rows, r => r.OwnersBody), Column(rows, r => r.DescriptionBody), Column(rows, r => r.State)];

    public static object[] Dictionary(IReadOnlyList<SearchRow> rows) =>
        [rows.SelectMany(r => r.Dictionary).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray()];

    /// <summary>
    /// Items of a list as one text; PostgreSQL has no arrays of arrays of different lengths. No name holds the separator.
    /// </summary>
    public static string Join(IEnumerable<string> items) => string.Join(Separator, items.Where(i => i.Length > 0));

    public static SearchEntry Read(string state) =>
        JsonSerializer.Deserialize<SearchEntry>(state, CatalogStore.Json)
        ?? throw new InvalidOperationException("A search entry is null.");

    private static T[] Column<T>(IReadOnlyList<SearchRow> rows, Func<SearchRow, T> value) => [.. rows.Select(value)];
}
