using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Datasets;

/// <summary>Shows one dataset, as it is at this moment.</summary>
public static class ShowDataset
{
    public sealed record Query(string Namespace, string Name) : IRequest<Outcome<DatasetPage>>;

    internal sealed class Handler(IDocumentSession session, Gate gate) : IRequestHandler<Query, Outcome<DatasetPage>>
    {
        public async Task<Outcome<DatasetPage>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.Dataset(q.Namespace, q.Name);
            var page = await session.Events.FetchLatest<DatasetPage>(node.StreamId, ct);
            return gate.Ask(Act.Read, node, page?.Tags ?? []).Refusal is { } no ? no
                : page is null ? Problem.Of("dataset.not_found", $"There is no '{node}'.")
                : page;
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/datasets/{ns}/{name}",
                async (Segment ns, Segment name, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name), ct)).ToHttp(p => p.StreamVersion))
            .Answers<DatasetPage>("ShowDataset", "Show a dataset");
}
