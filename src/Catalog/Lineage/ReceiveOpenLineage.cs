using Catalog.Access;
using Catalog.Datasets;
using Catalog.Jobs;
using Catalog.Lineage.OpenLineage;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using MediatR;

namespace Catalog.Lineage;

/// <summary>
/// An OpenLineage event came, on the stream of its run, else of its dataset, else of its job. The raw body is beside the log under its
/// hash. It is what others told, and no state folds it: a run, dataset or job known only from such events is not there for our own
/// commands, which answer that it is not found, until it is started or registered here; that is then accepted, whatever was told before,
/// because integrations choose ids that our clients share and job names that they do not.
/// </summary>
/// <param name="Hash">SHA-256 of the event's canonical JSON, lower-case hexadecimal: there is one fact of each.</param>
/// <param name="Late">It came for a run that was started here and had ended: kept, but the run takes no more.</param>
/// <param name="Event">Its structure, without its free text.</param>
public sealed record OpenLineageReceived(string Hash, bool Late, OpenLineageEvent Event);

/// <summary>Takes OpenLineage events into the log. An event that is there already is accepted and changes nothing.</summary>
public static class ReceiveOpenLineage
{
    /// <summary>So many events wait for a shared commit at once, and leave room in its queue for others.</summary>
    private const int AtOnce = 512;

    /// <param name="Event">As interpreted.</param>
    /// <param name="Hash">Of the event's canonical JSON.</param>
    /// <param name="Body">The event as it was sent; used until the command is answered.</param>
    public sealed record Arrival(OpenLineageEvent Event, string Hash, ReadOnlyMemory<byte> Body);

    /// <param name="Events">In the order sent.</param>
    public sealed record Command(IReadOnlyList<Arrival> Events) : IRequest<Outcome<Received>>;

    /// <param name="Position">Log position that includes all that were accepted; 0 where none was.</param>
    /// <param name="Problems">Why an event was not taken, by its place; null for those that are in the log.</param>
    public sealed record Received(long Position, IReadOnlyList<Problem?> Problems);

    /// <summary>Always accepted: the gate has let the sender through, and whether the event came before is for its hash to say.</summary>
    public static Decision Decide(Run? run, string hash, OpenLineageEvent received) =>
        Decision.Accept(new OpenLineageReceived(hash, Late: run is { State: not RunState.Running }, received));

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Received>>
    {
        public async Task<Outcome<Received>> Handle(Command c, CancellationToken ct)
        {
            if (gate.Ask(Act.Run, resource: null).Refusal is { } no)
                return no;

            var all = new List<(long Position, Problem? Problem)>(c.Events.Count);
            foreach (var some in c.Events.Chunk(AtOnce))
                all.AddRange(await Task.WhenAll(some.Select(arrival => ReceiveAsync(arrival, ct))));
            return new Received(all.Select(one => one.Position).DefaultIfEmpty().Max(), [.. all.Select(one => one.Problem)]);
        }

        private async Task<(long Position, Problem? Problem)> ReceiveAsync(Arrival arrival, CancellationToken ct)
        {
            var subject = arrival.Event.Subject();
            if (gate.Ask(arrival.Event.Kind is OpenLineageKind.Dataset ? Act.Describe : Act.Run, subject).Refusal is { } no)
                return (0, no);
            try
            {
                return ((await WriteAsync(subject, arrival, ct)).Position, null);
            }
            catch (Exception e) when (Faults.ToProblem(e) is { } problem)
            {
                return (0, problem);
            }
        }

        private Task<Written> WriteAsync(NodeId subject, Arrival arrival, CancellationToken ct)
        {
            var (received, hash, stream) = (arrival.Event, arrival.Hash, subject.StreamId);
            var claim = OpenLineageBodies.Claim(hash, arrival.Body.Span);
            return received.Kind switch
            {
                OpenLineageKind.Run => writes.DecideAsync<Run>(stream, run => Decide(run, hash, received), ct, claim: claim),
                OpenLineageKind.Dataset => writes.DecideAsync<Dataset>(stream, _ => Decide(run: null, hash, received), ct, claim: claim),
                _ => writes.DecideAsync<Job>(stream, _ => Decide(run: null, hash, received), ct, claim: claim),
            };
        }
    }
}

internal static class LineageFacts
{
    /// <summary>Registered with runs, of which nearly all of them are; datasets and jobs have them, too.</summary>
    public static FactRegistry.Area Area { get; } = new FactRegistry.Area().Fact<Run, OpenLineageReceived>("openlineage_received");
}
