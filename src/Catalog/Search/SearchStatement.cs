using Catalog.Lineage.Reported;
using Npgsql;

namespace Catalog.Search;

/// <summary>The SQL of one tier of a search. Whatever was asked is a parameter.</summary>
internal sealed class SearchStatement(
    SearchQuestion question, SearchTier tier, IReadOnlyDictionary<string, IReadOnlyList<string>> near)
{
    /// <summary>What a word counts in descriptions and owners, in the namespace, in tags and columns, in the name.</summary>
    private const string Weights = "'{0.1, 0.2, 0.4, 1.0}'";

    /// <summary>
    /// Of a tier, so many are ranked: words that more things hold tell little. Which of them is for the order of the table to say, and
    /// stays so from page to page while nothing is written.
    /// </summary>
    private const int MaxRanked = 10_000;

    private readonly List<object> _values = [];

    /// <param name="connection">In a transaction.</param>
    /// <param name="after">Where the page before ended, if it did in this tier.</param>
    /// <param name="count">At most.</param>
    public NpgsqlCommand ToCommand(NpgsqlConnection connection, SearchCursor? after, int count)
    {
        var sql =
            $"""
            select node, state::text, namespace, score from (
              select node, state, namespace, round(({Fraction()} * case when retired then 0.5 else 1 end)::numeric, 9)::float8 as score
              from (select * from {Source()} e where {Fits()}{Filters()} limit {MaxRanked}) e) f
            {After(after)}
            order by score desc, node collate "C" limit {count}
            """;
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in _values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private string Fits() => tier switch
    {
        SearchTier.Exact => IsExact(),
        SearchTier.Name => $"name_words @@ {Query(question.All)} and not ({IsExact()})",
        SearchTier.Words => $"words @@ {Query(question.All)} and not name_words @@ {Query(question.All)} and not ({IsExact()})",
        _ => $"words @@ {Query(question.AllOrNear(near))} and not words @@ {Query(question.All)} and not ({IsExact()})",
    };

    private string IsExact() => $"exact && {Value(question.Exact)}";

    /// <summary>
    /// How well it fits within the tier: whether it is called just so; else where the words are, and how much of the name they are.
    /// </summary>
    private string Fraction() => tier switch
    {
        SearchTier.Exact =>
            $"case when name = {Value(question.Text)} then 1 when lower(name) = lower({Value(question.Text)}) then 0.9 else 0.8 end",
        SearchTier.Name => PartOfName(),
        _ => $"(0.9 * ts_rank({Weights}, words, {Query(question.Any(near))}, 32) + 0.1 * {PartOfName()})",
    };

    private string PartOfName() => $"least(1, {Value(question.Joined.Length)}::float8 / length(exact[1]))";

    /// <summary>A run of others is found by its whole id, where all of them are.</summary>
    private string Source() => tier is SearchTier.Exact && question.Run is { } run
        ? $"""
           (select node, kind, namespace, name, owners, tags, exact, retired, state from {SearchTables.Entries}
            union all
            select r.node, 'run', coalesce(j.namespace, ''), {Value(run.Name)}, array[]::text[], array[]::text[],
              {Value(question.Exact)}, false, null
            from {ReportedTables.Runs.Name} r left join {ReportedTables.Jobs.Name} j on j.node = r.job
            where r.node = {Value(run.ToString())} and not exists (select from {SearchTables.Entries} e where e.node = r.node))
           """
        : SearchTables.Entries;

    private string Filters() => string.Concat(
        question.Kind is { } kind ? $" and kind = {Value(SearchRow.Word(kind))}" : "",
        question.Namespace is { } ns ? $" and namespace = {Value(ns)}" : "",
        question.Tag is { } tag ? $" and tags @> {Value(new[] { tag })}" : "",
        question.Owner is { } owner ? $" and {Value(owner)} = any(owners)" : "");

    private string After(SearchCursor? after) => after is null
        ? ""
        : $"where score < {Value(after.Score)} or (score = {Value(after.Score)} and node collate \"C\" > {Value(after.Node)})";

    private string Query(string query) => $"{Value(query)}::text::tsquery";

    private string Value(object value)
    {
        _values.Add(value);
        return $"${_values.Count}";
    }
}
