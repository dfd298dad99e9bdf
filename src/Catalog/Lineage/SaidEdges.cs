using System.Runtime.InteropServices;

namespace Catalog.Lineage;

/// <summary>What is said of edges, as the graph takes it.</summary>
internal sealed class SaidEdges(TemporalGraph graph)
{
    /// <summary>An edge holds from the moment on that it was said.</summary>
    public void Hold(Said said, NodeId from, NodeId to, LineageRelation relation) =>
        Hold(said, graph.Node(from), graph.Node(to), relation);

    public void Hold(Said said, int from, int to, LineageRelation relation) => graph.Hold(from, to, relation, said.Time, said.Position);

    /// <summary>An edge held until the moment that this was said.</summary>
    public void End(Said said, int from, int to, LineageRelation relation)
    {
        var held = graph.HeldNow(from, to, relation);
        graph.Replace(from, to, relation, [.. held.Select(h => h.To == long.MaxValue ? new Held(h.From, said.Time) : h)], said.Position);
    }
}

/// <summary>Who says something, and when.</summary>
/// <param name="Node">What the fact is about.</param>
/// <param name="Time">When it was said, in ticks (UTC).</param>
/// <param name="Position">Where it stands in the log.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Said(NodeId Node, long Time, long Position);
