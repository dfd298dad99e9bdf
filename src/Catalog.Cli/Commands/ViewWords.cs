using System.CommandLine;
using Catalog.Features;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary>The keys and features of one row of a view, given as words.</summary>
internal static class ViewWords
{
    public static Option<string[]> Keys(string description) =>
        new("--key") { Description = description, AllowMultipleArgumentsPerToken = true };

    /// <summary>What the view is, so that words are read by its types.</summary>
    public static async Task<FeatureDefinition> DefinitionAsync(
        CatalogClient catalog, QualifiedName view, VersionRef version, CancellationToken ct) =>
        (await catalog.Features.GetVersionAsync(view, version, ct)).Definition;

    public static IReadOnlyDictionary<string, object?> KeysOf(FeatureDefinition view, IEnumerable<string>? words) =>
        Typed(words, name => view.Keys().FirstOrDefault(k => k.Name == name)?.Type);

    public static IReadOnlyDictionary<string, object?> FeaturesOf(FeatureDefinition view, IEnumerable<string>? words) =>
        Typed(words, name => view.Features.FirstOrDefault(f => f.Name == name)?.Type);

    private static Dictionary<string, object?> Typed(IEnumerable<string>? words, Func<string, string?> typeOf) =>
        KeyValues.Read(words).ToDictionary(w => w.Key, w => TypedWords.Read(w.Key, typeOf(w.Key), w.Value), StringComparer.Ordinal);
}
