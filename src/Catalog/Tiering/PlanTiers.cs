using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Tiering;

/// <summary>Shows what applying the tier policies would move, and what it would cost before and after. Nothing is changed.</summary>
public static class PlanTiers
{
    public sealed record Query(int Versions, long? AtLeast) : IRequest<Outcome<TierPlan>>;

    internal sealed class Handler(TierPlanner planner, Gate gate, ProjectionProgress progress) : IRequestHandler<Query, Outcome<TierPlan>>
    {
        public async Task<Outcome<TierPlan>> Handle(Query q, CancellationToken ct)
        {
            if ((gate.Ask(Act.Operate, resource: null).Refusal ?? await progress.WaitForAsync(q.AtLeast, ct)) is { } no)
                return no;
            return (await planner.DraftAsync(ct)).Summarize(q.Versions);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/tiers/plan",
                async (HttpContext http, QueryPosition atLeast, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(
                        new Query(PageRequest.Number(http.Request.Query, "versions", 100, 0, 1_000), atLeast.Value), ct)).ToHttp())
            .Reads(new RequestParameter("versions", ParameterPlace.Query, "Versions to list at most.")
            {
                Range = (0, 1_000),
                Default = "100",
            })
            .Answers<TierPlan>("PlanTiers", "Show what applying the tier policies would move, and its cost", also: ProblemKind.Unavailable);
}
