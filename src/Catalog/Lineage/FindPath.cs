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

/// <summary>Finds a shortest way along which data flowed from one node to another.</summary>
public static class FindPath
{
    public sealed record Query(NodeId? From, NodeId? To, LineageQuestion Question) : IRequest<Outcome<Answer>>;

    /// <param name="From">Where the way was looked for from, by number.</param>
    /// <param name="To">Where to, by number.</param>
    /// <param name="Position">Log position that the answer includes.</param>
    /// <param name="Found">Whether data flowed from one to the other at all.</param>
    /// <param name="Edges">The way, step by step; empty when there is none.</param>
    public sealed record Answer(NodeId From, NodeId To, long Position, bool Found, IReadOnlyList<LineageEdge> Edges);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.From).NotNull().WithMessage("must be given, such as 'dataset:demo/flights@1'.");
            RuleFor(q => q.To).NotNull().WithMessage("must be given, such as 'model:demo/flight-delay@2'.");
        }
    }

    internal sealed class Handler(LineageReader lineage, Gate gate) : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            if ((gate.Ask(Act.Read, q.From).Refusal ?? gate.Ask(Act.Read, q.To).Refusal) is { } no)
                return no;
            var scene = await lineage.SetAsync(q.Question, ct);
            if (!scene.Succeeded)
                return scene.Problem;
            var (from, to) = (await lineage.ResolveAsync(q.From ?? default, scene.Value, ct), await lineage.ResolveAsync(q.To ?? default, scene.Value, ct));
            return (from.Problem ?? to.Problem) is { } unknown ? unknown : Find(from.Value?.Node ?? default, to.Value?.Node ?? default, scene.Value, q.Question.Depth);
        }

        private static Answer Find(NodeId from, NodeId to, Scene scene, int depth)
        {
            var (start, end) = (scene.View.Find(from), scene.View.Find(to));
            if (start < 0 || end < 0)
                return new Answer(from, to, scene.Position, Found: from == to, []);

            // Upstream from the end: fewer things lead to one thing than come of one.
            var walk = scene.View.Walk([end], LineageDirection.Up, scene.Relations, scene.Moment, depth);
            var place = walk.PlaceOf(start);
            if (place < 0)
                return new Answer(from, to, scene.Position, Found: false, []);

            var way = walk.WayTo(place).Reverse().ToList();
            var steps = way.Zip(way.Skip(1), (a, b) => scene.View.EdgesAmong([a, b], scene.Relations, scene.Moment).First(e => e.From == a && e.To == b));
            return new Answer(
                from, to, scene.Position, Found: true, [.. steps.Select(s => new LineageEdge(scene.View.NodeOf(s.From), scene.View.NodeOf(s.To), s.Relation))]);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/lineage/path",
                async ([Required] QueryNode from, [Required] QueryNode to, LineageQuestion question, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(from.Node, to.Node, question), ct)).ToHttp())
            .Answers<Answer>("FindPath", "Find a shortest way along which data flowed from one node to another", also: ProblemKind.NotFound);
}
