using System.Buffers;
using System.Text;
using Catalog.Access;
using Catalog.Lineage.OpenLineage;
using Catalog.Platform.Log;
using Catalog.Platform.Writes;

namespace Catalog.Lineage.Exports;

/// <summary>
/// Lineage as OpenLineage events, in an array that the batch door of another catalog takes: those that were told, as they were sent, and
/// for what the catalog's own clients did events that say so (<see cref="NativeEvents"/>).
/// </summary>
internal sealed class OpenLineageExport(
    LogReader log, FactRegistry facts, OpenLineageBodies bodies, ToldStreams streams, RunRecords records, Sight sight)
{
    /// <summary>As many as the door takes at once.</summary>
    private const int MaxEvents = 10_000;

    /// <summary>As large as the door takes at once.</summary>
    private const int MaxBytes = 32 * 1024 * 1024;

    /// <returns>The array, and whether something is missing in it: too much, erased, or not for the caller to see.</returns>
    public async Task<(ReadOnlyMemory<byte> Events, bool Incomplete)> WriteAsync(LineageExtract lineage, Scene scene, CancellationToken ct)
    {
        var (all, cut) = await streams.OfAsync(lineage, scene, ct);
        var told = all.Where(sight.Shows).ToList();
        var output = new EventArray(MaxEvents, MaxBytes);
        cut |= told.Count < all.Count;
        cut |= !await WriteToldAsync(told, scene, output, ct);

        var runs = told.Select(NodeId.Parse).Where(n => n.Kind == NodeKind.Run).ToList();
        var (known, tooMany) = await records.ReadAsync(runs, scene.Position, ct);
        foreach (var run in known.Values.OrderBy(r => r.StartedAt).ThenBy(r => r.Node, NodeId.Order))
        {
            foreach (var native in Native(run, scene))
                output.Add(Encoding.UTF8.GetBytes(native));
        }

        foreach (var native in Deployments(lineage, scene))
            output.Add(Encoding.UTF8.GetBytes(native));
        return (output.Close(), cut || tooMany || output.IsFull);
    }

    /// <returns>False when a body is not there any more, or there were too many.</returns>
    private async Task<bool> WriteToldAsync(IReadOnlyCollection<string> streams, Scene scene, EventArray output, CancellationToken ct)
    {
        var positions = await log.PositionsOnAsync(
            streams, [facts.NameOf(typeof(OpenLineageReceived))], scene.Position, MaxEvents + 1, ct);
        var (hashes, found, hidden) = (new List<string>(), 0, false);
        await foreach (var entry in log.ReadAsync(positions, ct))
        {
            if (entry.ReadFact(facts) is not OpenLineageReceived { Late: false } received)
                continue;
            if (MayLeaveWhole(received.Event))
                hashes.Add(received.Hash);
            else
                hidden = true;
        }

        await foreach (var (_, body) in bodies.ReadAsync(hashes, ct))
        {
            if (output.IsFull)
                return false;
            if (body is not { } there)
                continue;
            output.Add(there.Span);
            found++;
        }

        return found == hashes.Count && positions.Count <= MaxEvents && !hidden;
    }

    /// <summary>An event leaves as it was sent, with all that it says of what it names.</summary>
    private bool MayLeaveWhole(OpenLineageEvent told) =>
        told.Inputs.Concat(told.Outputs).Select(d => d.Node).Concat(told.Job is { } job ? [job.Node] : []).All(sight.Shows);

    private IEnumerable<string> Native(RunRecord run, Scene scene)
    {
        var (inputs, outputs) = (Near(run.Node, into: true, scene), Near(run.Node, into: false, scene));
        if (run.IsNative)
            return NativeEvents.Of(run, run.Parent is { } parent ? JobOf(parent, scene) : null, inputs, outputs);
        var pinned = inputs.Where(i => i.VersionNumber is not null).ToList();
        return pinned.Count > 0 && run is { Job: { } job, StartedAt: { } start }
            ? [NativeEvents.Pins(run, job, start, pinned)]
            : [];
    }

    /// <summary>Versions that a run read or made, of those that may be seen.</summary>
    private List<NodeId> Near(NodeId run, bool into, Scene scene) => scene.View.Find(run) is var number and >= 0
        ? [
            .. scene.View.Neighbours(number, into, LineageRelations.For(LineageGranularity.Version), scene.Moment)
                .Select(n => scene.View.NodeOf(n.Node))
                .Where(sight.Shows),
        ]
        : [];

    private static NodeId? JobOf(NodeId run, Scene scene) =>
        scene.View.Find(run) is var number and >= 0
        && scene.View.Neighbours(number, into: true, LineageRelations.Of(LineageRelation.Ran), scene.Moment) is [var job, ..]
            ? scene.View.NodeOf(job.Node)
            : null;

    private IEnumerable<string> Deployments(LineageExtract lineage, Scene scene) =>
        from edge in lineage.Edges
        where edge.Relation is LineageRelation.Deployed or LineageRelation.Serves
        where sight.Shows(edge.From) && sight.Shows(edge.To)
        let since = scene.View.HeldSince(scene.View.Find(edge.From), scene.View.Find(edge.To), edge.Relation, scene.Moment)
        select NativeEvents.Deployment(edge.From, edge.To, new DateTimeOffset(since, TimeSpan.Zero));

    /// <summary>A JSON array of events, within what can be taken at once.</summary>
    private sealed class EventArray(int maxEvents, int maxBytes)
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();
        private int _events;

        /// <summary>Whether an event found no room.</summary>
        public bool IsFull { get; private set; }

        public void Add(ReadOnlySpan<byte> body)
        {
            var plain = body.StartsWith("\uFEFF"u8) ? body[3..] : body;
            IsFull |= _events == maxEvents || _bytes.WrittenCount + plain.Length + 4 > maxBytes;
            if (IsFull)
                return;
            _bytes.Write(_events++ == 0 ? "[\n"u8 : ",\n"u8);
            _bytes.Write(plain);
        }

        public ReadOnlyMemory<byte> Close()
        {
            _bytes.Write(_events == 0 ? "[]\n"u8 : "\n]\n"u8);
            return _bytes.WrittenMemory;
        }
    }
}
