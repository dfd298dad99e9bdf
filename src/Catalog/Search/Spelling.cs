using Npgsql;

namespace Catalog.Search;

/// <summary>
/// Finds the words of the catalog that somebody may have meant: those that share trigrams with what was written, and of them those that a
/// slip or two make of it. Trigrams alone would also offer words that only look alike.
/// </summary>
internal static class Spelling
{
    private const int ShortestMistyped = 4;
    private const int LongestSure = 7;
    private const int MostMistyped = 10;
    private const int Offered = 100;
    private const int Kept = 10;

    /// <summary>Low, so that two letters in the wrong order do not hide a word of six.</summary>
    private const string Similarity = "0.18";

    /// <summary>For each word, others that may be meant by it; words without any are left out.</summary>
    /// <param name="connection">In a transaction.</param>
    /// <param name="schema">Of the extension.</param>
    /// <param name="words">As asked.</param>
    /// <param name="ct">Stops.</param>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> NearAsync(
        NpgsqlConnection connection, string schema, IReadOnlyList<string> words, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select asked.word, near.word
            from (select set_config('pg_trgm.similarity_threshold', '{Similarity}', true)) s, unnest($1) as asked (word)
            cross join lateral (
              select w.word from {SearchTables.Words} w where w.word operator({schema}.%) asked.word
              order by {schema}.similarity(w.word, asked.word) desc, w.word collate "C" limit {Offered}) near
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = words.Where(w => Slips(w) > 0).Take(MostMistyped).ToArray() });
        var offered = new List<(string Asked, string Word)>();
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
                offered.Add((reader.GetString(0), reader.GetString(1)));
        }

        return offered.GroupBy(o => o.Asked, o => o.Word, StringComparer.Ordinal)
            .Select(g => (Asked: g.Key, Near: Nearest(g.Key, g)))
            .Where(g => g.Near.Count > 0)
            .ToDictionary(g => g.Asked, g => g.Near, StringComparer.Ordinal);
    }

    /// <summary>The words that a few slips, by the length of the word, make of what was asked; the nearest first.</summary>
    public static IReadOnlyList<string> Nearest(string asked, IEnumerable<string> words) =>
    [
        .. words.Where(w => !w.StartsWith(asked, StringComparison.Ordinal))
            .Select(w => (Word: w, Distance: Distance(asked, w)))
            .Where(w => w.Distance <= Slips(asked))
            .OrderBy(w => w.Distance)
            .Select(w => w.Word)
            .Take(Kept),
    ];

    /// <summary>
    /// Letters left out, added, changed or swapped with the next (optimal string alignment) between what was asked and the word, or the
    /// part of the word that it is nearest to the beginning of: <c>custmer</c> is one slip from <c>customers</c>.
    /// </summary>
    public static int Distance(string asked, string word)
    {
        int[] previous = [], before = [.. Enumerable.Range(0, word.Length + 1)];
        for (var i = 1; i <= asked.Length; i++)
        {
            var row = new int[word.Length + 1];
            row[0] = i;
            for (var j = 1; j <= word.Length; j++)
            {
                var change = before[j - 1] + (asked[i - 1] == word[j - 1] ? 0 : 1);
                row[j] = Math.Min(change, Math.Min(before[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && asked[i - 1] == word[j - 2] && asked[i - 2] == word[j - 1])
                    row[j] = Math.Min(row[j], previous[j - 2] + 1);
            }

            (previous, before) = (before, row);
        }

        return before.Min();
    }

    private static int Slips(string word) => word.Length < ShortestMistyped ? 0 : word.Length <= LongestSure ? 1 : 2;
}
