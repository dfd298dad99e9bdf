using System.Globalization;
using System.Text;

namespace Catalog.Lineage.Exports;

/// <summary>
/// Lineage as a Mermaid flowchart (https://mermaid.js.org/syntax/flowchart.html). Nodes are numbered, so that no name can be a keyword;
/// in labels all that Mermaid, Markdown or HTML could read as something else is an entity code.
/// </summary>
internal static class Mermaid
{
    public static string Write(LineageExtract lineage)
    {
        var text = new StringBuilder("flowchart LR\n");
        if (lineage.Truncated)
            text.Append("  %% more than was asked for: raise depth or limit\n");
        var numbers = new Dictionary<NodeId, int>();
        foreach (var node in lineage.Nodes)
        {
            var number = numbers[node.Id] = numbers.Count;
            var (open, close) = Shape(node.Id.Kind);
            text.Append(CultureInfo.InvariantCulture, $"  n{number}{open}\"{Label(LineageOutline.Short(node.Id))}\"{close}\n");
        }

        foreach (var edge in lineage.Edges)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"  n{numbers[edge.From]} -->|\"{Label(LineageOutline.Words(edge.Relation))}\"| n{numbers[edge.To]}\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"  style n{numbers[lineage.Root]} stroke-width:3px\n").ToString();
    }

    /// <summary>Rounded for what runs, a cylinder for data, a hexagon for models, a flag for where they serve, slanted for files.</summary>
    private static (string Open, string Close) Shape(NodeKind kind) => kind switch
    {
        NodeKind.Run => ("([", "])"),
        NodeKind.Job => ("[[", "]]"),
        NodeKind.Dataset => ("[(", ")]"),
        NodeKind.Model => ("{{", "}}"),
        NodeKind.Deployment => (">", "]"),
        NodeKind.File => ("[/", "/]"),
        _ => ("[", "]"),
    };

    private static string Label(string name)
    {
        var label = new StringBuilder(name.Length + 16);
        foreach (var rune in name.EnumerateRunes())
        {
            if (IsPlain(rune))
                label.Append(rune.ToString());
            else
                label.Append(CultureInfo.InvariantCulture, $"#{rune.Value};");
        }

        return label.ToString();
    }

    private static bool IsPlain(Rune rune) => Rune.IsLetterOrDigit(rune) || rune.Value is ' ' or '-' or '_' or '.' or '/' or '@' or '…';
}
