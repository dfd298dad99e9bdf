using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Jobs;

/// <summary>Reads the measured series of a run, straight from its facts.</summary>
public static class ReadMetrics
{
    public sealed record Query(Guid Run, string? Key) : IRequest<Outcome<Answer>>;

    public sealed record Answer(NodeId Node, IReadOnlyList<MetricPoint> Points);

    internal sealed class Handler(IQuerySession session, Gate gate) : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var node = NodeId.Run(q.Run);
            if (gate.Ask(Act.Read, node).Refusal is { } no)
                return no;
            var facts = await session.Events.FetchStreamAsync(node.StreamId, token: ct);
            if (facts.Count == 0)
                return Problem.Of("run.not_found", $"There is no '{node}'.");

            var points = facts.Select(f => f.Data).OfType<RunMetricsLogged>().SelectMany(f => f.Points).Where(p => q.Key is null || p.Key == q.Key);
            return new Answer(node, [.. points.OrderBy(p => p.Key, StringComparer.Ordinal).ThenBy(p => p.Step)]);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/runs/{id:guid}/metrics",
                async (Guid id, string? key, IMediator mediator, CancellationToken ct) => (await mediator.Send(new Query(id, key), ct)).ToHttp())
            .Answers<Answer>("ReadMetrics", "Read the measured series of a run");
}
