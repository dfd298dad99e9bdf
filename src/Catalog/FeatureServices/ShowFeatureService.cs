using System.Collections.Immutable;
using Catalog.Access;
using Catalog.Datasets;
using Catalog.Lineage;
using Catalog.Platform;
using Catalog.Platform.Http;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.FeatureServices;

/// <summary>Shows one feature service with all its versions.</summary>
public static class ShowFeatureService
{
    public sealed record Query(string Namespace, string Name) : IRequest<Outcome<FeatureServicePage>>;

    internal sealed class Handler(IQuerySession pages, LineageSight sight, Gate gate) : IRequestHandler<Query, Outcome<FeatureServicePage>>
    {
        public async Task<Outcome<FeatureServicePage>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.FeatureService(q.Namespace, q.Name);
            return gate.Ask(Act.Read, node).Refusal is { } no ? no
                : await pages.LoadAsync<FeatureServicePage>(node.StreamId, ct) is { } page ? sight.ShowAll(page)
                : Problem.Of("feature_service.not_found", $"There is no '{node}'.");
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/feature-services/{ns}/{name}",
                async (Segment ns, Segment name, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name), ct)).ToHttp(p => p.StreamVersion))
            .Answers<FeatureServicePage>("ShowFeatureService", "Show a feature service and its versions");
}

/// <summary>Shows one version of a feature service.</summary>
public static class ShowFeatureServiceVersion
{
    public sealed record Query(string Namespace, string Name, string Version) : IRequest<Outcome<FeatureServiceVersion>>;

    internal sealed class Handler(IQuerySession pages, LineageSight sight, Gate gate)
        : IRequestHandler<Query, Outcome<FeatureServiceVersion>>
    {
        public async Task<Outcome<FeatureServiceVersion>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.FeatureService(q.Namespace, q.Name);
            if (gate.Ask(Act.Read, node).Refusal is { } no)
                return no;
            if (await pages.LoadAsync<FeatureServicePage>(node.StreamId, ct) is not { } page)
                return Problem.Of("feature_service.not_found", $"There is no '{node}'.");
            return VersionText.Resolve(q.Version, page.Latest, ImmutableDictionary<string, long>.Empty) is { } number
                ? sight.ShowAll(page.Versions[(int)number - 1])
                : VersionText.NotFound(node, q.Version);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/feature-services/{ns}/{name}/versions/{version}",
                async (Segment ns, Segment name, Segment version, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name, version), ct)).ToHttp())
            .Answers<FeatureServiceVersion>("ShowFeatureServiceVersion", "Show a version of a feature service");
}
