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

namespace Catalog.Features;

/// <summary>Shows one feature view with all its versions.</summary>
public static class ShowFeatureView
{
    public sealed record Query(string Namespace, string Name) : IRequest<Outcome<FeatureViewPage>>;

    internal sealed class Handler(IQuerySession pages, LineageSight sight, Gate gate) : IRequestHandler<Query, Outcome<FeatureViewPage>>
    {
        public async Task<Outcome<FeatureViewPage>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.FeatureView(q.Namespace, q.Name);
            return gate.Ask(Act.Read, node).Refusal is { } no ? no
                : await pages.LoadAsync<FeatureViewPage>(node.StreamId, ct) is { } page ? sight.ShowAll(page)
                : Problem.Of("feature_view.not_found", $"There is no '{node}'.");
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/feature-views/{ns}/{name}",
                async (Segment ns, Segment name, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name), ct)).ToHttp(p => p.StreamVersion))
            .Answers<FeatureViewPage>("ShowFeatureView", "Show a feature view and its versions");
}

/// <summary>Shows one version of a feature view.</summary>
public static class ShowFeatureViewVersion
{
    public sealed record Query(string Namespace, string Name, string Version) : IRequest<Outcome<FeatureViewVersion>>;

    internal sealed class Handler(IQuerySession pages, LineageSight sight, Gate gate) : IRequestHandler<Query, Outcome<FeatureViewVersion>>
    {
        public async Task<Outcome<FeatureViewVersion>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.FeatureView(q.Namespace, q.Name);
            if (gate.Ask(Act.Read, node).Refusal is { } no)
                return no;
            if (await pages.LoadAsync<FeatureViewPage>(node.StreamId, ct) is not { } page)
                return Problem.Of("feature_view.not_found", $"There is no '{node}'.");
            return VersionText.Resolve(q.Version, page.Latest, ImmutableDictionary<string, long>.Empty) is { } number
                ? sight.ShowAll(page.Versions[(int)number - 1])
                : VersionText.NotFound(node, q.Version);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/feature-views/{ns}/{name}/versions/{version}",
                async (Segment ns, Segment name, Segment version, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name, version), ct)).ToHttp())
            .Answers<FeatureViewVersion>("ShowFeatureViewVersion", "Show a version of a feature view");
}
