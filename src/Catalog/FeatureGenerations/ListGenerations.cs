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

/// <summary>Lists the generations of a view's values, of all its versions, newest first.</summary>
public static class ListGenerations
{
    public sealed record Query(string Namespace, string Name, PageRequest Page) : IRequest<Outcome<Page<FeatureGeneration>>>;

    internal sealed class Handler(IQuerySession pages, LineageSight sight, Gate gate)
        : IRequestHandler<Query, Outcome<Page<FeatureGeneration>>>
    {
        public async Task<Outcome<Page<FeatureGeneration>>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.FeatureView(q.Namespace, q.Name);
            if (gate.Ask(Act.Read, node).Refusal is { } no)
                return no;
            var stream = node.StreamId;
            if (await pages.LoadAsync<FeatureViewPage>(stream, ct) is not { } view)
                return Problem.Of("feature_view.not_found", $"There is no '{node}'.");

            var before = q.Page.AfterNumber ?? long.MaxValue;
            var found = await pages.Query<FeatureGenerationPage>().Where(g => g.View == stream && g.Place < before)
                .OrderByDescending(g => g.Place).Take(q.Page.Limit + 1).ToListAsync(ct);
            var page = q.Page.Cut(found, g => g.Place.ToString());
            return new Page<FeatureGeneration>([.. page.Items.Select(g => sight.ShowAll(FeatureGeneration.Of(g, view)))], page.Next);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/feature-views/{ns}/{name}/generations",
                async (Segment ns, Segment name, PageRequest page, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name, page), ct)).ToHttp())
            .Answers<Page<FeatureGeneration>>("ListGenerations", "List the generations of a feature view's values, newest first");
}
