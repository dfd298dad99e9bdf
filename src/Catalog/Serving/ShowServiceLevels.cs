using Catalog.Access;
using Catalog.FeatureServices;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Serving.Metrics;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Serving;

/// <summary>Shows how a feature service keeps what it promises, by what this server counted of its own lookups since it started.</summary>
public static class ShowServiceLevels
{
    public sealed record Query(string Namespace, string Name) : IRequest<Outcome<Answer>>;

    /// <param name="Service">Its newest version, which says what is promised.</param>
    /// <param name="Since">When this server began to count.</param>
    /// <param name="Objectives">Availability always; latency where there is a target.</param>
    public sealed record Answer(NodeId Service, DateTimeOffset Since, IReadOnlyList<ObjectiveLevel> Objectives);

    internal sealed class Handler(ServedViews served, ServiceLevels levels, IQuerySession pages, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.FeatureService(q.Namespace, q.Name);
            if (gate.Ask(Act.Read, node).Refusal is { } no)
                return no;
            var found = served.Current.FindService(node);
            if (!found.Succeeded && await pages.LoadAsync<FeatureServicePage>(node.StreamId, ct) is not null)
            {
                // Applied just now: it is served in a moment.
                await served.ReachAsync(state => state.FindService(node).Succeeded, ct);
                found = served.Current.FindService(node);
            }

            return found.Succeeded
                ? new Answer(
                    found.Value.Node, levels.Since, ObjectiveLevel.Of(found.Value, levels.Of(found.Value.Node), levels.Now))
                : found.Problem;
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/feature-services/{ns}/{name}/levels",
                async (Segment ns, Segment name, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name), ct)).ToHttp())
            .Answers<Answer>("ShowServiceLevels", "Show how a feature service keeps what it promises, on this server");
}
