using Catalog.Sdk;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Catalog.Cli.Features;

/// <summary>Finds YAML files, and reads their documents.</summary>
internal static class YamlFiles
{
    private static readonly string[] s_endings = [".yaml", ".yml"];

    /// <param name="paths">Files, and folders in which all <c>*.yaml</c> and <c>*.yml</c> are meant, those of folders within, too.</param>
    /// <returns>Each file once, in order.</returns>
    /// <exception cref="CatalogException">Nothing is there.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> paths) => [.. paths.SelectMany(Files).Distinct(StringComparer.Ordinal)];

    /// <exception cref="CatalogException">It is no YAML.</exception>
    public static IReadOnlyList<YamlNode> Documents(YamlFile file)
    {
        var yaml = new YamlStream();
        try
        {
            using var text = File.OpenText(file.Path);
            yaml.Load(text);
        }
        catch (YamlException e)
        {
            throw FileMistakes.At(new FilePlace(file, e.Start.Line), $"this is no YAML: {e.Message}{Hint(e)}");
        }

        return [.. yaml.Documents.Select(d => d.RootNode)];
    }

    /// <summary>A star outside of quotes is how YAML begins an alias.</summary>
    private static string Hint(YamlException e) =>
        e.Message.Contains("alias", StringComparison.Ordinal) ? " A text that begins with a star stands in quotes: '*'." : "";

    private static IEnumerable<string> Files(string path)
    {
        if (File.Exists(path))
            return [path];
        if (!Directory.Exists(path))
            throw new CatalogException(status: null, "client.file_not_found", $"There is no file or folder '{path}'.");
        string[] found =
        [
            .. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Where(f => s_endings.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal),
        ];
        return found.Length > 0
            ? found
            : throw new CatalogException(status: null, "client.folder_empty", $"There are no .yaml or .yml files in '{path}'.");
    }
}
