using System.Text.Json;
using Catalog.Lineage.Reported;
using Catalog.Platform.Store;
using Marten;
using Npgsql;

namespace Catalog.Lineage.Known;

/// <summary>A run, whoever told of it: where it was started here, its page says how it stands, and else its events do.</summary>
/// <param name="Node">The run.</param>
/// <param name="Job">What runs in it.</param>
/// <param name="State"><c>running</c>, <c>completed</c>, <c>failed</c>, <c>aborted</c>, or <c>new</c> where nobody said.</param>
/// <param name="FirstSeen">When it is first heard of.</param>
/// <param name="LastSeen">When it is last heard of.</param>
/// <param name="Started">When it started, as it was said.</param>
/// <param name="Ended">When it ended, as it was said.</param>
/// <param name="NominalStart">What it was scheduled for.</param>
/// <param name="NominalEnd">The end of what it was scheduled for.</param>
/// <param name="Parameters">Those logged here.</param>
internal sealed record KnownRun(
    NodeId Node, NodeId? Job, string State, DateTimeOffset FirstSeen, DateTimeOffset LastSeen, DateTimeOffset? Started,
    DateTimeOffset? Ended, DateTimeOffset? NominalStart, DateTimeOffset? NominalEnd, IReadOnlyDictionary<string, string> Parameters);

/// <summary>Lists and finds runs.</summary>
internal sealed class KnownRuns(IDocumentStore store)
{
    /// <summary>How a run stands by what events told: the state of <c>r</c> in SQL.</summary>
    public const string ReportedState =
        "case when r.state = 'complete' then 'completed' when r.state = 'fail' then 'failed' when r.state = 'abort' then 'aborted' " +
        "when r.state is null then 'new' else 'running' end";

    private const string Pages = $"{CatalogStore.Schema}.mt_doc_page_run";

    /// <summary>The newest of each side, merged: so many of a job are looked at as are asked for, and not all.</summary>
    private static string NewestOf(string job, string limit) =>
        $"""
        (select node, first_event as at from {ReportedTables.Runs.Name} where job = {job}
          order by first_event desc, node desc limit {limit})
        union all
        (select id, (data ->> 'startedAt')::timestamptz from {Pages} where data ->> 'job' = {job} order by 2 desc, 1 desc limit {limit})
        """;

    /// <summary>Runs of a job, the newest first.</summary>
    public async Task<IReadOnlyList<KnownRun>> ListAsync(NodeId job, int limit, int offset, CancellationToken ct)
    {
        var nodes = await store.ReadAsync(
            $"select node from ({NewestOf("$1", "$2")}) s group by node order by max(at) desc, node desc limit $3 offset $4",
            [job.ToString(), limit + offset, limit, offset], row => NodeId.Parse(row.GetString(0)), ct);
        return await FindAsync(nodes, ct);
    }

    public Task<long> CountAsync(NodeId job, CancellationToken ct) => store.CountAsync(
        $"""
        select (select count(*) from {ReportedTables.Runs.Name} where job = $1)
          + (select count(*) from {Pages} p where p.data ->> 'job' = $1
              and not exists (select from {ReportedTables.Runs.Name} r where r.node = p.id and r.job = $1))
        """,
        [job.ToString()], ct);

    /// <summary>The newest runs of each of several jobs.</summary>
    public async Task<ILookup<NodeId, KnownRun>> LatestAsync(IReadOnlyCollection<NodeId> jobs, int each, CancellationToken ct)
    {
        var newest = await store.ReadAsync(
            $"""
            select asked.job, s.node from unnest($1) as asked (job)
            cross join lateral (
              select node from ({NewestOf("asked.job", "$2")}) o group by node order by max(at) desc, node desc limit $2) s
            """,
            [jobs.Select(j => j.ToString()).ToArray(), each],
            row => (Job: NodeId.Parse(row.GetString(0)), Run: NodeId.Parse(row.GetString(1))), ct);
        var runs = (await FindAsync([.. newest.Select(n => n.Run)], ct)).ToDictionary(r => r.Node);
        return newest.Where(n => runs.ContainsKey(n.Run)).ToLookup(n => n.Job, n => runs[n.Run]);
    }

    /// <summary>Those of the runs that are known, in the order given.</summary>
    public async Task<IReadOnlyList<KnownRun>> FindAsync(IReadOnlyCollection<NodeId> runs, CancellationToken ct) => await store.ReadAsync(
        $"""
        select asked.node, coalesce(p.data ->> 'job', r.job), coalesce(p.data ->> 'state', {ReportedState}),
          least((p.data ->> 'startedAt')::timestamptz, r.first_event),
          greatest((p.data ->> 'startedAt')::timestamptz, (p.data ->> 'endedAt')::timestamptz, r.last_event),
          coalesce((p.data ->> 'startedAt')::timestamptz, r.started),
          case when p.id is null then r.ended else (p.data ->> 'endedAt')::timestamptz end,
          r.nominal_start, r.nominal_end, p.data ->> 'parameters'
        from unnest($1) with ordinality as asked (node, place)
        left join {ReportedTables.Runs.Name} r on r.node = asked.node
        left join {Pages} p on p.id = asked.node
        where r.node is not null or p.id is not null
        order by asked.place
        """,
        [runs.Select(r => r.ToString()).ToArray()], Read, ct);

    private static KnownRun Read(NpgsqlDataReader row) => new(
        NodeId.Parse(row.GetString(0)), row.Node(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3),
        row.GetFieldValue<DateTimeOffset>(4), row.Time(5), row.Time(6), row.Time(7), row.Time(8),
        row.Text(9) is { } text ? JsonSerializer.Deserialize<Dictionary<string, string>>(text) ?? [] : []);
}
