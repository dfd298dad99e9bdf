using System.Text.Json;
using Catalog.Features;
using Catalog.Platform.Store;
using static Catalog.Auditing.SightTable;

namespace Catalog.Auditing;

/// <summary>Feature views, services of them, and generations of their values, as plain columns.</summary>
internal static class FeatureTables
{
    private const string Schema = CatalogStore.Schema;

    /// <summary>What a version of a feature view is made of.</summary>
    private const string Source = "(version.data#>>'{definition,source,dataset}')";

    /// <summary>The views that a version of a feature service serves.</summary>
    private const string Served = "jsonb_array_elements(version.data#>'{definition,views}') as served";

    /// <summary>Of views that were written before there were any.</summary>
    private static string DefaultTiers { get; } = JsonSerializer.Serialize(ServingTiers.Default);

    public static IReadOnlyList<AuditorView> All { get; } =
    [
        new(
            $"{Schema}.feature_views",
            $"""
            select view.id as feature_view, view.data->>'namespace' as namespace, view.data->>'name' as name,
                version.data->>'node' as feature_view_version, (version.data->>'number')::bigint as number, view.data->>'owner' as owner,
                view.data->>'description' as description, array(select jsonb_array_elements_text(view.data->'tags')) as tags,
                {Seen(Source)} as dataset, case when {Sees(Source)} then version.data->'definition' end as definition,
                version.data->>'hash' as definition_hash, (version.data->>'definedAt')::timestamptz as defined_at,
                version.data->>'definedBy' as defined_by, (version.data->>'extendedAt')::timestamptz as extended_at,
                version.data->>'extendedBy' as extended_by, (view.data->>'retired')::boolean as retired,
                view.data->>'retiredBecause' as retired_because,
                array(select jsonb_array_elements_text(coalesce(view.data->'tiers', '{DefaultTiers}'))) as tiers,
                {Seen("'generation:' || (version.data->>'active')")} as active_generation
            from {Schema}.mt_doc_page_feature_view view
            cross join lateral jsonb_array_elements(view.data->'versions') as version (data)
            where {Sees("(version.data->>'node')")}
            """),
        new(
            $"{Schema}.feature_services",
            $"""
            select service.id as feature_service, service.data->>'namespace' as namespace, service.data->>'name' as name,
                version.data->>'node' as feature_service_version, (version.data->>'number')::bigint as number,
                service.data->>'owner' as owner, service.data->>'description' as description,
                array(select jsonb_array_elements_text(service.data->'tags')) as tags,
                array(select served->>'view' from {Served} where {Sees("(served->>'view')")}) as views,
                version.data#>>'{"{definition,latencyTarget}"}' as latency_target,
                (version.data#>>'{"{definition,availability}"}')::double precision as availability,
                case when {SeesAll} or not exists (select from {Served} where not {Lists("(served->>'view')")})
                    then version.data->'definition' end as definition,
                version.data->>'hash' as definition_hash, (version.data->>'definedAt')::timestamptz as defined_at,
                version.data->>'definedBy' as defined_by, (service.data->>'retired')::boolean as retired,
                service.data->>'retiredBecause' as retired_because
            from {Schema}.mt_doc_page_feature_service service
            cross join lateral jsonb_array_elements(service.data->'versions') as version (data)
            where {Sees("(version.data->>'node')")}
            """),
        new(
            $"{Schema}.feature_generations",
            $"""
            select generation.id as generation, generation.data->>'view' as feature_view,
                (generation.data->>'view') || '@' || (generation.data->>'number') as feature_view_version,
                (generation.data->>'number')::bigint as number,
                coalesce(
                    view.data#>>array['versions', ((generation.data->>'number')::int - 1)::text, 'active']
                        = generation.data#>>'{"{built,generation}"}', false) as active,
                generation.data#>>'{"{built,definitionHash}"}' as definition_hash,
                array(
                    select source->>'version' from jsonb_array_elements(generation.data#>'{"{built,sources}"}') as source
                    where {Sees("(source->>'version')")}) as sources,
                (generation.data#>>'{"{built,asOf}"}')::timestamptz as as_of,
                (generation.data#>>'{"{built,pushedThrough}"}')::bigint as pushed_through,
                {Seen("'generation:' || (generation.data#>>'{built,base}')")} as base,
                {Seen("'run:' || (generation.data#>>'{built,run}')")} as run,
                (generation.data#>>'{"{built,rows}"}')::bigint as rows, (generation.data#>>'{"{built,bytes}"}')::bigint as bytes,
                generation.data->>'sha256' as sha256, generation.data#>>'{"{built,engine}"}' as engine,
                (generation.data->>'builtAt')::timestamptz as built_at, generation.data->>'builtBy' as built_by,
                (generation.data->>'droppedAt')::timestamptz as dropped_at, generation.data->>'droppedBecause' as dropped_because
            from {Schema}.mt_doc_page_feature_generation generation
            join {Schema}.mt_doc_page_feature_view view on view.id = generation.data->>'view'
            where {Sees("generation.id")} and {Sees("(generation.data->>'view') || '@' || (generation.data->>'number')")}
            """),
    ];
}
