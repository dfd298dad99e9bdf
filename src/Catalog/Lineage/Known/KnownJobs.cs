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
    private const string Runs = $"{CatalogStore.Schema}.mt_doc_page_run";

    /// <summary>Jobs of our own with their newest run. <c>$1</c> is a namespace, or null for all.</summary>
    private const string Own =
        $"""
        select p.id as node, (p.data ->> 'firstSeenAt')::timestamptz as first,
          greatest((p.data ->> 'firstSeenAt')::timestamptz, run.started, run.ended) as last, run.state
        from {CatalogStore.Schema}.mt_doc_page_job p
        left join lateral (
          select data ->> 'state' as state, (data ->> 'startedAt')::timestamptz as started, (data ->> 'endedAt')::timestamptz as ended
          from {Runs} where data ->> 'job' = p.id order by (data ->> 'startedAt')::timestamptz desc limit 1) run on true
        where $1::text is null or p.data ->> 'namespace' = $1
        """;

    private static readonly string s_known =
        $"""
        select coalesce(o.node, own.node) as node, least(o.first_event, own.first) as first, greatest(o.last_event, own.last) as last,
          o.processing_type, o.parent_job, own.state as own_state, own.last as own_last, o.last_event, o.last_run
        from (select * from {ReportedTables.Jobs.Name} where $1::text is null or namespace = $1) o
        full join ({Own}) own on own.node = o.node
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
        var matching = lastStates is null
            ? $"select k.* from ({s_known}) k where $2::text[] is null"
            : $"""
                select k.* from ({s_known}) k left join {ReportedTables.Runs.Name} r on r.node = k.last_run
                where case when k.last_event is null or k.own_last > k.last_event then coalesce(k.own_state, 'new')
                  else {KnownRuns.ReportedState} end = any($2)
                """;
        IReadOnlyList<object?> narrow = [ns, lastStates?.ToArray()];
        var jobs = await store.ReadAsync(
            $"select node, first, last, processing_type, parent_job from ({matching}) m order by last desc, node limit $3 offset $4",
            [.. narrow, limit, offset], Read, ct);
        return (jobs, await store.CountAsync($"select count(*) from ({matching}) m", narrow, ct));
    }

    /// <summary>Those of the jobs that are known, by their nodes.</summary>
    public async Task<IReadOnlyDictionary<NodeId, KnownJob>> FindAsync(IReadOnlyCollection<NodeId> jobs, CancellationToken ct)
    {
        var asked = jobs.Select(j => j.ToString()).ToArray();
        var found = await store.ReadAsync(
            $"""
            select asked.node, least(o.first_event, (p.data ->> 'firstSeenAt')::timestamptz),
              greatest(o.last_event, (p.data ->> 'firstSeenAt')::timestamptz, run.last), o.processing_type, o.parent_job
            from unnest($1) as asked (node)
            left join {ReportedTables.Jobs.Name} o on o.node = asked.node
            left join {CatalogStore.Schema}.mt_doc_page_job p on p.id = asked.node
            left join lateral (
              select greatest((data ->> 'startedAt')::timestamptz, (data ->> 'endedAt')::timestamptz) as last
              from {Runs} where data ->> 'job' = asked.node order by (data ->> 'startedAt')::timestamptz desc limit 1) run on true
            where o.node is not null or p.id is not null
            """,
            [asked], Read, ct);
        return found.ToDictionary(j => j.Node);
    }

    private static KnownJob Read(NpgsqlDataReader row) => new(
        NodeId.Parse(row.GetString(0)), row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(2), row.Text(3),
        row.Node(4));
}
