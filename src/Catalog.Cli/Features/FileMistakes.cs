using Catalog.Sdk;

namespace Catalog.Cli.Features;

/// <summary>A line of a file, for people to look at.</summary>
internal sealed record FilePlace(string File, long Line)
{
    public override string ToString() => $"{File}:{Line}";
}

/// <summary>What is wrong in a YAML file, with its place.</summary>
internal static class FileMistakes
{
    private const string Code = "client.feature_file_invalid";

    public static CatalogException At(FilePlace place, string sentence) => new(status: null, Code, $"{place}: {sentence}");

    /// <summary>Several at once; the first is the sentence.</summary>
    public static CatalogException Of(IReadOnlyList<(FilePlace Place, string Sentence)> mistakes) => new(
        status: null,
        Code,
        $"{mistakes[0].Place}: {mistakes[0].Sentence}",
        mistakes.GroupBy(m => m.Place.ToString(), m => m.Sentence, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal));
}
