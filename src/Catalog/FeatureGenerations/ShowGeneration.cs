using Catalog.Access;
using Catalog.Features;
using Catalog.Lineage;
using Catalog.Platform;
using Catalog.Platform.Http;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.FeatureGenerations;

/// <summary>Shows one generation of a view's values.</summary>
public static class ShowGeneration
{
    public sealed record Query(Guid Generation) : IRequest<Outcome<FeatureGeneration>>;

    internal sealed class Handler(GenerationLookup generations, IQuerySession pages, LineageSight sight, Gate gate)
        : IRequestHandler<Query, Outcome<FeatureGeneration>>
    {
        public async Task<Outcome<FeatureGeneration>> Handle(Query q, CancellationToken ct)
        {
            if (gate.Ask(Act.Read, NodeId.Generation(q.Generation)).Refusal is { } no)
                return no;
            var found = await generations.FindAsync([q.Generation], ct);
            if (!found.Succeeded)
                return found.Problem;
            var page = found.Value[0];
            if (gate.Ask(Act.Read, NodeId.Parse(page.View)).Refusal is { } notItsView)
                return notItsView;
            var view = await pages.LoadAsync<FeatureViewPage>(page.View, ct)
                ?? throw new InvalidOperationException($"'{page.Id}' is of '{page.View}', which has no page.");
            return sight.ShowAll(FeatureGeneration.Of(page, view));
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/feature-generations/{id:guid}",
                async (Guid id, IMediator mediator, CancellationToken ct) => (await mediator.Send(new Query(id), ct)).ToHttp())
            .Answers<FeatureGeneration>("ShowGeneration", "Show a generation of a feature view's values");
}
