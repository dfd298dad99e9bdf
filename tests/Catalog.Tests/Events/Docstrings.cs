using System.Net;
using System.Text.RegularExpressions;

namespace Catalog.Tests.Events;

/// <summary>The docstrings of records, read from their source: a schema explains its members in the words of the code.</summary>
internal static partial class Docstrings
{
    private static readonly string[] s_sources =
        [.. Repository.Sources("src")
            .Where(p => p.StartsWith("src/Catalog/", StringComparison.Ordinal)
                || p.StartsWith("src/Catalog.Core/", StringComparison.Ordinal))
            .Select(p => File.ReadAllText(Repository.File(p)))];

    public static string? OfType(Type record) =>
        Summary().Match(Block(record)) is { Success: true } found ? Plain(found.Groups["text"].Value) : null;

    /// <param name="member">In any case: JSON members begin with a small letter.</param>
    public static string? OfParameter(Type record, string member) =>
        Parameter().Matches(Block(record))
            .FirstOrDefault(p => string.Equals(p.Groups["name"].Value, member, StringComparison.OrdinalIgnoreCase)) is { } found
            ? Plain(found.Groups["text"].Value)
            : null;

    /// <summary>The comment lines right above the record, without their slashes.</summary>
    private static string Block(Type record)
    {
        var declaration = new Regex(
            $@"(?<block>(?:^[ \t]*///[^\n]*\n)+)[^\n]*\brecord {Regex.Escape(record.Name)}\b",
            RegexOptions.Multiline | RegexOptions.ExplicitCapture);
        var found = s_sources
            .Where(s => s.Contains($"namespace {record.Namespace};", StringComparison.Ordinal))
            .Select(s => declaration.Match(s))
            .FirstOrDefault(m => m.Success);
        return found is null ? "" : Slashes().Replace(found.Groups["block"].Value, " ");
    }

    private static string Plain(string text)
    {
        var named = Reference().Replace(text, m => m.Groups["name"].Value.Split('.')[^1]);
        return WebUtility.HtmlDecode(Spaces().Replace(Tag().Replace(named, ""), " ").Trim());
    }

    [GeneratedRegex("<summary>(?<text>.*?)</summary>", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Summary();

    [GeneratedRegex("<param name=\"(?<name>[^\"]+)\">(?<text>.*?)</param>", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Parameter();

    [GeneratedRegex("<(see cref|paramref name)=\"(?<name>[^\"]+)\" ?/>", RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();

    [GeneratedRegex("^[ \t]*///", RegexOptions.Multiline)]
    private static partial Regex Slashes();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
