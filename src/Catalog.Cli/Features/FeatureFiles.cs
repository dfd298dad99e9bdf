using Catalog.Features;
using Catalog.Sdk;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Catalog.Cli.Features;

/// <summary>
/// Feature views as YAML files have them, one or several documents each. Entities are described once, in any of the files, and meant by
/// name in all of them.
/// </summary>
internal static class FeatureFiles
{
    private static readonly string[] s_endings = [".yaml", ".yml"];

    /// <param name="paths">Files, and folders in which all <c>*.yaml</c> and <c>*.yml</c> are read, those of folders within, too.</param>
    /// <exception cref="CatalogException">A file is not there, cannot be read, or is not as it is to be.</exception>
    public static IReadOnlyList<FeatureViewSpec> Read(IEnumerable<string> paths)
    {
        var named = paths.ToList();
        var documents = named.SelectMany(Files).Distinct(StringComparer.Ordinal).SelectMany(Documents).ToList();
        var entities = new Dictionary<(string, string), WrittenEntity>();
        foreach (var entity in documents.SelectMany(d => d.Entities()))
        {
            if (!entities.TryAdd((entity.Namespace, entity.Name), entity) && entities[(entity.Namespace, entity.Name)] is var other
                && !other.Keys.SequenceEqual(entity.Keys))
                throw FileMistakes.At(entity.Place, $"the entity '{entity.Name}' has other keys at {other.Place}.");
        }

        var views = Checked([.. documents.SelectMany(d => d.Views(entities))]);
        return views.Count > 0
            ? views
            : throw FileMistakes.At(
                documents.FirstOrDefault()?.Place ?? new FilePlace(named[0], 1), "this names no feature view: they stand under 'views'.");
    }

    /// <summary>What the server would refuse of a view by itself is told here, with the line that it stands in.</summary>
    private static IReadOnlyList<FeatureViewSpec> Checked(IReadOnlyList<WrittenView> views)
    {
        foreach (var twice in views.GroupBy(v => v.Spec.Name).Where(g => g.Count() > 1).Select(g => g.ToList()))
            throw FileMistakes.At(twice[1].Place, $"the view '{twice[1].Spec.Name}' is described at {twice[0].Place} already.");
        var mistakes = views
            .SelectMany(view => FeatureRules.Check(view.Spec.Definition)
                .Select(fault => (view.PlaceOf(fault.Field), $"'{view.Spec.Name}': {fault.Field} {fault.Message}")))
            .ToList();
        return mistakes.Count > 0 ? throw FileMistakes.Of(mistakes) : [.. views.Select(v => v.Spec)];
    }

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

    private static IEnumerable<FeatureYaml> Documents(string path)
    {
        var yaml = new YamlStream();
        try
        {
            using var text = File.OpenText(path);
            yaml.Load(text);
        }
        catch (YamlException e)
        {
            throw FileMistakes.At(new FilePlace(path, e.Start.Line), $"this is no YAML: {e.Message}");
        }

        return [.. yaml.Documents.Select(d => new FeatureYaml(path, d.RootNode))];
    }
}
