using Catalog.Lineage;
using Catalog.Sdk;
using Spectre.Console;

namespace Catalog.Cli.Printing;

/// <summary>
/// Lineage as a tree: below each node what it came from (up) or what came of it (down), or, with arrows, both. A node that is reached twice
/// is opened once; of the many files of a version some are shown and the others counted.
/// </summary>
internal static class LineageTree
{
    private const int FilesShown = 8;

    public static Tree Build(LineageTrace lineage)
    {
        var next = Steps(lineage).ToLookup(s => s.From, s => s.Step);
        var tree = new Tree(Label(new Step(lineage.Root, Relation: null), note: null)).Guide(TreeGuide.Line);
        Grow(tree, lineage.Root, next);
        if (lineage.Truncated)
            tree.AddNode(More);

        return tree;
    }

    /// <summary>Says that there is more.</summary>
    public static Text More => new("… more than was asked for: raise --depth or --limit", new Style(Color.Yellow));

    /// <summary>A node by itself.</summary>
    public static Text Name(NodeId node) => new(Plain.Line(Short(node)), new Style(ColorOf(node.Kind)));

    /// <summary>A node that is only on the way to others.</summary>
    public static Text InPassing(NodeId node) => new(Plain.Line(Short(node)), new Style(Color.Grey));

    /// <summary>A relation in words: <c>column influence</c>.</summary>
    public static string Words(LineageRelation relation) =>
        string.Concat(relation.ToString().Select(c => char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}")).TrimStart();

    /// <summary>From each node to those below it. Both ways the tree goes from near to far, as the walk did.</summary>
    private static IEnumerable<(NodeId From, Step Step)> Steps(LineageTrace lineage)
    {
        if (lineage.Direction is not LineageDirection.Both)
        {
            var up = lineage.Direction is LineageDirection.Up;
            return lineage.Edges.Select(e => (up ? e.To : e.From, new Step(up ? e.From : e.To, Words(e.Relation))));
        }

        var depths = lineage.Nodes.ToDictionary(n => n.Id, n => n.Depth);
        return lineage.Edges.Select(e => depths.GetValueOrDefault(e.From) > depths.GetValueOrDefault(e.To)
            ? (e.To, new Step(e.From, $"← {Words(e.Relation)}"))
            : (e.From, new Step(e.To, $"→ {Words(e.Relation)}")));
    }

    /// <summary>Depth first, in the order it is read; without recursion, because a chain of runs can be longer than a call stack.</summary>
    private static void Grow(Tree tree, NodeId root, ILookup<NodeId, Step> next)
    {
        var opened = new HashSet<NodeId> { root };
        var ahead = new Stack<(IHasTreeNodes Parent, Step Step)>();
        PushChildren(tree, root);
        while (ahead.TryPop(out var at))
        {
            if (at.Step.MoreFiles > 0)
            {
                at.Parent.AddNode(new Text($"… and {Plain.Count(at.Step.MoreFiles)} more files", new Style(Color.Grey)));
                continue;
            }

            var again = !opened.Add(at.Step.Node) && next[at.Step.Node].Any();
            var grown = at.Parent.AddNode(Label(at.Step, again ? "shown above" : null));
            if (!again)
                PushChildren(grown, at.Step.Node);
        }

        void PushChildren(IHasTreeNodes parent, NodeId node)
        {
            var children = next[node].Distinct().OrderBy(c => c.Node, NodeId.Order).ToList();
            var files = children.FindAll(c => c.Node.Kind is NodeKind.File);
            var shown = children.Where(c => c.Node.Kind is not NodeKind.File).Concat(files.Take(FilesShown)).ToList();
            if (files.Count > FilesShown)
                shown.Add(new Step(node, Relation: null, files.Count - FilesShown));
            foreach (var child in Enumerable.Reverse(shown))
                ahead.Push((parent, child));
        }
    }

    /// <param name="Node">Where it leads.</param>
    /// <param name="Relation">How; null for the root.</param>
    /// <param name="MoreFiles">When above 0, this stands for so many files instead.</param>
    private readonly record struct Step(NodeId Node, string? Relation, int MoreFiles = 0);

    private static Paragraph Label(Step step, string? note)
    {
        var label = new Paragraph(Plain.Line(Short(step.Node)), new Style(ColorOf(step.Node.Kind)));
        if (step.Relation is { } relation)
            label.Append($"  {relation}", new Style(Color.Grey));
        if (note is not null)
            label.Append($"  ({note})", new Style(Color.Grey));

        return label;
    }

    /// <summary>Hashes are told apart by their first digits; whole ones are in the JSON.</summary>
    private static string Short(NodeId node) => node.Kind is NodeKind.File ? $"file:{node.Name[..12]}…" : node.ToString();

    private static Color ColorOf(NodeKind kind) => kind switch
    {
        NodeKind.Dataset => Color.Blue,
        NodeKind.Model or NodeKind.Deployment => Color.Green,
        NodeKind.Run or NodeKind.Job => Color.Yellow,
        _ => Color.Default,
    };
}
