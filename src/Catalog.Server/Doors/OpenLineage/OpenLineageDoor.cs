using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Catalog.Lineage;
using Catalog.Lineage.OpenLineage;
using Catalog.Platform;
using Catalog.Platform.Http;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Server.Doors.OpenLineage;

/// <summary>
/// OpenLineage's HTTP interface (spec/OpenLineage.yml 2-0-2) where its clients look for it. They send an event again when an answer is
/// slow, so an event that is there already is accepted; of all statuses only 503 makes every client come back; a redirect would make them
/// lose the event.
/// </summary>
internal static class OpenLineageDoor
{
    private const int MaxBatch = 10_000;

    public static void AddOpenLineage(this IServiceCollection services, int maxBodyBytes) =>
        services.AddSingleton(new BodyBudget(maxBodyBytes));

    public static void MapOpenLineage(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/lineage", PostEventAsync).ExcludeFromDescription();
        routes.MapPost("/api/v1/lineage/batch", PostBatchAsync).ExcludeFromDescription();
    }

    private static Task<IResult> PostEventAsync(HttpContext http, BodyBudget budget, IMediator mediator) =>
        WithBodyAsync(http, budget, async (body, value) =>
        {
            var reading = OpenLineageInterpreter.Read(value);
            if (!reading.Succeeded)
                return new ProblemAnswer(Wrong("request.invalid", reading.Problem));

            var command = new ReceiveOpenLineage.Command([new(reading.Event, reading.Hash, body)]);
            var taken = await mediator.Send(command, http.RequestAborted);
            return !taken.Succeeded ? new ProblemAnswer(taken.Problem)
                : taken.Value.Problems[0] is { } problem ? new ProblemAnswer(problem)
                : Accepted(http, taken.Value.Position, StatusCodes.Status201Created);
        });

    private static Task<IResult> PostBatchAsync(HttpContext http, BodyBudget budget, IMediator mediator) =>
        WithBodyAsync(http, budget, async (body, value) =>
        {
            if (value.ValueKind != JsonValueKind.Array)
                return new ProblemAnswer(Wrong("request.invalid", new OpenLineageProblem("$", "must be an array of events.")));
            return value.GetArrayLength() > MaxBatch
                ? new ProblemAnswer(Problem.Of("request.too_large", $"A batch must have at most {MaxBatch} events."))
                : await TakeAsync(http, mediator, body, value);
        });

    /// <summary>Reads the request's body, whose bytes are there until the answer is.</summary>
    private static async Task<IResult> WithBodyAsync(
        HttpContext http, BodyBudget budget, Func<ReadOnlyMemory<byte>, JsonElement, Task<IResult>> answer)
    {
        var read = await EventBody.ReadAsync(http, budget);
        if (!read.Succeeded)
            return new ProblemAnswer(read.Problem);

        using var body = read.Value;
        if (!OpenLineageInterpreter.TryParse(body.Bytes, out var document, out var malformed))
            return new ProblemAnswer(Wrong("request.malformed", malformed));
        using (document)
            return await answer(body.Bytes, document.RootElement);
    }

    private static async Task<IResult> TakeAsync(HttpContext http, IMediator mediator, ReadOnlyMemory<byte> body, JsonElement batch)
    {
        var (arrivals, places, failed) = (new List<ReceiveOpenLineage.Arrival>(), new List<int>(), new List<BatchSummary.Failure>());
        var index = 0;
        foreach (var item in batch.EnumerateArray())
        {
            var reading = OpenLineageInterpreter.Read(item);
            if (reading.Succeeded)
            {
                arrivals.Add(new(reading.Event, reading.Hash, Piece(body, item)));
                places.Add(index);
            }
            else
            {
                failed.Add(new(index, $"{reading.Problem.Path} {reading.Problem.Detail}", Retriable: false));
            }

            index++;
        }

        var taken = await mediator.Send(new ReceiveOpenLineage.Command(arrivals), http.RequestAborted);
        if (!taken.Succeeded)
            return new ProblemAnswer(taken.Problem);

        var refused = taken.Value.Problems.Zip(places).Where(p => p.First is not null).Select(p => (Problem: p.First ?? Unknown, p.Second));
        foreach (var (problem, place) in refused)
            failed.Add(new(place, problem.Detail, Retriable: problem.Kind is ProblemKind.Unavailable));
        return failed.Count == 0 ? Accepted(http, taken.Value.Position, StatusCodes.Status204NoContent)
            : failed.Count == index && failed.TrueForAll(f => f.Retriable) ? new ProblemAnswer(refused.First().Problem)
            : Partly(http, taken.Value.Position, BatchSummary.Of(index, failed));
    }

    /// <summary>The bytes of the body that an item was read from.</summary>
    private static ReadOnlyMemory<byte> Piece(ReadOnlyMemory<byte> body, JsonElement item)
    {
        var raw = JsonMarshal.GetRawUtf8Value(item);
        return body.Span.Overlaps(raw, out var at) ? body.Slice(at, raw.Length) : raw.ToArray();
    }

    private static Problem Unknown => Problem.Of("catalog.internal", "The event was not taken.");

    private static IResult Accepted(HttpContext http, long position, int status)
    {
        TellPosition(http, position);
        return TypedResults.StatusCode(status);
    }

    private static IResult Partly(HttpContext http, long position, BatchSummary summary)
    {
        TellPosition(http, position);
        return TypedResults.Json(summary, BatchSummary.Json);
    }

    private static void TellPosition(HttpContext http, long position)
    {
        if (position > 0)
            http.Response.Headers[HttpAnswers.PositionHeader] = position.ToString(CultureInfo.InvariantCulture);
    }

    private static Problem Wrong(string code, OpenLineageProblem problem) => new(
        ProblemKind.Invalid, code, $"{problem.Path} {problem.Detail}",
        new Dictionary<string, string[]>(StringComparer.Ordinal) { [problem.Path] = [problem.Detail] });
}
