using System.Text.Json;
using Catalog.Lineage.OpenLineage;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Marten;

namespace Catalog.Lineage.Known;

/// <summary>
/// What the events of a run say of what takes part in it: of its job as it was then, and of the datasets as that run read or wrote them.
/// </summary>
internal sealed class RunFacets(IDocumentStore store, FactRegistry facts, OpenLineageBodies bodies)
{
    /// <summary>Events of a run that are looked at: the latest, of those that go on for long.</summary>
    private const int MaxEvents = 20;

    /// <summary>Facets of a job or of datasets in some runs, the later events' before the earlier ones'.</summary>
    /// <param name="asked">Which thing in which run; the role is <c>input</c> or <c>output</c>, and null for the job.</param>
    /// <param name="ct">Stops.</param>
    public async Task<IReadOnlyDictionary<InRun, IReadOnlyDictionary<string, JsonElement>>> ReadAsync(
        IReadOnlyCollection<InRun> asked, CancellationToken ct)
    {
        var byRun = asked.ToLookup(a => a.Run);
        var events = await store.ReadAsync(
            $"""
            select r.run, e.hash from unnest($1) as r (run) cross join lateral (
              select data ->> 'hash' as hash, data -> 'event' ->> 'time' as time from {CatalogStore.Schema}.mt_events
              where stream_id = r.run and type = $2 order by version desc limit {MaxEvents}) e
            order by r.run, e.time
            """,
            [byRun.Select(r => r.Key.ToString()).ToArray(), facts.NameOf(typeof(OpenLineageReceived))],
            row => (Run: NodeId.Parse(row.GetString(0)), Hash: row.GetString(1)), ct);

        var found = asked.Distinct().ToDictionary(a => a, _ => new SortedDictionary<string, JsonElement>(StringComparer.Ordinal));
        var said = new Dictionary<string, List<(InRun Of, string Name, JsonElement Value)>>(StringComparer.Ordinal);
        var runs = events.ToLookup(e => e.Hash, e => e.Run);
        await foreach (var (hash, body) in bodies.ReadAsync([.. runs.Select(r => r.Key)], ct))
            said[hash] = body is { } bytes ? Read(bytes, [.. runs[hash].SelectMany(r => byRun[r])]) : [];
        foreach (var (of, name, value) in events.SelectMany(e => said.GetValueOrDefault(e.Hash) ?? []))
            found[of][name] = value;
        return found.ToDictionary(f => f.Key, f => (IReadOnlyDictionary<string, JsonElement>)f.Value);
    }

    private static List<(InRun Of, string Name, JsonElement Value)> Read(ReadOnlyMemory<byte> body, IReadOnlyList<InRun> asked)
    {
        if (!OpenLineageInterpreter.TryParse(body, out var document, out _))
            return [];
        using (document)
        {
            return
            [
                .. asked.SelectMany(of => EventFacets.Of(document.RootElement, of.Thing, of.Role)
                    .Select(f => (of, f.Name, f.Value.Clone()))),
            ];
        }
    }
}

/// <param name="Run">A run.</param>
/// <param name="Thing">Its job, or a dataset that it reads or writes.</param>
/// <param name="Role"><c>input</c> or <c>output</c>; null for the job.</param>
internal sealed record InRun(NodeId Run, NodeId Thing, string? Role);
