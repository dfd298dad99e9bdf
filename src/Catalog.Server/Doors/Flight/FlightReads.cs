using Apache.Arrow.Flight;
using Catalog.Access;
using Catalog.Columns;
using Catalog.Platform.Http;
using Catalog.Usage;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using MediatR;

namespace Catalog.Server.Doors.Flight;

/// <summary>
/// <c>DoGet</c>: a ticket is exchanged for batches. It stands in for that method of <see cref="CatalogFlight"/>'s service, to send
/// batches as <see cref="FlightFrame"/>s.
/// </summary>
internal sealed class FlightReads(IMediator mediator, Gate gate, Caller caller, FlightTickets tickets)
{
    internal static Method<FlightTicket, FlightFrame> DoGet { get; } = new(
        MethodType.ServerStreaming,
        FlightDoor.Service,
        nameof(DoGet),
        Marshallers.Create<FlightTicket>((_, _) => throw new NotSupportedException("Tickets are received, not sent."), ReadTicket),
        FlightFrame.Marshaller);

    private async Task DoGetAsync(FlightTicket ticket, IServerStreamWriter<FlightFrame> to, ServerCallContext context)
    {
        gate.Browse();
        var ct = context.CancellationToken;
        var (question, shard, batchRows) = tickets.Read(ticket.Ticket.Span, caller.Identity.Principal);
        var answer = await mediator.Send(new ReadColumns.Query(question.Version(), question.Shard(shard, batchRows), UsageWay.Flight), ct);
        var batches = answer.Succeeded ? answer.Value.Batches : throw new ProblemException(answer.Problem);

        await FlightFrames.SendAsync(batches.Schema, batches.ReadAsync(ct), to, ct);
    }

    /// <summary>Tells gRPC of the method.</summary>
    public sealed class Methods : IServiceMethodProvider<FlightReads>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<FlightReads> context) =>
            context.AddServerStreamingMethod(DoGet, [], (reads, ticket, to, call) => reads.DoGetAsync(ticket, to, call));
    }

    private static FlightTicket ReadTicket(DeserializationContext from)
    {
        const uint TicketTag = (1 << 3) | 2;
        using var fields = new CodedInputStream(from.PayloadAsNewBuffer());
        var ticket = ByteString.Empty;
        for (uint tag; (tag = fields.ReadTag()) != 0;)
        {
            if (tag == TicketTag)
                ticket = fields.ReadBytes();
            else
                fields.SkipLastField();
        }

        return new FlightTicket(ticket);
    }
}
