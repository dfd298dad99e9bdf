using System.ComponentModel.DataAnnotations;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Lineage;

/// <summary>Follows data upstream to its origins, downstream to its uses, or both ways.</summary>
public static class TraceLineage
{
    public sealed record Query(NodeId? Node, LineageDirection Direction, LineageQuestion Question) : IRequest<Outcome<Answer>>;

    /// <param name="Root">Where the walk began, by number.</param>
    /// <param name="Direction">Which way it went.</param>
    /// <param name="Granularity">Along what.</param>
    /// <param name="Depth">How many edges far at most.</param>
    /// <param name="Position">Log position that the answer includes, and that nothing later shows in.</param>
    /// <param name="At">What held then; null for what holds without an end in sight.</param>
    /// <param name="Truncated">Whether a limit left nodes out.</param>
    /// <param name="Nodes">From near to far.</param>
    /// <param name="Edges">In the direction of the flow of data.</param>
    /// <param name="Redacted">How many nodes stand for others, which the caller may not see.</param>
    public sealed record Answer(
        NodeId Root, LineageDirection Direction, LineageGranularity Granularity, int Depth, long Position, DateTimeOffset? At,
        bool Truncated, IReadOnlyList<LineageNode> Nodes, IReadOnlyList<LineageEdge> Edges, int Redacted);

    internal const string NodeMissing = "must be given, such as 'model:demo/flight-delay@2'.";

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => RuleFor(q => q.Node).NotNull().WithMessage(NodeMissing);
    }

    internal sealed class Handler(LineageTracer tracer, Gate gate) : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            if (gate.Ask(Act.Read, q.Node).Refusal is { } no)
                return no;
            var traced = await tracer.TraceAsync(q.Node ?? default, q.Direction, q.Question, ct);
            if (!traced.Succeeded)
                return traced.Problem;
            var (scene, found, redacted) = traced.Value;
            return new Answer(
                found.Root, q.Direction, q.Question.Granularity, q.Question.Depth, scene.Position, q.Question.At,
                found.Truncated, found.Nodes, found.Edges, redacted);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/lineage",
                async (
                    [Required] QueryNode node, QueryEnum<LineageDirection> direction, QueryEnum<LineageFormat> format,
                    LineageQuestion question, IMediator mediator, CancellationToken ct) =>
                {
                    var way = direction.Value ?? LineageDirection.Up;
                    return format.Value is { } written and not LineageFormat.Json
                        ? ExportLineage.ToHttp(await mediator.Send(new ExportLineage.Query(node.Node, way, written, question), ct))
                        : (await mediator.Send(new Query(node.Node, way, question), ct)).ToHttp();
                })
            .Answers<Answer>("TraceLineage", "Follow data upstream to its origins or downstream to its uses", also: ProblemKind.NotFound)
            .AlsoWrites("text/plain");
}
