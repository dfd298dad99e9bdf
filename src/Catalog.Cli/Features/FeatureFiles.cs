using Catalog.Features;
using Catalog.Sdk;

namespace Catalog.Cli.Features;

/// <summary>
/// Feature views and services as YAML files have them, one or several documents each. Entities are described once, in any of the files,
/// and meant by name in all of them.
/// </summary>
internal static class FeatureFiles
{
    /// <param name="paths">Files, and folders in which all <c>*.yaml</c> and <c>*.yml</c> are read, those of folders within, too.</param>
    /// <exception cref="CatalogException">A file is not there, cannot be read, or is not as it is to be.</exception>
    public static FeatureSpecs Read(IEnumerable<string> paths)
    {
        var named = paths.ToList();
        var documents = YamlFiles.Find(named).Select(YamlFile.OfFeatures)
            .SelectMany(file => YamlFiles.Documents(file).Select(d => new FeatureYaml(file, d))).ToList();
        var entities = new Dictionary<(string, string), WrittenEntity>();
        foreach (var entity in documents.SelectMany(d => d.Entities()))
        {
            if (!entities.TryAdd((entity.Namespace, entity.Name), entity) && entities[(entity.Namespace, entity.Name)] is var other
                && !other.Keys.SequenceEqual(entity.Keys))
                throw FileMistakes.At(entity.Place, $"the entity '{entity.Name}' has other keys at {other.Place}.");
        }

        var specs = new FeatureSpecs(
            Checked("view", [.. documents.SelectMany(d => d.Views(entities))], v => v.Name, v => FeatureRules.Check(v.Definition)),
            Checked("service", [.. documents.SelectMany(d => d.Services())], s => s.Name, s => FeatureServiceRules.Check(s.Definition)));
        return specs.Views.Count + specs.Services.Count > 0
            ? specs
            : throw FileMistakes.At(
                documents.FirstOrDefault()?.Place ?? new FilePlace(YamlFile.OfFeatures(named[0]), 1),
                "this names no feature view or service: they stand under 'views' and 'services'.");
    }

    /// <summary>What the server would refuse of a thing by itself is told here, with the line that it stands in.</summary>
    private static IReadOnlyList<TSpec> Checked<TSpec>(
        string what, IReadOnlyList<Written<TSpec>> things, Func<TSpec, QualifiedName> nameOf,
        Func<TSpec, IReadOnlyList<FeatureFault>> check)
    {
        foreach (var twice in things.GroupBy(t => nameOf(t.Spec)).Where(g => g.Count() > 1).Select(g => g.ToList()))
            throw FileMistakes.At(twice[1].Place, $"the {what} '{nameOf(twice[1].Spec)}' is described at {twice[0].Place} already.");
        var mistakes = things
            .SelectMany(thing => check(thing.Spec)
                .Select(fault => (thing.PlaceOf(fault.Field), $"'{nameOf(thing.Spec)}': {fault.Field} {fault.Message}")))
            .ToList();
        return mistakes.Count > 0 ? throw FileMistakes.Of(mistakes) : [.. things.Select(t => t.Spec)];
    }
}

/// <summary>What files say.</summary>
internal sealed record FeatureSpecs(IReadOnlyList<FeatureViewSpec> Views, IReadOnlyList<FeatureServiceSpec> Services);
