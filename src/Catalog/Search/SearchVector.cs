using System.Text;

namespace Catalog.Search;

/// <summary>
/// The words of a thing as a <c>tsvector</c>: each with the weights of the places that hold it, from A for names to D for descriptions. A
/// vector holds at most a megabyte; what is given first is kept.
/// </summary>
internal sealed class SearchVector
{
    private const int MaxWords = 5_000;
    private const int MaxBytes = 500_000;
    private readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);
    private int _bytes;

    public const string Weights = "ABCD";

    /// <param name="weight">One of <see cref="Weights"/>.</param>
    /// <param name="words">In lower case.</param>
    public void Add(char weight, IEnumerable<string> words)
    {
        var mask = 1 << Weights.IndexOf(weight);
        foreach (var word in words)
        {
            if (_words.TryGetValue(word, out var there))
                _words[word] = there | mask;
            else if (_words.Count < MaxWords && (_bytes += Encoding.UTF8.GetByteCount(word)) <= MaxBytes)
                _words.Add(word, mask);
        }
    }

    /// <summary>As PostgreSQL reads a vector.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (word, mask) in _words.OrderBy(w => w.Key, StringComparer.Ordinal))
        {
            text.Append(text.Length > 0 ? " " : "").Append(Quoted(word)).Append(':');
            text.AppendJoin(
                ',', Enumerable.Range(0, Weights.Length).Where(i => (mask & (1 << i)) != 0).Select(i => $"{i + 1}{Weights[i]}"));
        }

        return text.ToString();
    }

    /// <summary>A word in a vector or a query.</summary>
    public static string Quoted(string word) =>
        $"'{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";
}
