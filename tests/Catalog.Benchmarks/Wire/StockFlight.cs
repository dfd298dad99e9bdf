using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Server;
using Grpc.Core;

namespace Catalog.Benchmarks;

/// <summary>Flight as Apache.Arrow.Flight serves it, with the same batches.</summary>
internal sealed class StockFlight(WireSource source) : FlightServer
{
    public override async Task DoGet(FlightTicket ticket, FlightServerRecordBatchStreamWriter responseStream, ServerCallContext context)
    {
        var (_, batches) = await source.OpenAsync(context.CancellationToken);
        await foreach (var next in batches.WithCancellation(context.CancellationToken))
        {
            using var batch = next;
            await responseStream.WriteAsync(batch);
        }
    }
}
