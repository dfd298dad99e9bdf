using System.Runtime.InteropServices;

namespace Catalog.Lineage;

/// <summary>A statement about an edge, as it is to be kept now.</summary>
/// <param name="From">Number of the node that data flowed from.</param>
/// <param name="To">Number of the node it flowed into.</param>
/// <param name="Relation">How.</param>
/// <param name="HeldFrom">Ticks (UTC).</param>
/// <param name="HeldTo">Ticks (UTC); <see cref="long.MaxValue"/> for no end.</param>
/// <param name="KnownFrom">Log position of the fact that said so.</param>
/// <param name="KnownUntil">Log position of the fact that said otherwise; <see cref="long.MaxValue"/> while it stands.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct EdgeChange(
    int From, int To, LineageRelation Relation, long HeldFrom, long HeldTo, long KnownFrom, long KnownUntil)
{
    internal static EdgeChange Of(EdgeRecord edge) =>
        new(edge.Source, edge.Target, edge.Relation, edge.HeldFrom, edge.End.HeldTo, edge.KnownFrom, edge.End.ReplacedAt);
}
