namespace Catalog.Search;

/// <summary>What is searched for, cut into words.</summary>
internal sealed class SearchQuestion
{
    /// <param name="text">As asked.</param>
    /// <param name="kind">Only such things.</param>
    /// <param name="ns">Only in this namespace.</param>
    /// <param name="tag">Only with this tag, or with a column that has it.</param>
    /// <param name="owner">Only of this owner.</param>
    public SearchQuestion(string text, SearchKind? kind = null, string? ns = null, string? tag = null, string? owner = null)
    {
        (Kind, Namespace, Tag, Owner) = (kind, ns, tag, owner);
        Text = text.Replace("\0", "", StringComparison.Ordinal).Trim();
        Node = NodeId.TryParse(Text, out var node, out _) ? node.WithoutVersion() : null;
        Words = [.. SearchWords.Of(Node is { } named ? $"{named.Namespace} {named.Name}" : Text).Distinct(StringComparer.Ordinal)];
        Joined = SearchWords.Joined(Text);
    }

    public string Text { get; }

    /// <summary>The node that the text is, without version and column; null where it is none.</summary>
    public NodeId? Node { get; }

    public SearchKind? Kind { get; }

    public string? Namespace { get; }

    public string? Tag { get; }

    public string? Owner { get; }

    public IReadOnlyList<string> Words { get; }

    /// <summary>The words in one: how a name is compared whole.</summary>
    public string Joined { get; }

    /// <summary>The words in one, as a word.</summary>
    public string OneWord => SearchWords.Cut(Joined);

    /// <summary>What a thing is called as a whole, when it is what was asked for.</summary>
    public string[] Exact => Node is { } node ? [Joined, node.ToString()] : [Joined];

    /// <summary>A run that was asked for by its id; null where the text is none.</summary>
    public NodeId? Run =>
        Node is { Kind: NodeKind.Run } run ? run : Guid.TryParseExact(Text, "D", out var id) ? NodeId.Run(id) : null;

    /// <summary>Every word, or words that begin with it; or all of them written as one. A <c>tsquery</c>.</summary>
    public string All => Words is [var only] ? Begin(only) : $"({string.Join(" & ", Words.Select(Begin))}) | {Begin(OneWord)}";

    /// <summary>Every word, or another that may be meant by it.</summary>
    public string AllOrNear(IReadOnlyDictionary<string, IReadOnlyList<string>> near) =>
        string.Join(" & ", Words.Select(w => $"({string.Join(" | ", Near(w, near).Select(SearchVector.Quoted).Prepend(Begin(w)))})"));

    /// <summary>Any of the words, to rank by.</summary>
    public string Any(IReadOnlyDictionary<string, IReadOnlyList<string>> near) => string.Join(
        " | ",
        Words.Append(OneWord).Select(Begin).Concat(Words.SelectMany(w => Near(w, near)).Select(SearchVector.Quoted)));

    private static IReadOnlyList<string> Near(string word, IReadOnlyDictionary<string, IReadOnlyList<string>> near) =>
        near.GetValueOrDefault(word) ?? [];

    /// <summary>A single letter begins too many words; it stands for itself.</summary>
    private static string Begin(string word) => SearchVector.Quoted(word) + (word.Length > 1 ? ":*" : "");
}
