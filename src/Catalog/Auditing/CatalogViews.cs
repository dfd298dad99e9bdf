using Catalog.Access;
using Catalog.Lineage;
using Catalog.Lineage.Reported;
using Catalog.Lineage.Tables;
using Catalog.Platform.Store;
using static Catalog.Auditing.AuditorView;
using static Catalog.Auditing.SightTable;

namespace Catalog.Auditing;

/// <summary>
/// What is in the catalog, as plain columns: what was registered, committed and run here (<c>origin</c> is <c>catalog</c>), and what is
/// known only because others told of it (<c>openlineage</c>). A row is shown to whom its thing is; what else it names is null where it is
/// hidden.
/// </summary>
internal static class CatalogViews
{
    private const string Schema = CatalogStore.Schema;

    public static IReadOnlyList<AuditorView> All { get; } =
    [
        new(
            $"{Schema}.datasets",
            $"""
            select id as dataset, data->>'namespace' as namespace, data->>'name' as name, 'catalog' as origin, data->>'owner' as owner,
                data->>'documentation' as documentation, {Texts("tags")} as tags, data->>'compatibility' as compatibility,
                {Number("latest")} as latest_version, data->'aliases' as aliases, data->'datasheet' as datasheet,
                data->'columnTags' as column_tags, (data->>'retired')::boolean as retired, data->>'retiredBecause' as retired_because,
                {Moment("registeredAt")} as registered_at, data->>'registeredBy' as registered_by, {ToldOfDataset}
            from {Schema}.mt_doc_page_dataset page left join {ReportedTables.Datasets.Name} told on told.node = page.id
            where {Sees("page.id")}
            union all
            select node.node, node.namespace, node.name, 'openlineage', null, null, '{"{}"}', null, null, null, null, null, false, null,
                {RecordedAt("first_known")}, null, {ToldOfDataset}
            from {OnlyHeardOf("dataset", "page_dataset", ReportedTables.Datasets, "told.namespace, told.name")}
            """),
        new(
            $"{Schema}.versions",
            $"""
            select id as version, data->>'dataset' as dataset, data->>'number' as number, 'catalog' as origin, data->>'state' as state,
                data->>'contentHash' as content_hash, data->>'manifestHash' as manifest_hash, {Number("files")} as files,
                {Number("bytes")} as bytes, {Number("rows")} as rows, data->>'format' as format, {Number("parent")} as parent,
                {Seen("'run:' || (data->>'run')")} as run, data->>'message' as message, {Moment("committedAt")} as committed_at,
                data->>'committedBy' as committed_by, (data#>>'{"{lastVerified,at}"}')::timestamptz as verified_at,
                (data#>>'{"{lastVerified,intact}"}')::boolean as verified_intact
            from {Schema}.mt_doc_page_version page
            where {Sees("page.id")}
            union all
            select node, split_part(node, '@', 1), version, 'openlineage', 'observed', null, null, null, null, null, null, null,
                {OtherEnd("source", LineageRelation.Output)}, null, {RecordedAt("first_known")}, null, null, null
            from {LineageTables.Node} node
            where kind = 'dataset' and version is not null and column_name is null
                and not exists (select from {Schema}.mt_doc_page_version page where page.id = node.node) and {Sees("node.node")}
            """),
        new(
            $"{Schema}.jobs",
            $"""
            select id as job, data->>'namespace' as namespace, data->>'name' as name, 'catalog' as origin,
                {Moment("firstSeenAt")} as first_seen_at, {ToldOfJob}
            from {Schema}.mt_doc_page_job page left join {ReportedTables.Jobs.Name} told on told.node = page.id
            where {Sees("page.id")}
            union all
            select node.node, node.namespace, node.name, 'openlineage', {RecordedAt("first_known")}, {ToldOfJob}
            from {OnlyHeardOf("job", "page_job", ReportedTables.Jobs, "told.namespace, told.name")}
            """),
        new(
            $"{Schema}.runs",
            $"""
            select id as run, {Seen("(data->>'job')")} as job, 'catalog' as origin, data->>'state' as state, data->>'reason' as reason,
                data->>'codeRevision' as code_revision, {SeenWhole("(data->'parameters')")} as parameters,
                {SeenWhole("(data->'environment')")} as environment,
                {Texts("tags")} as tags, {Seen("'run:' || (data->>'parent')")} as parent, {Moment("startedAt")} as started_at,
                {Moment("endedAt")} as ended_at, data->>'startedBy' as started_by, {ToldOfRun}
            from {Schema}.mt_doc_page_run page left join {ReportedTables.Runs.Name} told on told.node = page.id
            where {Sees("page.id")}
            union all
            select node.node, coalesce({Seen("told.job")}, {OtherEnd("source", LineageRelation.Ran)}), 'openlineage', {ToldState}, null,
                null, null, null, '{"{}"}', coalesce({Seen("told.parent_run")}, {OtherEnd("source", LineageRelation.Started)}),
                told.started, told.ended, null, {ToldOfRun}
            from {OnlyHeardOf("run", "page_run", ReportedTables.Runs, "null, null")}
            """),
        new(
            $"{Schema}.models",
            $"""
            select id as model, data->>'namespace' as namespace, data->>'name' as name, data->>'owner' as owner,
                data->>'documentation' as documentation, {Number("latest")} as latest_version, data->'aliases' as aliases,
                (data->>'retired')::boolean as retired, data->>'retiredBecause' as retired_because,
                {Moment("registeredAt")} as registered_at, data->>'registeredBy' as registered_by
            from {Schema}.mt_doc_page_model page
            where {Sees("page.id")}
            """),
        new(
            $"{Schema}.model_versions",
            $"""
            select id as model_version, data->>'model' as model, {Number("number")} as number, {Seen("'run:' || (data->>'run')")} as run,
                data->>'contentHash' as content_hash, data->>'manifestHash' as manifest_hash, {Number("files")} as files,
                {Number("bytes")} as bytes, data->>'message' as message, {Moment("createdAt")} as created_at,
                data->>'createdBy' as created_by, (data#>>'{"{lastVerified,at}"}')::timestamptz as verified_at,
                (data#>>'{"{lastVerified,intact}"}')::boolean as verified_intact, {Seen("(data->>'featureService')")} as feature_service
            from {Schema}.mt_doc_page_model_version page
            where {Sees("page.id")}
            """),
        .. FeatureTables.All,
        new(
            $"{Schema}.deployments",
            $"""
            select endpoint.node as deployment, endpoint.namespace, endpoint.name as endpoint, model.node as model_version,
                split_part(model.node, '@', 1) as model, model.version, {Time("edge.held_from")} as deployed_at,
                {Time("edge.held_to")} as undeployed_at
            from {LineageTables.Edge} edge
            join {LineageTables.Node} endpoint on endpoint.id = edge.target
            join {LineageTables.Node} model on model.id = edge.source
            where edge.relation = {LineageViews.Number(LineageRelation.Deployed)} and edge.known_until = {LineageTables.Never}
                and {Sees("endpoint.node")} and {Sees("model.node")}
            """),
    ];

