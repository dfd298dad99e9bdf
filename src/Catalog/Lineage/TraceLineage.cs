using System.ComponentModel.DataAnnotations;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Lineage;

/// <summary>Follows data upstream to its origins or downstream to its uses.</summary>
public static class TraceLineage
{
    public const int DefaultDepth = 20;
    public const int MaxDepth = 1_000;
    public const int DefaultLimit = 1_000;
    public const int MaxLimit = 10_000;

    public sealed record Query(NodeId? Node, LineageDirection Direction, int Depth, int Limit, long? AtLeast) : IRequest<Outcome<Answer>>;

    /// <param name="Root">Where the walk began, by number.</param>
    /// <param name="Direction">Which way it went.</param>
    /// <param name="Depth">How many edges far at most.</param>
    /// <param name="Position">Log position that the answer includes.</param>
    /// <param name="Truncated">Whether a limit left nodes out.</param>
    /// <param name="Nodes">From near to far.</param>
    /// <param name="Edges">In the direction of the flow of data.</param>
    public sealed record Answer(
        NodeId Root, LineageDirection Direction, int Depth, long Position, bool Truncated, IReadOnlyList<LineageNode> Nodes, IReadOnlyList<LineageEdge> Edges);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Node).NotNull().WithMessage("must be given, such as 'model:demo/flight-delay@2'.");
    }

    internal sealed class Handler(LineageReader lineage, Gate gate, ProjectionProgress progress) : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            if ((gate.Ask(Act.Read, q.Node).Refusal ?? await progress.WaitForAsync(q.AtLeast, ct)) is { } no)
                return no;

            var position = await progress.ReachedAsync(ct);
            var root = await lineage.ResolveAsync(q.Node ?? default, ct);
            if (!root.Succeeded)
                return root.Problem;
            var found = await lineage.WalkAsync(root.Value.Node, q.Direction, q.Depth, q.Limit, ct);
            return new Answer(found.Root, found.Direction, found.Depth, position, found.Truncated, found.Nodes, found.Edges);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/lineage",
                async ([Required] QueryNode node, QueryEnum<LineageDirection> direction, HttpContext http, IMediator mediator, CancellationToken ct) =>
                {
                    var depth = PageRequest.Number(http.Request.Query, "depth", DefaultDepth, 0, MaxDepth);
                    var limit = PageRequest.Number(http.Request.Query, "limit", DefaultLimit, 1, MaxLimit);
                    long? atLeast = http.Request.Query.ContainsKey("atLeast") ? PageRequest.Number(http.Request.Query, "atLeast", 0L, 0L, long.MaxValue) : null;
                    return (await mediator.Send(new Query(node.Node, direction.Value ?? LineageDirection.Up, depth, limit, atLeast), ct)).ToHttp();
                })
            .Reads(
                new RequestParameter("depth", ParameterPlace.Query, "Edges far at most.")
                {
                    Range = (0, MaxDepth),
                    Default = $"{DefaultDepth}",
                },
                new RequestParameter("limit", ParameterPlace.Query, "Nodes at most.")
                {
                    Range = (1, MaxLimit),
                    Default = $"{DefaultLimit}",
                },
                RequestParameter.AtLeast)
            .Answers<Answer>("TraceLineage", "Follow data upstream to its origins or downstream to its uses", also: ProblemKind.NotFound);
}
