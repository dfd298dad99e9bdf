using System.Text.Json;
using Catalog.Lineage.OpenLineage;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Marten;

namespace Catalog.Lineage.Reported;

/// <summary>
/// What the events of a run say of what takes part in it: of its job as it was then, and of the datasets as that run read or wrote them.
/// </summary>
internal sealed class RunFacets(IDocumentStore store, FactRegistry facts, OpenLineageBodies bodies)
{
    /// <summary>Events of a run that are read: the latest, of those that go on for long.</summary>
    private const int MaxEvents = 20;

    /// <summary>Among so many of a run that came last.</summary>
    private const int MaxExamined = 500;

    /// <summary>So many bytes of bodies are read for one answer, the latest event of each run first; what is left is not told of.</summary>
    private const long MaxBodyBytes = 64 * 1024 * 1024;

    /// <summary>Facets of a job or of datasets in some runs, the later events' before the earlier ones'.</summary>
    /// <param name="asked">Which thing in which run; the role is <c>input</c> or <c>output</c>, and null for the job.</param>
    /// <param name="upTo">Only what facts up to this log position tell; null for all.</param>
    /// <param name="ct">Stops.</param>
    /// <returns>By what was asked for; empty where nothing was told.</returns>
    public async Task<IReadOnlyDictionary<InRun, IReadOnlyDictionary<string, JsonElement>>> ReadAsync(
        IReadOnlyCollection<InRun> asked, long? upTo, CancellationToken ct)
    {
        var byRun = asked.Distinct().ToLookup(a => a.Run);
        var latest = new LatestFacets(byRun.SelectMany(of => of));
        var events = Affordable(await FindAsync([.. byRun.Select(of => of.Key)], upTo, ct)).ToLookup(e => e.Hash, StringComparer.Ordinal);
        await foreach (var (hash, body) in bodies.ReadAsync([.. events.Select(e => e.Key)], ct))
        {
            if (body is { } bytes && OpenLineageInterpreter.TryParse(bytes, out var document, out _))
            {
                using (document)
                    latest.Take(document.RootElement, events[hash].SelectMany(e => byRun[e.Run].Select(of => (of, e.Age))));
            }
        }

        return latest.Found;
    }

    /// <summary>The latest events of each run by their own time and, within one time, by hash: not by when they came.</summary>
    private Task<List<Told>> FindAsync(IReadOnlyCollection<NodeId> runs, long? upTo, CancellationToken ct) => store.ReadAsync(
        $"""
        select r.run, e.hash, e.age, b.bytes
        from unnest($1) with ordinality as r (run, place)
        cross join lateral (
          select hash, row_number() over (order by time desc, hash collate "C" desc) as age from (
            select data ->> 'hash' as hash, (data -> 'event' ->> 'time')::timestamptz as time from {CatalogStore.Schema}.mt_events
            where stream_id = r.run and type = $2 and ($3::bigint is null or seq_id <= $3)
            order by version desc limit {MaxExamined}) came
          order by age limit {MaxEvents}) e
        join {OpenLineageBodies.TableName} b on b.hash = decode(e.hash, 'hex')
        order by e.age, r.place
        """,
        [runs.Select(r => r.ToString()).ToArray(), facts.NameOf(typeof(OpenLineageReceived)), upTo],
        row => new Told(NodeId.Parse(row.GetString(0)), row.GetString(1), row.GetInt64(2), row.GetInt32(3)), ct);

    private static IEnumerable<Told> Affordable(IEnumerable<Told> events)
    {
        var room = MaxBodyBytes;
        return events.TakeWhile(e => (room -= e.Bytes) >= 0);
    }

    /// <param name="Run">Whose event it is.</param>
    /// <param name="Hash">Of its body.</param>
    /// <param name="Age">1 for the latest of the run.</param>
    /// <param name="Bytes">Of its body.</param>
    private sealed record Told(NodeId Run, string Hash, long Age, int Bytes);
}

/// <summary>Keeps of each facet the latest, in whatever order events are read.</summary>
internal sealed class LatestFacets(IEnumerable<InRun> asked)
{
    private readonly Dictionary<InRun, SortedDictionary<string, (long Age, JsonElement Value)>> _found =
        asked.ToDictionary(a => a, _ => new SortedDictionary<string, (long, JsonElement)>(StringComparer.Ordinal));

    public IReadOnlyDictionary<InRun, IReadOnlyDictionary<string, JsonElement>> Found => _found.ToDictionary(
        of => of.Key,
        of => (IReadOnlyDictionary<string, JsonElement>)new SortedDictionary<string, JsonElement>(
            of.Value.ToDictionary(f => f.Key, f => f.Value.Value), StringComparer.Ordinal));

    /// <param name="body">An event.</param>
    /// <param name="of">What it may tell of, and how many events of that run are as late or later.</param>
    public void Take(JsonElement body, IEnumerable<(InRun Of, long Age)> of)
    {
        var facets = new EventFacets(body);
        foreach (var (thing, age) in of)
        {
            var found = _found[thing];
            foreach (var facet in facets.Of(thing.Thing, thing.Role))
            {
                // Within one event a later member counts for more, as everywhere.
                if (!found.TryGetValue(facet.Name, out var there) || age <= there.Age)
                    found[facet.Name] = (age, facet.Value.Clone());
            }
        }
    }
}

/// <param name="Run">A run.</param>
/// <param name="Thing">Its job, or a dataset that it reads or writes.</param>
/// <param name="Role"><c>input</c> or <c>output</c>; null for the job.</param>
internal sealed record InRun(NodeId Run, NodeId Thing, string? Role);
