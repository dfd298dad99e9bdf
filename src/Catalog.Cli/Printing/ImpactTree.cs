using Catalog.Sdk;
using Spectre.Console;

namespace Catalog.Cli.Printing;

/// <summary>What a thing reaches, as a tree of reasons: what lies on the way is shown, what is reached stands out.</summary>
internal static class ImpactTree
{
    /// <summary>A tree for each thing that reasons begin at.</summary>
    public static IEnumerable<Tree> Build(LineageImpact impact)
    {
        Affected[] affected =
        [
            .. impact.Columns, .. impact.Versions, .. impact.Models, .. impact.Deployments, .. impact.FeatureViews ?? [],
            .. impact.FeatureServices ?? [], .. impact.Generations ?? [],
        ];
        var reached = affected.Select(a => a.Node).ToHashSet();
        var next = affected
            .SelectMany(a => a.Reason.Zip(a.Reason.Skip(1)))
            .Distinct()
            .ToLookup(step => step.First, step => step.Second);
        foreach (var root in impact.Of.Union(affected.Select(a => a.Reason[0])))
        {
            var tree = new Tree(LineageTree.Name(root)).Guide(TreeGuide.Line);
            Grow(tree, root, next, reached);
            yield return tree;
        }

        if (impact.Truncated)
            yield return new Tree(LineageTree.More);
    }

    /// <summary>Shortest ways share their beginnings, so that each node has one place. Without recursion: ways can be long.</summary>
    private static void Grow(Tree tree, NodeId root, ILookup<NodeId, NodeId> next, HashSet<NodeId> reached)
    {
        var ahead = new Stack<(IHasTreeNodes Parent, NodeId Node)>();
        var met = new HashSet<NodeId> { root };
        Push(tree, root);
        while (ahead.TryPop(out var at))
        {
            if (met.Add(at.Node))
                Push(at.Parent.AddNode(reached.Contains(at.Node) ? LineageTree.Name(at.Node) : LineageTree.InPassing(at.Node)), at.Node);
        }

        void Push(IHasTreeNodes parent, NodeId node)
        {
            foreach (var child in next[node].OrderDescending(NodeId.Order))
                ahead.Push((parent, child));
        }
    }
}
