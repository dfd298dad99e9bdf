using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Catalog.Access;
using Catalog.Platform.Store;

namespace Catalog.Lineage;

/// <summary>
/// What of an answer about lineage its caller may see. What may not be seen still stands where it is, so that the shape of the answer is
/// true, under a name that says nothing: <c>dataset:redacted/1</c>. Answers are remembered for the length of the request.
/// </summary>
internal sealed class LineageSight(Gate gate)
{
    private const string Hidden = "redacted";

    private readonly Dictionary<NodeId, bool> _answers = [];
    private readonly Dictionary<NodeId, NodeId> _names = [];

    /// <summary>How many nodes of the answer are not shown.</summary>
    public int Redacted => _names.Count;

    /// <summary>Whether a node, or what it is a version or column of, may be seen.</summary>
    public bool Shows(NodeId node)
    {
        var asked = node.Version is null && node.Column is null ? node : AsVersion(node);
        return _answers.TryGetValue(asked, out var shown) ? shown : _answers[asked] = gate.Lets(Act.Read, asked);
    }

    /// <summary>The node itself, or what stands for it; the same thing is always stood for by the same.</summary>
    public NodeId Show(NodeId node)
    {
        if (Shows(node))
            return node;
        if (!_names.TryGetValue(node, out var name))
            _names.Add(node, name = NameOf(node.Kind, _names.Count + 1));
        return name;
    }

    public LineageEdge Show(LineageEdge edge) => edge with { From = Show(edge.From), To = Show(edge.To) };

    /// <summary>The same answer as it may be seen.</summary>
    public LineageExtract Show(LineageExtract extract)
    {
        IReadOnlyList<LineageNode> nodes = [.. extract.Nodes.Select(n => n with { Id = Show(n.Id) })];
        IReadOnlyList<LineageEdge> edges = [.. extract.Edges.Select(Show)];
        return Redacted == 0 ? extract : extract with { Nodes = nodes, Edges = edges };
    }

    /// <summary>
    /// A page, or an item of a list, as it may be seen: every text in it that is a node of something hidden stands for it under another
    /// name. Pages are stored as JSON, so nothing is lost on the way there and back.
    /// </summary>
    /// <param name="page">That the caller may see as such.</param>
    public T ShowAll<T>(T page)
        where T : class
    {
        if (gate.SeesAll || JsonSerializer.SerializeToNode(page, CatalogStore.Json) is not { } json || !Replace(json))
            return page;
        return json.Deserialize<T>(CatalogStore.Json) ?? throw new InvalidOperationException("A page became nothing.");
    }

    /// <returns>Whether something stands for another now.</returns>
    private bool Replace(JsonNode json)
    {
        var replaced = false;
        foreach (var (parent, name, place, text) in Texts(json).ToList())
        {
            if (!text.Contains(':', StringComparison.Ordinal) || !NodeId.TryParse(text, out var node, out _) || Shows(node))
                continue;
            var shown = Show(node).ToString();
            if (parent is JsonObject fields)
                fields[name] = shown;
            else
                ((JsonArray)parent)[place] = shown;
            replaced = true;
        }

        return replaced;
    }

    private static IEnumerable<(JsonNode Parent, string Name, int Place, string Text)> Texts(JsonNode json)
    {
        var children = json switch
        {
            JsonObject fields => fields.Select(f => (Name: f.Key, Place: 0, f.Value)),
            JsonArray items => items.Select((v, i) => (Name: "", Place: i, Value: v)),
            _ => [],
        };
        foreach (var (name, place, value) in children)
        {
            if (value is JsonValue text && text.GetValueKind() == JsonValueKind.String)
                yield return (json, name, place, text.GetValue<string>());
            else if (value is not null)
            {
                foreach (var below in Texts(value))
                    yield return below;
            }
        }
    }

    /// <summary>Whether a node stands for another.</summary>
    public bool StandsForAnother(NodeId node) => _names.ContainsValue(node);

    private static NodeId AsVersion(NodeId node) =>
        node.Column is null ? node : Of(node.Kind, node.Namespace, node.Name, node.Version);

    private static NodeId NameOf(NodeKind kind, int number) => kind switch
    {
        NodeKind.File => NodeId.File(number.ToString("x64", CultureInfo.InvariantCulture)),
        NodeKind.Run or NodeKind.Generation => Of(kind, "", $"{Hidden}-{number}", version: null),
        _ => Of(kind, Hidden, number.ToString(CultureInfo.InvariantCulture), version: null),
    };

    private static NodeId Of(NodeKind kind, string ns, string name, string? version) =>
        NodeId.TryCreate(kind, ns, name, version, column: null, out var node, out var wrong)
            ? node
            : throw new InvalidOperationException(wrong);
}
