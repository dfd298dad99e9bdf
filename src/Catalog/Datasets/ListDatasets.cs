using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Datasets;

/// <summary>Lists datasets by name; of one namespace or with one tag where asked.</summary>
public static class ListDatasets
{
    public sealed record Query(string? Namespace, string? Tag, PageRequest Page) : IRequest<Outcome<Page<DatasetPage>>>;

    internal sealed class Handler(IQuerySession pages, Gate gate, ProjectionProgress progress)
        : IRequestHandler<Query, Outcome<Page<DatasetPage>>>
    {
        public async Task<Outcome<Page<DatasetPage>>> Handle(Query q, CancellationToken ct)
        {
            gate.Browse();
            if (await progress.WaitForAsync(q.Page.AtLeast, ct) is { } late)
                return late;
            return await pages.PageOfShownAsync<DatasetPage>(
                q.Page,
                datasets =>
                {
                    datasets = q.Namespace is { } ns ? datasets.Where(d => d.Namespace == ns) : datasets;
                    return q.Tag is { } tag ? datasets.Where(d => d.Tags.Contains(tag)) : datasets;
                },
                d => gate.Lets(Act.Read, NodeId.Dataset(d.Namespace, d.Name), d.Tags),
                ct);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/datasets",
                async (string? @namespace, string? tag, PageRequest page, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(@namespace, tag, page), ct)).ToHttp())
            .Answers<Page<DatasetPage>>("ListDatasets", "List datasets");
}
