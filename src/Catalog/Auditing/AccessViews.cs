using Catalog.Access;
using Catalog.Platform.Store;
using static Catalog.Auditing.SightTable;

namespace Catalog.Auditing;

/// <summary>What the gate decided and recorded: on what may be seen, and on the catalog itself to whom nothing is hidden.</summary>
internal static class AccessViews
{
    public static IReadOnlyList<AuditorView> All { get; } =
    [
        new(
            $"{CatalogStore.Schema}.access_decisions",
            $"""
            select decision.at as decided_at, decision.principal, decision.role, decision.act, nullif(decision.node, '') as node,
                nullif(decision.purpose, 'none') as purpose,
                lower(left(decision.ground, 1)) || substr(decision.ground, 2) as ground, decision.statements, decision.position,
                decision.count
            from {DecisionTable.Name} decision
            where {SeesColumn("decision.node")}
            """),
    ];
}
