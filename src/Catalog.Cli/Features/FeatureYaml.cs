using Catalog.Features;
using Catalog.Sdk;
using YamlDotNet.RepresentationModel;

namespace Catalog.Cli.Features;

/// <summary>An entity of a file: its keys and their types, in order.</summary>
internal sealed record WrittenEntity(string Namespace, string Name, IReadOnlyList<(string Name, string Type)> Keys, FilePlace Place);

/// <summary>A view or service of a file, and where each field of its definition is written.</summary>
internal sealed record Written<TSpec>(TSpec Spec, IReadOnlyDictionary<string, FilePlace> Places, FilePlace Place)
{
    /// <summary>Where a field is written, or what it is in: <c>features[2].aggregation.window</c>.</summary>
    public FilePlace PlaceOf(string field)
    {
        for (var at = field; at.Length > 0; at = at[..Math.Max(at.LastIndexOf('.'), 0)])
        {
            if (Places.TryGetValue(at, out var place))
                return place;
        }

        return Place;
    }
}

/// <summary>One document of a file of feature views.</summary>
internal sealed class FeatureYaml
{
    private readonly YamlFile _file;
    private readonly YamlFields _document;

    public FeatureYaml(YamlFile file, YamlNode document)
    {
        _file = file;
        _document = new YamlFields(file, document, "a document of feature views", "namespace", "owner", "entities", "views", "services");
        Namespace = _document.Needed("namespace", "a document of feature views");
    }

    public string Namespace { get; }

    public FilePlace Place => _document.Place;

    public IEnumerable<WrittenEntity> Entities() => _document.Has("entities", out var entities)
        ? Named(entities, "'entities'").Select(e => Entity(e.Name, e.Value))
        : [];

    /// <param name="entities">Those of all files, by namespace and name.</param>
    public IEnumerable<Written<FeatureViewSpec>> Views(IReadOnlyDictionary<(string Namespace, string Name), WrittenEntity> entities) =>
        _document.Has("views", out var views)
            ? Named(views, "'views'").Select(v => new ViewYaml(_file, Namespace, _document.Text("owner"), v.Name, v.Value, entities).Read())
            : [];

    public IEnumerable<Written<FeatureServiceSpec>> Services() => _document.Has("services", out var services)
        ? Named(services, "'services'").Select(s => new ServiceYaml(_file, Namespace, _document.Text("owner"), s.Name, s.Value).Read())
        : [];

    private IEnumerable<(string Name, YamlNode Value, YamlNode Key)> Named(YamlNode node, string what) =>
        new YamlFields(_file, node, what).Members();

    private WrittenEntity Entity(string name, YamlNode node)
    {
        var fields = new YamlFields(_file, node, $"the entity '{name}'", "keys");
        if (!fields.Has("keys", out var keys))
            throw fields.Mistake(node, $"the entity '{name}' needs 'keys': their names, each with its type.");
        return new WrittenEntity(
            Namespace, name, [.. Named(keys, "'keys'").Select(k => (k.Name, fields.TextOf(k.Value, k.Name)))], fields.Place);
    }
}
