using System.Text.RegularExpressions;
using Xunit;

namespace Catalog.Tests.Docs;

/// <summary>C# in documents is C# that compiles: each block is one of <see cref="Snippets"/>, and each of those is shown.</summary>
public sealed partial class SnippetTests
{
    private static readonly string[] Files = Directory.GetFiles(Repository.File("tests", "Catalog.Tests", "Docs"), "Snippets*.cs");

    private static readonly Dictionary<string, string> Compiled = Files
        .SelectMany(file => Marked().Matches(File.ReadAllText(file).ReplaceLineEndings("\n")))
        .ToDictionary(m => m.Groups["name"].Value, m => Unindent(m.Groups["code"].Value), StringComparer.Ordinal);

    [Fact]
    public void Every_block_of_csharp_is_one_that_compiles() =>
        Assert.Empty(Document.All.SelectMany(d => d.Blocks("csharp")
            .Where(block => !Compiled.ContainsValue(block)).Select(block => $"{d.Name}:\n{block}")));

    [Fact]
    public void Every_snippet_is_shown()
    {
        var shown = Document.All.SelectMany(d => d.Blocks("csharp")).ToHashSet(StringComparer.Ordinal);
        Assert.NotEmpty(Compiled);
        Assert.Empty(Compiled.Where(s => !shown.Contains(s.Value)).Select(s => s.Key));
    }

    /// <summary>Of the namespaces that the compiler needed here, a reader needs all; <c>Catalog</c> is around the snippets.</summary>
    [Fact]
    public void The_namespaces_that_are_named_are_those_that_the_snippets_use()
    {
        var named = Document.Load("docs/sdk.md").Text.Split('\n').Single(l => l.Contains("in the namespaces", StringComparison.Ordinal));
        var used = Files.SelectMany(File.ReadLines).Where(l => l.StartsWith("using ", StringComparison.Ordinal)).Distinct();

        Assert.Equal(
            used.Select(l => l[6..].TrimEnd(';')).Prepend("Catalog").Order(StringComparer.Ordinal),
            Namespace().Matches(named).Select(m => m.Groups["name"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_training_job_takes_ten_lines_at_most() => Assert.InRange(Compiled["ten-lines"].Count(c => c == '\n'), 1, 10);

    [GeneratedRegex("`(?<name>Catalog[A-Za-z.]*)`")]
    private static partial Regex Namespace();

    private static string Unindent(string code)
    {
        var lines = code.TrimEnd().Split('\n');
        var margin = lines.Where(l => l.Trim().Length > 0).Min(l => l.Length - l.TrimStart().Length);
        return string.Join('\n', lines.Select(l => l.Length > margin ? l[margin..] : "")) + "\n";
    }

    [GeneratedRegex(@"^ *// docs: (?<name>[\w-]+)\n(?<code>.*?)^ *// end$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Marked();
}
