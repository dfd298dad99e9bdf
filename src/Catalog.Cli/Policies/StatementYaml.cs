using System.Globalization;
using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Cli.Features;
using YamlDotNet.RepresentationModel;

namespace Catalog.Cli.Policies;

/// <summary>Reads one statement of a file.</summary>
internal sealed class StatementYaml
{
    private const string What = "a statement";

    private static readonly string[] s_members =
    [
        "id", "effect", "principals", "actions", "resources", "tags", "purposes", "when", "notBefore", "expires", "columns", "mask", "rows",
        "require", "reason",
    ];

    private readonly YamlFile _file;
    private readonly YamlFields _fields;

    public StatementYaml(YamlFile file, YamlNode node) => (_file, _fields) = (file, new YamlFields(file, node, What, s_members));

    public Written<Statement> Read()
    {
        var statement = new Statement(
            _fields.Needed("id", What), ReadEffect(), List("principals"), List("actions"), List("resources"), _fields.Text("tags"),
            List("purposes"), _fields.Text("when"), _fields.Time("notBefore"), _fields.Time("expires"), List("columns"), ReadMask(),
            _fields.Text("rows"), ReadRequirement(), _fields.Text("reason") ?? "");
        return new Written<Statement>(
            statement.InOrder(),
            _fields.Members().ToDictionary(m => m.Name, m => _fields.PlaceOf(m.Value), StringComparer.Ordinal),
            _fields.Place);
    }

    private IReadOnlyList<string> List(string name) => _fields.Texts(name) ?? [];

    private Effect ReadEffect()
    {
        var word = _fields.Needed("effect", What);
        return Effects.Read(word) ?? throw Wrong("effect", $"'effect' is to be one of {Effects.List}, not '{word}'.");
    }

    /// <summary>The mask <c>null</c> may stand without quotes, where YAML means nothing by it.</summary>
    private Mask? ReadMask()
    {
        if (Member("mask") is not { } value || value is YamlScalarNode { Value: null or "" or "~" })
            return null;
        var word = _fields.TextOf(value, "mask");
        return Masks.Read(word) ?? throw Wrong("mask", $"'mask' is to be one of {Masks.List}, not '{word}'.");
    }

    private Requirement? ReadRequirement()
    {
        if (!_fields.Has("require", out var value))
            return null;
        if (value is YamlScalarNode)
            return _fields.TextOf(value, "require") == "purpose"
                ? new Requirement(Approvals: 0, ApprovedBy: null, Purpose: true)
                : throw Wrong("require", "'require' is to be purpose, or a number of approvals: {approvals: 2, approvedBy: stewards}.");
        var required = new YamlFields(_file, value, "'require'", "approvals", "approvedBy");
        var number = required.Needed("approvals", "'require'");
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var approvals)
            ? new Requirement(approvals, required.Text("approvedBy"), Purpose: false)
            : throw Wrong("require", $"'approvals' is to be a number from 1 to 16, not '{number}'.");
    }

    private YamlNode? Member(string name) => _fields.Members().FirstOrDefault(m => m.Name == name).Value;

    private Sdk.CatalogException Wrong(string name, string sentence) => FileMistakes.At(
        Member(name) is { } at ? _fields.PlaceOf(at) : _fields.Place, sentence);
}
