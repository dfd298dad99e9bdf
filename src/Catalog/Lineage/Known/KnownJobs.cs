using Catalog.Lineage.Reported;
using Catalog.Platform.Store;
using Marten;
using Npgsql;

namespace Catalog.Lineage.Known;

/// <summary>A job, whoever told of it.</summary>
/// <param name="Node">The job.</param>
/// <param name="FirstSeen">When it is first heard of.</param>
/// <param name="LastSeen">When it, or its newest run, is last heard of.</param>
/// <param name="ProcessingType">As events told: <c>BATCH</c>, <c>STREAMING</c>, ….</param>
/// <param name="Parent">The job of the run that started its runs, as events told.</param>
internal sealed record KnownJob(NodeId Node, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, string? ProcessingType, NodeId? Parent);

/// <summary>Lists and finds jobs.</summary>
internal sealed class KnownJobs(IDocumentStore store)
{
    private const string Pages = $"{CatalogStore.Schema}.mt_doc_page_job";

    /// <summary>Jobs of our own with their newest run. <c>$1</c> is a namespace, or null for all.</summary>
    private const string Own =
        $"""
        select p.id as node, (p.data ->> 'firstSeenAt')::timestamptz as first,
          greatest((p.data ->> 'firstSeenAt')::timestamptz, run.started_at, run.ended_at) as last, run.id as run
        from {Pages} p
        left join lateral ({KnownRuns.NewestPage} where job = p.id {KnownRuns.NewestFirst} limit 1) run on true
        where $1::text is null or p.data ->> 'namespace' = $1
        """;

    private static readonly string s_known =
        $"""
        select coalesce(o.node, own.node) as node, least(o.first_event, own.first) as first, greatest(o.last_event, own.last) as last,
          o.processing_type, o.parent_job, own.run as own_run, own.last as own_last, o.last_event, o.last_run
        from (select * from {ReportedTables.Jobs.Name} where $1::text is null or namespace = $1) o
        full join ({Own}) own on own.node = o.node
        """;

    /// <summary>As many as <see cref="s_known"/>, without a look at their runs.</summary>
    private static readonly string s_nodes =
        $"""
        select node from {ReportedTables.Jobs.Name} where $1::text is null or namespace = $1
        union select id from {Pages} where $1::text is null or data ->> 'namespace' = $1
        """;

    /// <summary>Those whose newest run stands as <c>$2</c> has it.</summary>
    private static readonly string s_standing =
        $"""
        select k.* from ({s_known}) k
        left join {ReportedTables.Runs.Name} r on r.node = k.last_run
        left join {KnownRuns.Pages} n on n.id = k.own_run
        where case when k.last_event is null or k.own_last > k.last_event then coalesce(n.data ->> 'state', 'new')
          else {KnownRuns.ReportedState} end = any($2)
        """;

    /// <summary>Jobs, those heard of last first.</summary>
    /// <param name="ns">In this namespace; null for all.</param>
    /// <param name="lastStates">Whose newest run stands so (<see cref="KnownRun.State"/>); null for all.</param>
    /// <param name="limit">At most.</param>
    /// <param name="offset">So many are passed over.</param>
    /// <param name="ct">Stops.</param>
    public async Task<(IReadOnlyList<KnownJob> Jobs, long Total)> ListAsync(
        string? ns, IReadOnlyCollection<string>? lastStates, int limit, int offset, CancellationToken ct)
    {
        var (matching, counted) = lastStates is null ? (s_known, s_nodes) : (s_standing, s_standing);
        IReadOnlyList<object?> narrow = lastStates is null ? [ns] : [ns, lastStates.ToArray()];
        var next = narrow.Count + 1;
        var jobs = await store.ReadAsync(
            $"""
            select node, first, last, processing_type, parent_job from ({matching}) m
            order by last desc, node limit ${next} offset ${next + 1}
            """,
            [.. narrow, limit, offset], Read, ct);
        return (jobs, await store.CountAsync($"select count(*) from ({counted}) m", narrow, ct));
    }

    /// <summary>Those of the jobs that are known, by their nodes.</summary>
    public async Task<IReadOnlyDictionary<NodeId, KnownJob>> FindAsync(IReadOnlyCollection<NodeId> jobs, CancellationToken ct)
    {
        var asked = jobs.Select(j => j.ToString()).ToArray();
        var found = await store.ReadAsync(
            $"""
            select asked.node, least(o.first_event, (p.data ->> 'firstSeenAt')::timestamptz),
              greatest(o.last_event, (p.data ->> 'firstSeenAt')::timestamptz, run.started_at, run.ended_at), o.processing_type, o.parent_job
            from unnest($1) as asked (node)
            left join {ReportedTables.Jobs.Name} o on o.node = asked.node
            left join {Pages} p on p.id = asked.node
            left join lateral ({KnownRuns.NewestPage} where job = asked.node {KnownRuns.NewestFirst} limit 1) run on true
            where o.node is not null or p.id is not null
            """,
            [asked], Read, ct);
        return found.ToDictionary(j => j.Node);
    }

    private static KnownJob Read(NpgsqlDataReader row) => new(
        NodeId.Parse(row.GetString(0)), row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(2), row.Text(3),
        row.Node(4));
}
