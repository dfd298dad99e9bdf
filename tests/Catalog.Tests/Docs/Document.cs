using System.Text.RegularExpressions;

namespace Catalog.Tests.Docs;

/// <summary>A Markdown file of the repository: its fenced blocks, the code in its lines, and its links.</summary>
internal sealed partial record Document(string Name, string Text)
{
    /// <summary>README and everything below docs, by their paths from the root.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "README.md",
        .. Directory.EnumerateFiles(Repository.File("docs"), "*.md", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    public static Document Load(string name) => new(name, File.ReadAllText(Repository.File(name)).ReplaceLineEndings("\n"));

    public static IEnumerable<Document> All => Names.Select(Load);

    /// <summary>Blocks fenced with three backticks, in a language.</summary>
    public IEnumerable<string> Blocks(string language) =>
        Fence().Matches(Text).Where(m => m.Groups["language"].Value == language).Select(m => m.Groups["body"].Value);

    /// <summary>Code between single backticks, outside of blocks.</summary>
    public IEnumerable<string> Inline => Code().Matches(Fence().Replace(Text, "")).Select(m => m.Groups["code"].Value);

    /// <summary>Targets of links, outside of code.</summary>
    public IEnumerable<string> Links => Link().Matches(Code().Replace(Fence().Replace(Text, ""), "")).Select(m => m.Groups["target"].Value);

    /// <summary>The anchors that headings give.</summary>
    public IEnumerable<string> Anchors => Heading().Matches(Fence().Replace(Text, ""))
        .Select(m => NotInAnchor().Replace(m.Groups["text"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"^ *```(?<language>[\w-]*)\n(?<body>.*?)^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("`(?<code>[^`\n]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (?<text>.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
