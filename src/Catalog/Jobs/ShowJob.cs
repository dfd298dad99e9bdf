using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Jobs;

/// <summary>Lists jobs, by name.</summary>
public static class ListJobs
{
    public sealed record Query(string? Namespace, PageRequest Page) : IRequest<Outcome<Page<JobPage>>>;

    internal sealed class Handler(IQuerySession pages, Gate gate, ProjectionProgress progress)
        : IRequestHandler<Query, Outcome<Page<JobPage>>>
    {
        public async Task<Outcome<Page<JobPage>>> Handle(Query q, CancellationToken ct)
        {
            gate.Browse();
            if (await progress.WaitForAsync(q.Page.AtLeast, ct) is { } late)
                return late;
            return await pages.PageOfShownAsync<JobPage>(
                q.Page, jobs => q.Namespace is { } ns ? jobs.Where(j => j.Namespace == ns) : jobs,
                j => gate.Lets(Act.Read, NodeId.Job(j.Namespace, j.Name)), ct);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/jobs",
                async (string? @namespace, PageRequest page, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(@namespace, page), ct)).ToHttp())
            .Answers<Page<JobPage>>("ListJobs", "List jobs");
}

/// <summary>Shows one job.</summary>
public static class ShowJob
{
    public sealed record Query(string Namespace, string Name) : IRequest<Outcome<JobPage>>;

    internal sealed class Handler(IDocumentSession session, Gate gate) : IRequestHandler<Query, Outcome<JobPage>>
    {
        public async Task<Outcome<JobPage>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.Job(q.Namespace, q.Name);
            return gate.Ask(Act.Read, node).Refusal is { } no ? no
                : await session.Events.FetchLatest<JobPage>(node.StreamId, ct) is { } page ? page
                : Problem.Of("job.not_found", $"There is no '{node}'.");
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/jobs/{ns}/{name}",
                async (Segment ns, Segment name, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name), ct)).ToHttp(p => p.StreamVersion))
            .Answers<JobPage>("ShowJob", "Show a job");
}
