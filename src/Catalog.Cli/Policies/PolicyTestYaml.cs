using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Cli.Features;
using YamlDotNet.RepresentationModel;

namespace Catalog.Cli.Policies;

/// <summary>Reads one test of a file.</summary>
internal sealed class PolicyTestYaml
{
    private const string What = "a test";

    private readonly YamlFile _file;
    private readonly YamlFields _fields;

    public PolicyTestYaml(YamlFile file, YamlNode node) => (_file, _fields) = (file, new YamlFields(
        file, node, What, "name", "principal", "role", "action", "resource", "purpose", "attributes", "ip", "tags", "columns", "approvals",
        "at", "expect", "masks", "rows"));

    public PolicyTest Read()
    {
        var resource = ReadResource();
        if (resource is null && _fields.Has("approvals", out var approvals))
            throw _fields.Mistake(approvals, "'approvals' are of a resource: the test needs 'resource'.");
        return new PolicyTest(
            _fields.Needed("name", What), _fields.Place, _fields.Needed("principal", What), ReadRole(), ReadAct(), resource, ReadPurpose(),
            ReadAttributes(), _fields.Text("ip"), _fields.Texts("tags") ?? [], ReadColumns(), _fields.Texts("approvals") ?? [],
            _fields.Time("at"), new ExpectedAnswer(ReadVerdict(), ReadMasks(), _fields.Texts("rows")));
    }

    private Role ReadRole() => Word("role") switch
    {
        null => Role.None,
        { } word when Roles.TryParse(word, out var role) => role,
        { } word => throw Wrong("role", $"'role' is to be one of {Roles.List}, not '{word}'."),
    };

    private Act ReadAct()
    {
        var word = _fields.Needed("action", What);
        return Acts.Read(word) ?? throw Wrong("action", $"'action' is to be one of {Acts.List}, not '{word}'.");
    }

    private NodeId? ReadResource() => Word("resource") switch
    {
        null => null,
        { } text when NodeId.TryParse(text, out var node, out _) && node.Column is null => node,
        { } text => throw Wrong("resource", $"'resource' is to be a node, and no column, such as dataset:demo/flights@3, not '{text}'."),
    };

    private Purpose? ReadPurpose() => Word("purpose") switch
    {
        null => null,
        { } word when Purposes.TryParse(word, out var purpose) => purpose,
        { } word => throw Wrong("purpose", $"'purpose' is to be one of {Purposes.List}, not '{word}'."),
    };

    private IReadOnlyDictionary<string, string> ReadAttributes() => _fields.Has("attributes", out var node)
        ? Named(node, "'attributes'").ToDictionary(a => a.Name, a => _fields.TextOf(a.Value, a.Name), StringComparer.Ordinal)
        : new Dictionary<string, string>();

    private IReadOnlyList<ColumnTags> ReadColumns()
    {
        if (!_fields.Has("columns", out var node))
            return [];
        var columns = new YamlFields(_file, node, "'columns'");
        return [.. columns.Members().Select(c => new ColumnTags(c.Name, TagSet.Of(columns.Texts(c.Name) ?? [])))];
    }

    private Verdict ReadVerdict()
    {
        var word = _fields.Needed("expect", What);
        return Verdicts.Read(word) ?? throw Wrong("expect", $"'expect' is to be one of {Verdicts.List}, not '{word}'.");
    }

    private Dictionary<string, Mask>? ReadMasks() => _fields.Has("masks", out var node)
        ? Named(node, "'masks'").ToDictionary(m => m.Name, m => ReadMask(m.Name, m.Value), StringComparer.Ordinal)
        : null;

    private Mask ReadMask(string column, YamlNode value)
    {
        var word = _fields.TextOf(value, column);
        return word == Masks.Write(Mask.None) ? Mask.None : Masks.Read(word)
            ?? throw _fields.Mistake(value, $"'{column}' is to be one of none, {Masks.List}, not '{word}'.");
    }

    private IEnumerable<(string Name, YamlNode Value, YamlNode Key)> Named(YamlNode node, string what) =>
        new YamlFields(_file, node, what).Members();

    private string? Word(string name) => _fields.Text(name);

    private Sdk.CatalogException Wrong(string name, string sentence) => FileMistakes.At(
        _fields.Has(name, out var at) ? _fields.PlaceOf(at) : _fields.Place, sentence);
}
