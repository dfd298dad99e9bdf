using System.Text.Json;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Log;
using Catalog.Platform.Projections;
using Catalog.Platform.Writes;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Changes;

/// <summary>The log, fact by fact, to whoever wants to keep something of their own in step with the catalog.</summary>
public static class ReadChanges
{
    public sealed record Query(ChangeQuestion Question) : IRequest<Outcome<Answer>>;

    /// <summary>What may be told; telling it reads the log.</summary>
    public sealed record Answer(IResult Lines);

    /// <param name="Position">Its number in the log: pass the last one seen as <c>after</c> to go on.</param>
    /// <param name="Id">Its own id.</param>
    /// <param name="Time">When it was recorded.</param>
    /// <param name="Stream">The node it is about; <c>catalog</c>, <c>key:…</c>, <c>group:…</c> and the like are no nodes.</param>
    /// <param name="Type">Its stored name.</param>
    /// <param name="Principal">Who it comes from.</param>
    /// <param name="Data">The fact.</param>
    public sealed record Change(
        long Position, Guid Id, DateTimeOffset Time, string Stream, string Type, string? Principal, JsonElement Data);

    internal sealed class Handler(
        IDocumentStore store, LiveLog live, FactRegistry facts, ProjectionProgress log, Gate gate, Sight sight, Caller caller,
        CallerStanding standing, TimeProvider clock)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            gate.Browse();
            if (q.Question.Types.FirstOrDefault(t => facts.FactOf(t) is null) is { } unknown)
                return Unknown(unknown);

            var end = await log.FindEndAsync(ct);
            if (q.Question.After > end)
                return ProjectionProgress.Beyond(q.Question.After);
            var cursor = new LogCursor(store, live, q.Question.Types.Count == 0 ? null : q.Question.Types, q.Question.After);
            return new Answer(new ChangeAnswer(q.Question, end, cursor, new ChangeSight(sight, caller, standing), clock));
        }

        private Problem Unknown(string type) => Problem.Field(
            "request.invalid",
            "types",
            $"'types' names '{type}', which is no fact; the facts are {string.Join(", ", facts.All.Select(f => f.StoredName).Order())}.");
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/changes",
                async (ChangeQuestion question, IMediator mediator, CancellationToken ct) =>
                    ToHttp(await mediator.Send(new Query(question), ct)))
            .AnswersLines<Change>("ReadChanges", "Read the log, or follow it", ChangeLines.LineType, ChangeLines.EventType);

    private static IResult ToHttp(Outcome<Answer> outcome) =>
        outcome.Succeeded ? outcome.Value.Lines : new ProblemAnswer(outcome.Problem);
}
