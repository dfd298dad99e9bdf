using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Server;
using Apache.Arrow.Types;
using Catalog.Access;
using Catalog.Columns;
using Catalog.Datasets;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Hosting;
using Grpc.Core;
using MediatR;

namespace Catalog.Server.Doors.Flight;

/// <summary>
/// Columns of versions over Arrow Flight: an info names the schema and a ticket for each shard, and a ticket is exchanged for batches
/// (<see cref="FlightReads"/>). Nothing is decided here; what is read, and whether it may be, is <see cref="ReadColumns"/>'s.
/// </summary>
internal sealed class CatalogFlight(IMediator mediator, Gate gate, Caller caller, FlightTickets tickets, DataFolder data) : FlightServer
{
    private const string ResolveAction = "resolve";

    // Stock clients take messages of four megabytes at most.
    private const int BatchBytes = 2 * 1024 * 1024;
    private const int MostRows = 16_384;
    private const int GuessedTextBytes = 32;

    public override async Task<Schema> GetSchema(FlightDescriptor request, ServerCallContext context)
    {
        Admit();
        var question = FlightQuestion.Read(request);
        return (await ColumnsAsync(question, context)).Schema;
    }

    public override async Task<FlightInfo> GetFlightInfo(FlightDescriptor request, ServerCallContext context)
    {
        Admit();
        return await InfoAsync(FlightQuestion.Read(request), request, context);
    }

    /// <summary>Latest versions of datasets that are tables; an expression is the namespace that they are in.</summary>
    public override async Task ListFlights(FlightCriteria request, IAsyncStreamWriter<FlightInfo> responseStream, ServerCallContext context)
    {
        Admit();
        var ns = request.Expression.IsEmpty ? null : request.Expression.ToStringUtf8();
        for (string? after = null; ;)
        {
            var listed = await mediator.Send(
                new ListDatasets.Query(ns, Tag: null, new PageRequest(PageRequest.MaxLimit, after, AtLeast: null)),
                context.CancellationToken);
            var page = listed.Succeeded ? listed.Value : throw new ProblemException(listed.Problem);
            foreach (var dataset in page.Items)
            {
                var question = new FlightQuestion(dataset.Id);
                if (dataset.Latest > 0 && await TableAsync(question, context) is { } info)
                    await SendAsync(responseStream, info);
            }

            after = page.Next;
            if (after is null)
                return;
        }
    }

    /// <summary>A new version of a dataset, committed when the stream ends well; the answer is its receipt as JSON.</summary>
    public override async Task DoPut(
        FlightServerRecordBatchStreamReader requestStream, IAsyncStreamWriter<FlightPutResult> responseStream, ServerCallContext context)
    {
        Admit();
        var put = FlightPut.Read(await requestStream.FlightDescriptor);
        if (gate.Ask(Act.Commit, put.Dataset()).Refusal is { } no)
            throw new ProblemException(no);
        var receipt = await put.CommitAsync(requestStream, data.Spool, mediator, context.CancellationToken);
        await SendAsync(responseStream, new FlightPutResult(JsonSerializer.SerializeToUtf8Bytes(receipt, JsonSerializerOptions.Web)));
    }

    public override Task ListActions(IAsyncStreamWriter<FlightActionType> responseStream, ServerCallContext context)
    {
        Admit();
        return SendAsync(responseStream, new FlightActionType(
            ResolveAction, "The version that an alias stands for: a node such as dataset:demo/flights@gold in, one with a number out."));
    }

    public override async Task DoAction(FlightAction request, IAsyncStreamWriter<FlightResult> responseStream, ServerCallContext context)
    {
        Admit();
        if (request.Type != ResolveAction)
        {
            throw new ProblemException(
                Problem.Field("request.invalid", "type", $"There is no action '{request.Type}': there is '{ResolveAction}'."));
        }

        var version = new FlightQuestion(request.Body.ToStringUtf8()).Version();
        var shown = await mediator.Send(
            new ShowVersion.Query(version.Namespace, version.Name, version.Version ?? Dataset.LatestAlias), context.CancellationToken);
        var node = shown.Succeeded ? shown.Value.Id : throw new ProblemException(shown.Problem);
        await SendAsync(responseStream, new FlightResult(node));
    }

    /// <summary>Flight's own writers refuse a token; a call that was cancelled fails all the same.</summary>
    private static Task SendAsync<T>(IAsyncStreamWriter<T> to, T item) => to.WriteAsync(item);

    private string Principal => caller.Identity.Principal;

    private void Admit() => gate.Browse();

    private async Task<FlightInfo?> TableAsync(FlightQuestion question, ServerCallContext context)
    {
        try
        {
            return await InfoAsync(question, FlightDescriptor.CreatePathDescriptor(question.Node), context);
        }
        catch (ProblemException e) when (e.Problem.Code is "columns.none" or "version.not_sealed" or "access.denied")
        {
            return null;
        }
    }

    private async Task<FlightInfo> InfoAsync(FlightQuestion question, FlightDescriptor descriptor, ServerCallContext context)
    {
        var columns = await ColumnsAsync(question, context);
        var batchRows = RowsOf(columns.Schema);
        var endpoints = Enumerable.Range(0, question.Shards)
            .Select(shard => tickets.Issue(question, columns.Version, shard, batchRows, Principal))
            .Select(ticket => new FlightEndpoint(new FlightTicket(ticket), []));
        return new FlightInfo(
            columns.Schema, descriptor, [.. endpoints], totalRecords: -1, totalBytes: -1, ordered: question.Shards == 1,
            appMetadata: Google.Protobuf.ByteString.CopyFromUtf8(columns.Version.ToString()));
    }

    private async Task<ShowColumns.Answer> ColumnsAsync(FlightQuestion question, ServerCallContext context)
    {
        var outcome = await mediator.Send(
            new ShowColumns.Query(question.Version(), question.Shard(0, MostRows)), context.CancellationToken);
        return outcome.Succeeded ? outcome.Value : throw new ProblemException(outcome.Problem);
    }

    private static int RowsOf(Schema schema)
    {
        var row = schema.FieldsList.Sum(f => f.DataType is FixedWidthType plain ? Math.Max(1, plain.BitWidth / 8) : GuessedTextBytes);
        return Math.Clamp(BatchBytes / Math.Max(1, row), 256, MostRows);
    }
}
