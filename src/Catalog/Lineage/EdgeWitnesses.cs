using System.Text;
using System.Text.Json;
using Catalog.Access;
using Catalog.Platform.Log;
using Catalog.Platform.Writes;

namespace Catalog.Lineage;

/// <summary>Finds every fact that says an edge, not only the one that said it first, as the graph does.</summary>
internal sealed class EdgeWitnesses(LogReader log, FactRegistry facts, OpenLineageBodies bodies, Sight sight)
{
    /// <summary>So many facts are read, and so many streams looked at, for one edge.</summary>
    private const int MaxExamined = 10_000;

    /// <summary>So many bytes of bodies are in one answer.</summary>
    private const int MaxBodyBytes = 16 * 1024 * 1024;

    /// <param name="scene">The graph, and up to where the log is looked at.</param>
    /// <param name="from">Where data came from.</param>
    /// <param name="to">What it flowed into.</param>
    /// <param name="said">Streams of the facts that are known to have changed what is known of the edge.</param>
    /// <param name="limit">So many assertions at most.</param>
    /// <param name="withBodies">Whether OpenLineage events are shown as they were sent.</param>
    /// <returns>In the order of the log, and whether some were left out.</returns>
    public async Task<(IReadOnlyList<ExplainEdge.Assertion> Found, bool Truncated)> FindAsync(
        Scene scene, NodeId from, NodeId to, IEnumerable<string> said, int limit, bool withBodies, CancellationToken ct)
    {
        var streams = new EdgeStreams(scene.View, MaxExamined).Of(from, to, said);
        var shown = streams.Found.Where(sight.Shows).ToList();
        var positions = await log.PositionsOnAsync(
            shown, [.. LineageFold.Facts.Select(facts.NameOf)], scene.Position, MaxExamined + 1, ct);
        var (claim, found) = (new EdgeClaim(scene.View, scene.Position, from, to), new List<ExplainEdge.Assertion>());
        var room = MaxBodyBytes;
        await foreach (var entry in log.ReadAsync([.. positions.Take(MaxExamined)], ct))
        {
            if (entry.ReadFact(facts) is not { } fact || claim.Of(entry, fact) is not { Count: > 0 } says)
                continue;
            if (found.Count + says.Count > limit)
                return (found, Truncated: true);
            var told = fact as OpenLineageReceived;
            var body = told is null || !withBodies ? null : await BodyAsync(told.Hash, room, ct);
            room -= body?.Text is { } text ? Encoding.UTF8.GetByteCount(text) : 0;
            found.AddRange(says.Select(s => new ExplainEdge.Assertion(s.Relation, s.Since, told?.Event.Time, Evidence(entry), body)));
        }

        return (found, streams.Cut || shown.Count < streams.Found.Count || positions.Count > MaxExamined);
    }

    public static ExplainEdge.Evidence Evidence(LogEntry fact) => new(
        fact.Position, fact.Stream, fact.Version, fact.Type, fact.Time, fact.Principal,
        JsonSerializer.Deserialize<JsonElement>(fact.Data.Span));

    private async Task<ExplainEdge.Body> BodyAsync(string hash, int room, CancellationToken ct) =>
        await bodies.ReadAsync(hash, ct) switch
        {
            null => new ExplainEdge.Body(ExplainEdge.BodyState.Erased, Text: null),
            { Length: var bytes } when bytes > room => new ExplainEdge.Body(ExplainEdge.BodyState.LeftOut, Text: null),
            { } body => new ExplainEdge.Body(ExplainEdge.BodyState.Shown, Encoding.UTF8.GetString(body.Span)),
        };
}
