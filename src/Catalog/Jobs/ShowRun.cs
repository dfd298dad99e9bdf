using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Jobs;

/// <summary>Shows one run, as it is at this moment.</summary>
public static class ShowRun
{
    public sealed record Query(Guid Run) : IRequest<Outcome<RunPage>>;

    internal sealed class Handler(IDocumentSession session, Gate gate) : IRequestHandler<Query, Outcome<RunPage>>
    {
        public async Task<Outcome<RunPage>> Handle(Query q, CancellationToken ct) =>
            gate.Ask(Act.Read, NodeId.Run(q.Run)).Refusal is { } no ? no
            : await session.Events.FetchLatest<RunPage>(Run.StreamId(q.Run), ct) is { } page ? page.To(gate)
            : Problem.Of("run.not_found", $"There is no 'run:{q.Run}'.");
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/runs/{id:guid}",
                async (Guid id, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(id), ct)).ToHttp(p => p.StreamVersion))
            .Answers<RunPage>("ShowRun", "Show a run");
}
