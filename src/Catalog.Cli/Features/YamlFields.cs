using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Catalog.Cli.Features;

/// <summary>A mapping of a YAML file whose members are a closed list, each read once. Mistakes are told with file and line.</summary>
internal sealed class YamlFields
{
    private readonly YamlFile _file;
    private readonly YamlMappingNode _node;

    /// <param name="file">Where it stands.</param>
    /// <param name="node">The mapping.</param>
    /// <param name="what">What it describes: "a view".</param>
    /// <param name="names">All members that there may be; none for a mapping of names that people choose.</param>
    public YamlFields(YamlFile file, YamlNode node, string what, params IReadOnlyList<string> names)
    {
        _file = file;
        _node = node as YamlMappingNode ?? throw Mistake(node, $"{what} is to be a mapping of names to values.");
        if (names.Count > 0 && Members().Any(m => !names.Contains(m.Name, StringComparer.Ordinal)))
            throw Unknown(what, names);
    }

    public FilePlace Place => PlaceOf(_node);

    public FilePlace PlaceOf(YamlNode node) => new(_file, node.Start.Line);

    /// <summary>The members, in the order of the file.</summary>
    public IEnumerable<(string Name, YamlNode Value, YamlNode Key)> Members() => _node.Children.Select(c =>
        (c.Key is YamlScalarNode { Value: { } name } ? name : throw Mistake(c.Key, "a name is to be text."), c.Value, c.Key));

    /// <summary>A member that is there and is not null.</summary>
    public bool Has(string name, [NotNullWhen(true)] out YamlNode? value)
    {
        value = _node.Children.FirstOrDefault(c => c.Key is YamlScalarNode key && key.Value == name).Value;
        if (value is YamlScalarNode scalar && IsNull(scalar))
            value = null;
        return value is not null;
    }

    /// <summary>The text of a member; null where it is not there.</summary>
    public string? Text(string name) => Has(name, out var value) ? TextOf(value, name) : null;

    public string Needed(string name, string what) =>
        Text(name) ?? throw Mistake(_node, $"{what} needs '{name}'.");

    /// <summary>A list of texts, or one; null where it is not there.</summary>
    public IReadOnlyList<string>? Texts(string name) => !Has(name, out var value) ? null
        : value is YamlSequenceNode list ? [.. list.Select(item => TextOf(item, name))]
        : [TextOf(value, name)];

    /// <summary>A length of time; null where it is not there.</summary>
    public TimeSpan? Span(string name)
    {
        if (!Has(name, out var value))
            return null;
        var text = TextOf(value, name);
        return SpanText.Find(text) ?? throw Mistake(value, $"'{name}' is to be {SpanText.Examples}, not '{text}'.");
    }

    /// <summary>A day or moment, in UTC where it does not say otherwise; null where it is not there.</summary>
    public DateTimeOffset? Time(string name) => !Has(name, out var value) ? null
        : DateTimeOffset.TryParse(
            TextOf(value, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time)
        ? time
        : throw Mistake(value, $"'{name}' is to be a day or a moment, such as 2027-01-31 or 2027-01-31T12:00Z.");

    public string TextOf(YamlNode value, string name) => value is YamlScalarNode { Value: { } text }
        ? text
        : throw Mistake(value, $"'{name}' is to be one text.");

    public Sdk.CatalogException Mistake(YamlNode at, string sentence) => FileMistakes.At(PlaceOf(at), sentence);

    private static bool IsNull(YamlScalarNode scalar) => scalar is { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    private Sdk.CatalogException Unknown(string what, IReadOnlyList<string> names)
    {
        var (name, _, key) = Members().First(m => !names.Contains(m.Name, StringComparer.Ordinal));
        var near = Misspelling.Nearest(name, names);
        return Mistake(
            key, $"there is no '{name}' in {what}{(near is null ? $"; it has {string.Join(", ", names)}." : $"; did you mean '{near}'?")}");
    }
}
