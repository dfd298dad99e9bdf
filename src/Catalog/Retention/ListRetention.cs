using System.Text.Json;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using Catalog.Platform.Store;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Retention;

/// <summary>Lists the datasets that say how long their versions are kept, and those that are held.</summary>
public static class ListRetention
{
    public sealed record Query(long? AtLeast) : IRequest<Outcome<Answer>>;

    /// <param name="Datasets">In the order of the nodes.</param>
    public sealed record Answer(IReadOnlyList<DatasetRetention> Datasets);

    /// <param name="Node">The dataset.</param>
    /// <param name="Retention">How long versions are kept; null where all are.</param>
    /// <param name="Holds">That are on it, with their reasons.</param>
    public sealed record DatasetRetention(NodeId Node, RetentionPolicy? Retention, IReadOnlyDictionary<string, string> Holds);

    internal sealed class Handler(IDocumentStore store, Gate gate, ProjectionProgress progress) : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            gate.Browse();
            if (await progress.WaitForAsync(q.AtLeast, ct) is { } no)
                return no;
            var found = await store.ReadAsync(
                $"""
                select id, data->>'retention', data->>'holds' from {CatalogStore.Schema}.mt_doc_page_dataset
                where data->>'retention' is not null or data->'holds' <> jsonb_build_object() order by id
                """,
                [],
                row => new DatasetRetention(
                    NodeId.Parse(row.GetString(0)), row.Text(1) is { } policy ? Read<RetentionPolicy>(policy) : null,
                    row.Text(2) is { } holds ? Read<Dictionary<string, string>>(holds) : []),
                ct);
            return new Answer([.. found.Where(d => gate.Lets(Act.Read, d.Node))]);
        }

        private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, CatalogStore.Json)
            ?? throw new InvalidOperationException("What is stored of a dataset's retention is null.");
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/retention",
                async (QueryPosition atLeast, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(atLeast.Value), ct)).ToHttp())
            .Answers<Answer>("ListRetention", "List how long datasets keep their versions, and what is held");
}