    /// <summary>The log. What a key's secret was hashed to is nobody's to have.</summary>
    public static IReadOnlyList<AuditorView> Log { get; } =
    [
        new(
            $"{Schema}.events",
            $"""
            select seq_id as position, id, timestamp as recorded_at, stream_id as stream, version as version_in_stream, type,
                user_name as principal, headers->>'{Platform.Writes.FactOrigin.PurposeHeader}' as purpose, correlation_id, causation_id,
                case when type = '{CatalogStore.Facts.NameOf(typeof(KeyIssued))}' then data - 'secretHash' else data end as data
            from {Schema}.mt_events fact
            where {SeesAll} or ({Lists("fact.stream_id")} and {NamesListed("fact.data")})
            """),
        new(
            $"{Schema}.positions",
            $"""
            select 'log' as part, coalesce(max(seq_id), 0) as position, max(timestamp) as updated_at from {Schema}.mt_events
            union all
            select 'lineage', position, updated_at from {LineageTables.Progress}
            union all
            select 'sight', position, updated_at from {Progress}
            union all
            select split_part(name, ':', 1), last_seq_id, last_updated
            from {Schema}.mt_event_progression where starts_with(name, 'page_') or starts_with(name, 'openlineage:')
            """),
    ];

    private static string ToldOfDataset =>
        $"""
        told.type, told.last_written, told.change as lifecycle_change, told.changed_at as lifecycle_changed_at,
                {Seen("told.renamed_to")} as renamed_to, told.first_event, told.last_event
        """;

    private static string ToldOfJob =>
        $"""
        told.processing_type, told.integration, told.job_type, {Seen("told.parent_job")} as parent_job,
                {Seen("told.last_run")} as last_run, told.first_event, told.last_event
        """;

    private const string ToldOfRun = "told.nominal_start, told.nominal_end, told.first_event, told.last_event";

    /// <summary>In the words of a run's page; null where no event said.</summary>
    private const string ToldState =
        """
        case when told.state = 'complete' then 'completed' when told.state = 'fail' then 'failed' when told.state = 'abort' then 'aborted'
                when told.state is not null then 'running' end
        """;

    /// <summary>
    /// A node of a kind, without version and column, that has no page of ours; and what events told of it, also where no edge names it.
    /// </summary>
    private static string OnlyHeardOf(string kind, string page, MergeTable told, string names) =>
        $"""
        (select id, node, namespace, name, first_known from {LineageTables.Node}
                    where kind = '{kind}' and version is null and column_name is null
                union all
                select null, told.node, {names}, null from {told.Name} told
                    where not exists (select from {LineageTables.Node} known where known.node = told.node)) node
            left join {told.Name} told on told.node = node.node
            where not exists (select from {Schema}.mt_doc_{page} page where page.id = node.node) and {Sees("node.node")}
        """;

    /// <summary>Some JSON where it names nothing that is hidden, else null.</summary>
    private static string SeenWhole(string json) => $"case when {SeesAll} or {NamesListed(json)} then {json} end";

    /// <summary>
    /// Whether all nodes that some JSON names are listed, wherever in it and also as the name of a member: it is shown whole or not at all.
    /// A text that could be a node and is not written as nodes are is not listed either.
    /// </summary>
    private static string NamesListed(string json) =>
        $"""
        not exists (
                    select from (
                        select said #>> '{"{}"}' as name from jsonb_path_query({json}, '$.** ? (@.type() == "string")') said
                        union all
                        select said #>> '{"{}"}' from jsonb_path_query({json}, '$.** ? (@.type() == "object").keyvalue().key') said) named
                    where named.name ~ '{NamesNode}' and not {Lists("split_part(named.name, '#', 1)")})
        """;

    private static string NamesNode => $"^({string.Join('|', Enum.GetValues<NodeKind>().Select(NodeId.WordOf))}):";

    /// <summary>The node at the other end of an edge into this one, as is known now.</summary>
    private static string OtherEnd(string end, LineageRelation relation) =>
        $"""
        (select other.node from {LineageTables.Edge} edge join {LineageTables.Node} other on other.id = edge.{end}
            where edge.target = node.id and edge.relation = {LineageViews.Number(relation)} and edge.known_until = {LineageTables.Never}
                and {Sees("other.node")}
            order by other.kind limit 1)
        """;
}
