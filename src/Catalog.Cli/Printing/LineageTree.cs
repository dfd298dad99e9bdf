using Catalog.Lineage;
using Catalog.Sdk;
using Spectre.Console;

namespace Catalog.Cli.Printing;

/// <summary>
/// Lineage as a tree: below each node what it came from (up) or what came of it (down). A node that is reached twice is opened once; of
/// the many files of a version some are shown and the others counted.
/// </summary>
internal static class LineageTree
{
    private const int FilesShown = 8;

    public static Tree Build(LineageTrace lineage)
    {
        var up = lineage.Direction is LineageDirection.Up;
        var next = lineage.Edges.ToLookup(e => up ? e.To : e.From, e => new Step(up ? e.From : e.To, e.Relation));
        var tree = new Tree(Label(new Step(lineage.Root, Relation: null), note: null)).Guide(TreeGuide.Line);
        Grow(tree, lineage.Root, next);
        if (lineage.Truncated)
            tree.AddNode(new Text("… more than was asked for: raise --depth or --limit", new Style(Color.Yellow)));

        return tree;
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
    private readonly record struct Step(NodeId Node, LineageRelation? Relation, int MoreFiles = 0);

    private static Paragraph Label(Step step, string? note)
    {
        var label = new Paragraph(Plain.Line(Short(step.Node)), new Style(ColorOf(step.Node.Kind)));
        if (step.Relation is { } relation)
            label.Append($"  {relation.ToString().ToLowerInvariant()}", new Style(Color.Grey));
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
