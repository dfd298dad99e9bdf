using System.Text;

namespace Catalog.Search;

/// <summary>Says where in a thing the words are that were searched for.</summary>
internal static class SearchMatches
{
    /// <summary>More columns or tags are not named; the best are.</summary>
    private const int MaxOfAField = 10;

    /// <summary>A description is shown around the first of the words.</summary>
    private const int SnippetLength = 160;

    /// <summary>The places that hold all the words, where some do; else those that hold some.</summary>
    public static IReadOnlyList<SearchCatalog.Match> Of(SearchQuestion question, SearchHit hit)
    {
        var (entry, words) = (hit.Entry, new Wanted(question, hit.Near));
        var places = Fields(entry)
            .SelectMany(f => f.Texts.Select(text => (f.Field, Text: text, Count: words.CountIn(text))))
            .Where(p => p.Count > 0 || (p.Field is SearchField.Name && hit.Tier is SearchTier.Exact))
            .ToList();
        var whole = places.Where(p => p.Count == question.Words.Count).ToList();
        return
        [
            .. (whole.Count > 0 ? whole : places).GroupBy(p => p.Field)
                .SelectMany(of => of.OrderByDescending(p => p.Count).Take(MaxOfAField))
                .Select(p => new SearchCatalog.Match(
                    p.Field,
                    p.Field is SearchField.Description ? words.Snippet(p.Text) : p.Text,
                    p.Field is SearchField.Column ? ColumnOf(entry.Node, p.Text) : null)),
        ];
    }

    private static IEnumerable<(SearchField Field, IEnumerable<string> Texts)> Fields(SearchEntry entry) =>
    [
        (SearchField.Name, [entry.Node.Name]),
        (SearchField.Column, entry.AllColumns),
        (SearchField.Tag, entry.AllTags),
        (SearchField.Namespace, [entry.Namespace]),
        (SearchField.Owner, entry.Owners),
        (SearchField.Description, entry.Descriptions),
    ];

    /// <summary>The column's node; null where others call it what no column here can be called.</summary>
    private static NodeId? ColumnOf(NodeId dataset, string column) =>
        NodeId.TryCreate(dataset.Kind, dataset.Namespace, dataset.Name, version: null, column, out var node, out _) ? node : null;

    /// <summary>The words asked for, with what may be meant by them.</summary>
    private sealed class Wanted(SearchQuestion question, IReadOnlyDictionary<string, IReadOnlyList<string>> near)
    {
        /// <summary>How many of the words asked for are in a text.</summary>
        public int CountIn(string text)
        {
            string[] there = [.. SearchWords.OfName(text)];
            var count = question.Words.Count(word => there.Any(t => Is(t, word)));
            return count > 0 ? count : there.Any(t => Begins(t, question.OneWord)) ? 1 : 0;
        }

        /// <summary>The part of a text that the first word found is in.</summary>
        public string Snippet(string text)
        {
            if (text.Length <= SnippetLength)
                return text;
            var found = SearchWords.Of(text).FirstOrDefault(t => question.Words.Any(word => Is(t, word)));
            var at = found is null ? -1 : text.IndexOf(found, StringComparison.OrdinalIgnoreCase);
            var from = at <= SnippetLength / 2 ? 0 : text.LastIndexOf(' ', at - SnippetLength / 4) is >= 0 and var space ? space + 1 : at;
            var snippet = new StringBuilder(from > 0 ? "…" : "");
            foreach (var rune in text[from..].EnumerateRunes().TakeWhile(_ => snippet.Length < SnippetLength))
                snippet.Append(rune);
            return snippet.Append(from + SnippetLength < text.Length ? "…" : "").ToString();
        }

        private bool Is(string there, string word) => Begins(there, word) || near.GetValueOrDefault(word)?.Contains(there) == true;

        private static bool Begins(string there, string word) =>
            word.Length > 0 && (word.Length > 1 ? there.StartsWith(word, StringComparison.Ordinal) : there == word);
    }
}
