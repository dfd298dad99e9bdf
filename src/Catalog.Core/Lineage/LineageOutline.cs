using System.Globalization;

namespace Catalog.Lineage;

/// <summary>A line of an outline.</summary>
/// <param name="Level">0 for the root.</param>
/// <param name="IsLast">Whether nothing else follows below the same parent.</param>
/// <param name="Node">What it is about; null where it only says that there is more.</param>
/// <param name="Text">The node, short, or what is said in its place.</param>
/// <param name="Relation">How data flowed, with an arrow where the outline goes both ways; null for the root.</param>
/// <param name="Note">Why nothing is below it; null where there is nothing to note.</param>
public sealed record OutlineLine(int Level, bool IsLast, NodeId? Node, string Text, string? Relation = null, string? Note = null);

/// <summary>
/// Lineage as an outline: below each node what it came from (up) or what came of it (down), or, with arrows, both. A node that is reached
/// twice is opened once; of the many files of a version some are shown and the others counted.
/// </summary>
public static class LineageOutline
{
    /// <summary>Says that there is more.</summary>
    public const string More = "… more than was asked for: raise --depth or --limit";

    private const int FilesShown = 8;

    /// <summary>The lines in the order they are read. Without recursion, because a chain of runs can be longer than a call stack.</summary>
    public static IEnumerable<OutlineLine> Of(LineageExtract lineage)
    {
        var next = Steps(lineage).ToLookup(s => s.From, s => s.Step);
        var opened = new HashSet<NodeId>();
        var ahead = new Stack<(int Level, bool IsLast, Step Step)>();
        ahead.Push((0, true, new Step(lineage.Root, Relation: null)));
        while (ahead.TryPop(out var at))
        {
            var (level, isLast, step) = at;
            if (step.MoreFiles > 0)
            {
                var more = step.MoreFiles.ToString("N0", CultureInfo.InvariantCulture);
                yield return new OutlineLine(level, isLast, Node: null, $"… and {more} more files");
                continue;
            }

            var again = !opened.Add(step.Node) && next[step.Node].Any();
            yield return new OutlineLine(level, isLast, step.Node, Short(step.Node), step.Relation, again ? "shown above" : null);
            if (!again)
                PushBelow(ahead, level + 1, step.Node, next, moreFollows: level == 0 && lineage.Truncated);
        }

        if (lineage.Truncated)
            yield return new OutlineLine(Level: 1, IsLast: true, Node: null, More);
    }

    /// <summary>The node on one line. Hashes are told apart by their first digits; whole ones are in the JSON.</summary>
    public static string Short(NodeId node) =>
        node.Kind is NodeKind.File ? $"file:{node.Name[..12]}…" : SafeText.Line(node.ToString());

    /// <summary>A relation in words: <c>column influence</c>.</summary>
    public static string Words(LineageRelation relation) =>
        string.Concat(relation.ToString().Select(c => char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}")).TrimStart();

    private static void PushBelow(
        Stack<(int Level, bool IsLast, Step Step)> ahead, int level, NodeId node, ILookup<NodeId, Step> next, bool moreFollows)
    {
        var below = next[node].Distinct().OrderBy(c => c.Node, NodeId.Order).ToList();
        var files = below.FindAll(c => c.Node.Kind is NodeKind.File);
        var shown = below.Where(c => c.Node.Kind is not NodeKind.File).Concat(files.Take(FilesShown)).ToList();
        if (files.Count > FilesShown)
            shown.Add(new Step(node, Relation: null, files.Count - FilesShown));
        for (var i = shown.Count - 1; i >= 0; i--)
            ahead.Push((level, i == shown.Count - 1 && !moreFollows, shown[i]));
    }

    /// <summary>From each node to those below it. Both ways the outline goes from near to far, as the walk did.</summary>
    private static IEnumerable<(NodeId From, Step Step)> Steps(LineageExtract lineage)
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

    /// <param name="Node">Where it leads.</param>
    /// <param name="Relation">How; null for the root.</param>
    /// <param name="MoreFiles">When above 0, this stands for so many files instead.</param>
    private readonly record struct Step(NodeId Node, string? Relation, int MoreFiles = 0);
}
