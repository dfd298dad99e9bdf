using Catalog.Access;
using Catalog.Datasets;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using Catalog.Platform.Store;
using Catalog.Platform.Writes;
using Catalog.Storage.Tiering;
using Catalog.Tiers;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Tiering;

/// <summary>Shows which tiers there are, what they cost, and who has a policy.</summary>
public static class ShowTiers
{
    public sealed record Query(long? AtLeast) : IRequest<Outcome<Answer>>;

    /// <param name="Tiers">That this server has a place for; the object store always is one.</param>
    /// <param name="Prices">Null until somebody declared them.</param>
    /// <param name="Namespaces">Policies, by namespace.</param>
    /// <param name="Datasets">Policies of their own, in the order of the nodes.</param>
    public sealed record Answer(
        IReadOnlyList<Tier> Tiers, PriceTable? Prices, IReadOnlyDictionary<string, TierPolicy> Namespaces,
        IReadOnlyList<DatasetTiers> Datasets);

    public sealed record DatasetTiers(NodeId Node, TierPolicy Policy);

    internal sealed class Handler(States states, IDocumentStore store, StorageTiers places, Gate gate, ProjectionProgress progress)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            if ((gate.Ask(Act.Operate, resource: null).Refusal ?? await progress.WaitForAsync(q.AtLeast, ct)) is { } no)
                return no;
            var state = await states.LoadAsync<CatalogState>(CatalogState.Stream, ct);
            return new Answer(
                [.. Enum.GetValues<Tier>().Where(places.Has)],
                state?.Prices,
                state?.NamespaceTiers ?? CatalogState.NoTiers,
                await DatasetsAsync(ct));
        }

        private async Task<IReadOnlyList<DatasetTiers>> DatasetsAsync(CancellationToken ct) => await store.ReadAsync(
            $"select id, data->>'tiers' from {CatalogStore.Schema}.mt_doc_page_dataset where data->>'tiers' is not null order by id",
            [],
            row => new DatasetTiers(NodeId.Parse(row.GetString(0)), TierPolicies.Read(row.GetString(1))),
            ct);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/tiers",
                async (QueryPosition atLeast, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(atLeast.Value), ct)).ToHttp())
            .Answers<Answer>("ShowTiers", "Show the tiers, their prices and policies");
}
