using Catalog.Access;
using Catalog.Lineage;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using Catalog.Platform.Writes;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Models;

/// <summary>Shows one model, as it is at this moment.</summary>
public static class ShowModel
{
    public sealed record Query(string Namespace, string Name) : IRequest<Outcome<ModelPage>>;

    internal sealed class Handler(IDocumentSession session, Gate gate) : IRequestHandler<Query, Outcome<ModelPage>>
    {
        public async Task<Outcome<ModelPage>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.Model(q.Namespace, q.Name);
            return gate.Ask(Act.Read, node).Refusal is { } no ? no
                : await session.Events.FetchLatest<ModelPage>(node.StreamId, ct) is { } page ? page
                : Problem.Of("model.not_found", $"There is no '{node}'.");
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/models/{ns}/{name}",
                async (Segment ns, Segment name, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name), ct)).ToHttp(p => p.StreamVersion))
            .Answers<ModelPage>("ShowModel", "Show a model");
}

/// <summary>Lists models by name.</summary>
public static class ListModels
{
    public sealed record Query(string? Namespace, PageRequest Page) : IRequest<Outcome<Page<ModelPage>>>;

    internal sealed class Handler(IQuerySession pages, Gate gate, ProjectionProgress progress)
        : IRequestHandler<Query, Outcome<Page<ModelPage>>>
    {
        public async Task<Outcome<Page<ModelPage>>> Handle(Query q, CancellationToken ct)
        {
            gate.Browse();
            if (await progress.WaitForAsync(q.Page.AtLeast, ct) is { } late)
                return late;
            return await pages.PageOfShownAsync<ModelPage>(
                q.Page, models => q.Namespace is { } ns ? models.Where(m => m.Namespace == ns) : models,
                m => gate.Lets(Act.Read, NodeId.Model(m.Namespace, m.Name)), ct);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/models",
                async (string? @namespace, PageRequest page, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(@namespace, page), ct)).ToHttp())
            .Answers<Page<ModelPage>>("ListModels", "List models");
}

/// <summary>Shows one version of a model.</summary>
public static class ShowModelVersion
{
    public sealed record Query(string Namespace, string Name, string Version) : IRequest<Outcome<ModelVersionPage>>;

    internal sealed class Handler(IQuerySession pages, States states, PolicyFollower policies, LineageSight sight, Gate gate)
        : IRequestHandler<Query, Outcome<ModelVersionPage>>
    {
        public async Task<Outcome<ModelVersionPage>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.Model(q.Namespace, q.Name);
            if (gate.Ask(Act.Read, node).Refusal is { } no)
                return no;
            if (await states.LoadAsync<Model>(node.StreamId, ct) is not { } model)
                return Problem.Of("model.not_found", $"There is no '{node}'.");
            if (Datasets.VersionText.Resolve(q.Version, model.Latest, model.Aliases) is not { } number)
                return Datasets.VersionText.NotFound(node, q.Version);
            if (await policies.KnowAsync(node.WithVersion(number), ct) is { } late)
                return late;
            if (gate.Ask(Act.Read, node.WithVersion(number)).Refusal is { } notThisOne)
                return notThisOne;
            return sight.ShowAll(await pages.LoadAsync<ModelVersionPage>(ModelVersionPages.Id(model.Id, number), ct)
                ?? throw new InvalidOperationException($"{node}@{number} has no page."));
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/models/{ns}/{name}/versions/{version}",
                async (Segment ns, Segment name, Segment version, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name, version), ct)).ToHttp())
            .Answers<ModelVersionPage>("ShowModelVersion", "Show a version of a model");
}

/// <summary>Lists the versions of a model, newest first.</summary>
public static class ListModelVersions
{
    public sealed record Query(string Namespace, string Name, PageRequest Page) : IRequest<Outcome<Page<ModelVersionPage>>>;

    internal sealed class Handler(IQuerySession pages, States states, LineageSight sight, Gate gate)
        : IRequestHandler<Query, Outcome<Page<ModelVersionPage>>>
    {
        public async Task<Outcome<Page<ModelVersionPage>>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.Model(q.Namespace, q.Name);
            if (gate.Ask(Act.Read, node).Refusal is { } no)
                return no;
            var stream = node.StreamId;
            if (await states.LoadAsync<Model>(stream, ct) is null)
                return Problem.Of("model.not_found", $"There is no '{node}'.");

            var before = q.Page.AfterNumber ?? long.MaxValue;
            var found = await pages.Query<ModelVersionPage>()
                .Where(v => v.Model == stream && v.Number < before).OrderByDescending(v => v.Number).Take(q.Page.Limit + 1).ToListAsync(ct);
            var page = q.Page.Cut(found, v => v.Number.ToString());
            return page with
            {
                Items = [.. page.Items.Where(v => gate.Lets(Act.Read, node.WithVersion(v.Number))).Select(sight.ShowAll)],
            };
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/models/{ns}/{name}/versions",
                async (Segment ns, Segment name, PageRequest page, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name, page), ct)).ToHttp())
            .Answers<Page<ModelVersionPage>>("ListModelVersions", "List the versions of a model, newest first");
}
