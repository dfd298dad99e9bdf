using Catalog.Lineage;
using Catalog.Lineage.Tables;
using static Catalog.Auditing.AuditorView;
using static Catalog.Auditing.SightTable;

namespace Catalog.Auditing;

/// <summary>The lineage graph, with names in place of numbers.</summary>
internal static class LineageViews
{
    public static IReadOnlyList<AuditorView> All { get; } =
    [
        new(
            $"{LineageTables.Schema}.nodes",
            $"""
            select node.node, node.kind, node.namespace, node.name, node.version, node.column_name,
                node.first_known as first_known_position, {RecordedAt("node.first_known")} as first_known_at
            from {LineageTables.Node} node
            where {SeesColumn("node.node")}
            """),
        new(
            $"{LineageTables.Schema}.edges",
            $"""
            select source.node as source, target.node as target, {Word("edge.relation")} as relation,
                {Time("edge.held_from")} as held_from, {Time("edge.held_to")} as held_to,
                edge.known_from as known_from_position, nullif(edge.known_until, {LineageTables.Never}) as known_until_position,
                {RecordedAt("edge.known_from")} as known_from,
                case when edge.known_until < {LineageTables.Never} then {RecordedAt("edge.known_until")} end as known_until
            from {LineageTables.Edge} edge
            join {LineageTables.Node} source on source.id = edge.source
            join {LineageTables.Node} target on target.id = edge.target
            where edge.known_until > edge.known_from and {SeesColumn("source.node")} and {SeesColumn("target.node")}
            """),
    ];

    /// <summary>The number of a relation, as a condition compares it.</summary>
    public static int Number(LineageRelation relation) => (int)relation;

    /// <summary>Relations as they are written elsewhere: <c>columnInfluence</c>.</summary>
    private static string Word(string relation) =>
        $"case {relation} {string.Join(' ', Enum.GetValues<LineageRelation>().Select(r => $"when {Number(r)} then '{Camel(r)}'"))} end";

    private static string Camel(LineageRelation relation) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(relation.ToString());
}
