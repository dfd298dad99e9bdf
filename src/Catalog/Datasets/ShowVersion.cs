using Catalog.Access;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Datasets;

/// <summary>Shows one version of a dataset, with the statistics of its columns.</summary>
public static class ShowVersion
{
    public sealed record Query(string Namespace, string Name, string Version) : IRequest<Outcome<VersionPage>>;

    internal sealed class Handler(IQuerySession pages, States states, Gate gate, ManifestStore manifests, PolicyFollower policies)
        : IRequestHandler<Query, Outcome<VersionPage>>
    {
        public async Task<Outcome<VersionPage>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.Dataset(q.Namespace, q.Name);
            var dataset = await states.LoadAsync<Dataset>(node.StreamId, ct);
            if (gate.Ask(Act.Read, node, dataset?.Tags ?? []).Refusal is { } no)
                return no;
            if (dataset is null)
                return Problem.Of("dataset.not_found", $"There is no '{node}'.");
            if (dataset.Resolve(q.Version) is not { } number)
                return VersionText.NotFound(node, q.Version);

            if (await policies.KnowAsync(node.WithVersion(number), ct) is { } late)
                return late;
            if (gate.Ask(Act.Read, node.WithVersion(number), dataset.Tags).Refusal is { } notThisOne)
                return notThisOne;

            var page = await pages.LoadAsync<VersionPage>(VersionPages.Id(dataset.Id, number), ct)
                ?? throw new InvalidOperationException($"{node}@{number} has no page.");
            if (page.ManifestHash is not { } hash)
                return page;
            var root = await manifests.LoadRootAsync(hash, ct);
            return page with { Statistics = ShownStatistics.Of(root.Statistics, gate.Binds(node.WithVersion(number), dataset.Tags)) };
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/datasets/{ns}/{name}/versions/{version}",
                async (Segment ns, Segment name, Segment version, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name, version), ct)).ToHttp())
            .Answers<VersionPage>("ShowVersion", "Show a version of a dataset");
}

/// <summary>Lists the versions of a dataset, newest first.</summary>
public static class ListVersions
{
    public sealed record Query(string Namespace, string Name, PageRequest Page) : IRequest<Outcome<Page<VersionPage>>>;

    internal sealed class Handler(IQuerySession pages, States states, Gate gate) : IRequestHandler<Query, Outcome<Page<VersionPage>>>
    {
        public async Task<Outcome<Page<VersionPage>>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.Dataset(q.Namespace, q.Name);
            var stream = node.StreamId;
            var dataset = await states.LoadAsync<Dataset>(stream, ct);
            if (gate.Ask(Act.Read, node, dataset?.Tags ?? []).Refusal is { } no)
                return no;
            if (dataset is null)
                return Problem.Of("dataset.not_found", $"There is no '{node}'.");

            var before = q.Page.AfterNumber ?? long.MaxValue;
            var found = await pages.Query<VersionPage>()
                .Where(v => v.Dataset == stream && v.Number < before)
                .OrderByDescending(v => v.Number)
                .Take(q.Page.Limit + 1)
                .ToListAsync(ct);
            var page = q.Page.Cut(found, v => v.Number.ToString());
            return page with
            {
                Items = [.. page.Items.Where(v => gate.Lets(Act.Read, node.WithVersion(v.Number), dataset.Tags))],
            };
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/datasets/{ns}/{name}/versions",
                async (Segment ns, Segment name, PageRequest page, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name, page), ct)).ToHttp())
            .Answers<Page<VersionPage>>("ListVersions", "List the versions of a dataset, newest first");
}
