using Catalog.Lineage.Reported;
using Catalog.Platform.Store;
using static Catalog.Auditing.SightTable;

namespace Catalog.Auditing;

/// <summary>OpenLineage events, and which facets stand. What events say word for word can be erased, and is not shown.</summary>
internal static class ReportedViews
{
    public static IReadOnlyList<AuditorView> All { get; } =
    [
        new(
            $"{CatalogStore.Schema}.openlineage_events",
            $"""
            select position, event_time, kind, state, run, job, dataset, encode(hash, 'hex') as hash, late
            from {ReportedTables.Events.Name} told
            where {SeesAll} or ((told.run is null or {Lists("told.run")}) and (told.job is null or {Lists("told.job")})
                and (told.dataset is null or {Lists("told.dataset")}))
            """),
        new(
            $"{CatalogStore.Schema}.openlineage_facets",
            $"""
            select node, facet, role, event_time, position, hash
            from (
                select distinct on (told.node, facet, told.role)
                    told.node, facet, told.role, told.event_time, told.position, encode(told.hash, 'hex') as hash, told.stamp
                from {ReportedTables.FacetSets.Name} told cross join unnest(told.facets) facet
                order by told.node, facet, told.role, told.stamp desc) latest
            where {Sees("latest.node")} and not exists (
                select from {ReportedTables.FacetSets.Name} back
                where back.node = latest.node and latest.facet = any (back.deleted) and back.stamp >= latest.stamp)
            """),
    ];
}
