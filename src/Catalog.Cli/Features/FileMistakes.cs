using Catalog.Sdk;

namespace Catalog.Cli.Features;

/// <summary>A YAML file.</summary>
/// <param name="Path">As it was named.</param>
/// <param name="Code">Of what is wrong in it.</param>
internal sealed record YamlFile(string Path, string Code)
{
    public static YamlFile OfFeatures(string path) => new(path, "client.feature_file_invalid");

    public static YamlFile OfPolicies(string path) => new(path, "client.policy_file_invalid");
}

/// <summary>A line of a file, for people to look at.</summary>
internal sealed record FilePlace(YamlFile File, long Line)
{
    public override string ToString() => $"{File.Path}:{Line}";
}

/// <summary>What is wrong in a YAML file, with its place.</summary>
internal static class FileMistakes
{
    public static CatalogException At(FilePlace place, string sentence) => new(status: null, place.File.Code, $"{place}: {sentence}");

    /// <summary>Several at once; the first is the sentence.</summary>
    public static CatalogException Of(IReadOnlyList<(FilePlace Place, string Sentence)> mistakes) => new(
        status: null,
        mistakes[0].Place.File.Code,
        $"{mistakes[0].Place}: {mistakes[0].Sentence}",
        mistakes.GroupBy(m => m.Place.ToString(), m => m.Sentence, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal));
}
