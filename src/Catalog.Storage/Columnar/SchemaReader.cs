using Catalog.Schemas;
using Parquet.Meta;

namespace Catalog.Storage.Columnar;

/// <summary>
/// A column that holds values: where it is in the schema, its elements, its type. In the order of a row group's column chunks.
/// </summary>
/// <param name="IsRepeated">Within a list or map: its statistics count elements, not rows.</param>
internal sealed record Leaf(string Path, SchemaElement Element, LeafType Type, bool IsRepeated);

/// <summary>
/// Turns Parquet's flattened schema into the catalog's: annotated groups of two and three levels, older writers' spellings of lists and
/// maps (LogicalTypes.md, backward-compatibility rules), and bare repeated fields become lists and maps; other groups are structs.
/// </summary>
internal sealed class SchemaReader
{
    private const int MaxDepth = 100;

    // Each path repeats the names above it, so a small footer can describe paths of any size; those of real tables are far below.
    private const int MaxPathCharacters = 4_000_000;

    private readonly IReadOnlyList<SchemaElement> _elements;
    private readonly List<Leaf> _leaves = [];
    private int _next;
    private int _pathCharacters;

    private SchemaReader(IReadOnlyList<SchemaElement> elements) => _elements = elements;

    public static (TableSchema Schema, IReadOnlyList<Leaf> Leaves) Read(IReadOnlyList<SchemaElement> elements)
    {
        var reader = new SchemaReader(elements);
        var root = reader.Tree(MaxDepth);
        if (reader._next != elements.Count)
            throw new FooterException("its schema has elements that belong to no column");
        if (root.Element.Type is not null)
            throw new FooterException("its schema does not begin with a group");

        var schema = new TableSchema([.. root.Children.Select(c => reader.Field(c, parent: "", isRepeated: false))]);
        return schema.Check() is { } problem
            ? throw new FooterException("its schema cannot be used: " + problem.TrimEnd('.'))
            : (schema, reader._leaves);
    }

    private Node Tree(int depth)
    {
        if (depth == 0)
            throw new FooterException($"its schema is nested more than {MaxDepth} deep");
        if (_next == _elements.Count)
            throw new FooterException("its schema ends early");

        var element = _elements[_next++];
        var count = element.NumChildren ?? 0;
        if (count < 0 || count > _elements.Count - _next || (count > 0 && element.Type is not null))
            throw new FooterException($"its schema gives '{element.Name}' {count} children");

        if (count == 0)
            return new(element, []);

        // Grown as children are found: what a group claims to hold costs nothing.
        List<Node> children = [];
        for (var i = 0; i < count; i++)
            children.Add(Tree(depth - 1));
        return new(element, children);
    }

    private Column Field(Node node, string parent, bool isRepeated)
    {
        var name = node.Element.Name;
        var path = Join(parent, name);
        return node.Repetition is FieldRepetitionType.REPEATED
            ? new(name, "list", Nullable: false, [Value(node, "element", Beneath(path, "element"), nullable: false, isRepeated: true)])
            : Value(node, name, path, IsNullable(node), isRepeated);
    }

    private Column Value(Node node, string name, string path, bool nullable, bool isRepeated)
    {
        if (node.Element.Type is not null)
        {
            var type = LeafType.Of(node.Element);
            _leaves.Add(new(path, node.Element, type, isRepeated));
            return new(name, type.Name, nullable || type.Name == "null");
        }

        if (node.IsList && node.Children is [{ Repetition: FieldRepetitionType.REPEATED } inner])
            return new(name, "list", nullable, [Element(node, inner, Beneath(path, "element"))]);
        if (node.IsMap && node.Children is [{ Repetition: FieldRepetitionType.REPEATED, Children: [var key, var value] }])
            return new(name, "map", nullable, [Part(key, "key", path), Part(value, "value", path)]);
        return new(name, "struct", nullable, [.. node.Children.Select(c => Field(c, path, isRepeated))]);
    }

    private Column Element(Node list, Node repeated, string path)
    {
        // Rules 1 to 4: a repeated field that is no group, has several fields, or bears one of two old names, is the element itself.
        var isElement = repeated.Children is not [{ } only]
            || only.Repetition is FieldRepetitionType.REPEATED
            || repeated.Element.Name == "array"
            || repeated.Element.Name == list.Element.Name + "_tuple";
        return isElement
            ? Value(repeated, "element", path, nullable: false, isRepeated: true)
            : Value(repeated.Children[0], "element", path, IsNullable(repeated.Children[0]), isRepeated: true);
    }

    private Column Part(Node node, string name, string map) => node.Repetition is FieldRepetitionType.REPEATED
        ? new(name, "list", Nullable: false, [Value(node, "element", Beneath(map, $"{name}.element"), nullable: false, isRepeated: true)])
        : Value(node, name, Beneath(map, name), IsNullable(node), isRepeated: true);

    private static bool IsNullable(Node node) => node.Repetition is FieldRepetitionType.OPTIONAL;

    /// <summary>
    /// As paths of nested columns are written everywhere: dots between names, a backslash before a dot or backslash within one.
    /// </summary>
    private string Join(string parent, string name)
    {
        var escaped = name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(".", "\\.", StringComparison.Ordinal);
        return parent.Length == 0 ? escaped : Beneath(parent, escaped);
    }

    private string Beneath(string parent, string rest)
    {
        _pathCharacters += parent.Length + 1 + rest.Length;
        return _pathCharacters <= MaxPathCharacters
            ? $"{parent}.{rest}"
            : throw new FooterException($"the paths of its columns have more than {MaxPathCharacters} characters together");
    }

    private sealed record Node(SchemaElement Element, IReadOnlyList<Node> Children)
    {
        public FieldRepetitionType? Repetition => Element.RepetitionType;

        public bool IsList => Element.LogicalType?.LIST is not null || Element.ConvertedType is ConvertedType.LIST;

        public bool IsMap =>
            Element.LogicalType?.MAP is not null || Element.ConvertedType is ConvertedType.MAP or ConvertedType.MAP_KEY_VALUE;
    }
}
