using Catalog.Features;
using Catalog.Sdk;
using YamlDotNet.RepresentationModel;

namespace Catalog.Cli.Features;

/// <summary>Reads one view of a file.</summary>
internal sealed class ViewYaml
{
    private readonly YamlFile _file;
    private readonly string _namespace;
    private readonly string? _owner;
    private readonly string _name;
    private readonly YamlFields _view;
    private readonly IReadOnlyDictionary<(string Namespace, string Name), WrittenEntity> _entities;
    private readonly Dictionary<string, FilePlace> _places = new(StringComparer.Ordinal);

    public ViewYaml(
        YamlFile file, string ns, string? owner, string name, YamlNode node,
        IReadOnlyDictionary<(string Namespace, string Name), WrittenEntity> entities)
    {
        (_file, _namespace, _owner, _name, _entities) = (file, ns, owner, name, entities);
        _view = new YamlFields(
            file, node, $"the view '{name}'", "entity", "entities", "source", "ttl", "serve", "owner", "tags",
            "description", "features");
    }

    public Written<FeatureViewSpec> Read()
    {
        if (!_view.Has("source", out var node))
            throw FileMistakes.At(_view.Place, $"the view '{_name}' needs 'source': the dataset that its events come from.");
        var source = new YamlFields(
            _file, node, $"the source of '{_name}'", "dataset", "eventTime", "createdTime", "timeZone", "ties", "keys");
        var definition = new FeatureDefinition([.. Entities(source)], Source(source), [.. Features()], _view.Span("ttl"));
        Note("source", node);
        if (_view.Has("ttl", out var ttl))
            Note("timeToLive", ttl);
        return new Written<FeatureViewSpec>(new FeatureViewSpec(Name(), Owner(), definition)
        {
            Description = _view.Text("description"),
            Tags = _view.Texts("tags"),
            Tiers = Tiers(),
        }, _places, _view.Place);
    }

    private IReadOnlyList<string>? Tiers() => !_view.Has("serve", out var node) ? null
        : _view.Texts("serve") is { } tiers && ServingTiers.Check(tiers) is { } wrong
            ? throw _view.Mistake(node, $"'serve' of '{_name}' {wrong}")
        : _view.Texts("serve");

    private QualifiedName Name() =>
        NodeId.TryCreate(NodeKind.FeatureView, _namespace, _name, version: null, column: null, out _, out var wrong)
        ? new QualifiedName(_namespace, _name)
        : throw FileMistakes.At(_view.Place, wrong);

    private string Owner() => _view.Text("owner") ?? _owner
        ?? throw FileMistakes.At(_view.Place, $"the view '{_name}' needs 'owner': a team, service or person; or give the document one.");

    private IEnumerable<Entity> Entities(YamlFields source)
    {
        var columns = source.Has("keys", out var keys) ? new YamlFields(_file, keys, "'keys'") : null;
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, name) in (_view.Texts("entities") ?? _view.Texts("entity") ?? []).Index())
        {
            if (!_entities.TryGetValue((_namespace, name), out var entity))
                throw FileMistakes.At(_view.Place, Unknown(name));
            _places[$"entities[{i}]"] = entity.Place;
            used.UnionWith(entity.Keys.Select(k => k.Name));
            yield return new Entity(name, [.. entity.Keys.Select(k => new EntityKey(k.Name, k.Type, columns?.Text(k.Name) ?? k.Name))]);
        }

        foreach (var (name, _, key) in columns?.Members() ?? [])
        {
            if (!used.Contains(name))
                throw source.Mistake(key, $"no entity of '{_name}' has a key '{name}'{Near(name, used)}");
        }
    }

    private FeatureSource Source(YamlFields source)
    {
        var text = source.Needed("dataset", $"the source of '{_name}'");
        if (!NodeArgument.TryRead(text, NodeKind.Dataset, out var dataset, out var wrong))
            throw FileMistakes.At(source.Place, $"'dataset' is to be a dataset, such as demo/flights: {wrong}");
        foreach (var (name, value, _) in source.Members())
            Note($"source.{name}", value);
        var eventTime = source.Needed("eventTime", $"the source of '{_name}'");
        return new FeatureSource(dataset, eventTime, source.Text("createdTime"), source.Text("timeZone"), Ties(source));
    }

    private static TieRule Ties(YamlFields source) => source.Text("ties") switch
    {
        null or "last" => TieRule.Last,
        "first" => TieRule.First,
        var other => throw FileMistakes.At(source.Place, $"'ties' is to be last or first, not '{other}'."),
    };

    private IEnumerable<Feature> Features()
    {
        if (!_view.Has("features", out var node))
            throw FileMistakes.At(_view.Place, $"the view '{_name}' needs 'features'.");
        foreach (var (i, (name, value, key)) in new YamlFields(_file, node, "'features'").Members().Index())
        {
            Note($"features[{i}]", key);
            yield return value is YamlScalarNode
                ? new Feature(name, _view.TextOf(value, name), name)
                : Feature(name, new YamlFields(_file, value, $"the feature '{name}'", "type", "from", "aggregate", "window"));
        }
    }

    private Feature Feature(string name, YamlFields fields)
    {
        var aggregation = Aggregation(name, fields);
        var type = fields.Text("type") ?? aggregation?.Function switch
        {
            AggregateFunction.Count => "int64",
            AggregateFunction.Mean => "float64",
            _ => fields.Needed("type", $"the feature '{name}'"),
        };
        return new Feature(name, type, fields.Text("from") ?? (aggregation is null ? name : null), aggregation);
    }

    private static Aggregation? Aggregation(string name, YamlFields fields) => (fields.Text("aggregate"), fields.Span("window")) switch
    {
        (null, null) => null,
        (null, _) => throw FileMistakes.At(fields.Place, $"'{name}' has a 'window' and no 'aggregate': {Aggregations.List}."),
        ({ } word, _) when !Aggregations.TryParse(word, out _) => throw FileMistakes.At(
            fields.Place, $"'aggregate' of '{name}' is to be one of {Aggregations.List}, not '{word}'."),
        ({ } word, null) => throw FileMistakes.At(fields.Place, $"'{name}' is a {word} and needs a 'window', such as 7d."),
        ({ } word, { } window) => new Aggregation(Aggregations.TryParse(word, out var function) ? function : default, window),
    };

    private void Note(string field, YamlNode node) => _places[field] = _view.PlaceOf(node);

    private string Unknown(string entity)
    {
        string[] known = [.. _entities.Values.Where(e => e.Namespace == _namespace).Select(e => e.Name)];
        return $"the view '{_name}' is about the entity '{entity}', which no file describes under 'entities'{Near(entity, known)}";
    }

    private static string Near(string name, IEnumerable<string> names) =>
        Misspelling.Nearest(name, names) is { } near ? $"; did you mean '{near}'?" : ".";
}
