namespace Catalog.Cli;

/// <summary>Finds the word that was probably meant.</summary>
internal static class Misspelling
{
    /// <summary>The word nearest to what was written, if at most a third of it, rounded up, would have to change.</summary>
    public static string? Nearest(string written, IEnumerable<string> words) => words
        .Select(word => (Word: word, Distance: Distance(written, word)))
        .Where(w => w.Distance <= (w.Word.Length + 2) / 3)
        .OrderBy(w => w.Distance)
        .ThenBy(w => w.Word, StringComparer.Ordinal)
        .Select(w => w.Word)
        .FirstOrDefault();

    /// <summary>
    /// Letters to add, take away, change, or swap with their neighbour (Damerau 1964, in its restricted form: no letter is touched twice).
    /// </summary>
    private static int Distance(string a, string b)
    {
        var steps = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                steps[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Math.Min(
                        Math.Min(steps[i - 1, j], steps[i, j - 1]) + 1,
                        steps[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)),
                };
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    steps[i, j] = Math.Min(steps[i, j], steps[i - 2, j - 2] + 1);
            }
        }

        return steps[a.Length, b.Length];
    }
}
