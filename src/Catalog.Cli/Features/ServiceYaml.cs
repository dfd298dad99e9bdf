using System.Globalization;
using Catalog.Features;
using Catalog.Sdk;
using YamlDotNet.RepresentationModel;

namespace Catalog.Cli.Features;

/// <summary>Reads one service of a file.</summary>
internal sealed class ServiceYaml(YamlFile file, string ns, string? owner, string name, YamlNode node)
{
    private readonly YamlFields _service =
        new(file, node, $"the service '{name}'", "views", "latency", "availability", "owner", "tags", "description");

    private readonly Dictionary<string, FilePlace> _places = new(StringComparer.Ordinal);

    public Written<FeatureServiceSpec> Read()
    {
        if (!NodeId.TryCreate(NodeKind.FeatureService, ns, name, version: null, column: null, out _, out var wrong))
            throw FileMistakes.At(_service.Place, wrong);
        Note("latency", "latencyTarget");
        Note("availability", "availability");
        var definition = new FeatureServiceDefinition([.. Views()], _service.Span("latency"), Availability());
        return new Written<FeatureServiceSpec>(new FeatureServiceSpec(new QualifiedName(ns, name), Owner(), definition)
        {
            Description = _service.Text("description"),
            Tags = _service.Texts("tags"),
        }, _places, _service.Place);
    }

    private string Owner() => _service.Text("owner") ?? owner
        ?? throw FileMistakes.At(
            _service.Place, $"the service '{name}' needs 'owner': a team, service or person; or give the document one.");

    private IEnumerable<ServedView> Views()
    {
        if (!_service.Has("views", out var list))
            throw FileMistakes.At(_service.Place, $"the service '{name}' needs 'views': whose features it serves.");
        foreach (var (i, item) in (list is YamlSequenceNode several ? several.Children : [list]).Index())
        {
            _places[$"views[{i}]"] = _service.PlaceOf(item);
            yield return item is YamlScalarNode ? new ServedView(View(item, _service.TextOf(item, "views"))) : Chosen(item);
        }
    }

    private ServedView Chosen(YamlNode item)
    {
        var fields = new YamlFields(file, item, $"a view of '{name}'", "view", "features");
        return new ServedView(View(item, fields.Needed("view", $"a view of '{name}'")), fields.Texts("features"));
    }

    /// <summary>A view of the document's namespace by its name, or one of another by both.</summary>
    private NodeId View(YamlNode item, string text)
    {
        var whole = text.Contains('/', StringComparison.Ordinal) ? text : $"{NodeId.FeatureView(ns, "n").StreamId[..^1]}{text}";
        return NodeArgument.TryRead(whole, NodeKind.FeatureView, out var view, out var wrong)
            ? view
            : throw _service.Mistake(item, $"'{text}' is to be a view, such as delays, demo/delays or demo/delays@2: {wrong}");
    }

    private double? Availability() => !_service.Has("availability", out var at) ? null
        : double.TryParse(_service.Text("availability"), NumberStyles.Float, CultureInfo.InvariantCulture, out var part) ? part
        : throw _service.Mistake(at, "'availability' is to be a number, such as 0.999.");

    private void Note(string member, string field)
    {
        if (_service.Has(member, out var at))
            _places[field] = _service.PlaceOf(at);
    }
}
