using Catalog.Lineage;
using Catalog.Sdk;
using Spectre.Console;

namespace Catalog.Cli.Printing;

/// <summary>The outline of a lineage as a tree on the screen.</summary>
internal static class LineageTree
{
    public static Tree Build(LineageTrace lineage)
    {
        var tree = new Tree(Name(lineage.Root)).Guide(TreeGuide.Line);
        var open = new List<IHasTreeNodes> { tree };
        var extract = new LineageExtract(lineage.Root, lineage.Direction, lineage.Nodes, lineage.Edges, lineage.Truncated);
        foreach (var line in LineageOutline.Of(extract).Skip(1))
        {
            open.RemoveRange(line.Level, open.Count - line.Level);
            open.Add(open[^1].AddNode(Label(line)));
        }

        return tree;
    }

    /// <summary>Says that there is more.</summary>
    public static Text More => new(LineageOutline.More, new Style(Color.Yellow));

    /// <summary>A node by itself.</summary>
    public static Text Name(NodeId node) => new(LineageOutline.Short(node), new Style(ColorOf(node.Kind)));

    /// <summary>A node that is only on the way to others.</summary>
    public static Text InPassing(NodeId node) => new(LineageOutline.Short(node), new Style(Color.Grey));

    private static Paragraph Label(OutlineLine line)
    {
        var color = line.Node is { } node ? ColorOf(node.Kind) : line.Text == LineageOutline.More ? Color.Yellow : Color.Grey;
        var label = new Paragraph(line.Text, new Style(color));
        if (line.Relation is { } relation)
            label.Append($"  {relation}", new Style(Color.Grey));
        if (line.Note is { } note)
            label.Append($"  ({note})", new Style(Color.Grey));

        return label;
    }

    private static Color ColorOf(NodeKind kind) => kind switch
    {
        NodeKind.Dataset => Color.Blue,
        NodeKind.Model or NodeKind.Deployment => Color.Green,
        NodeKind.FeatureView or NodeKind.FeatureService or NodeKind.Generation => Color.Fuchsia,
        NodeKind.Run or NodeKind.Job => Color.Yellow,
        _ => Color.Default,
    };
}
