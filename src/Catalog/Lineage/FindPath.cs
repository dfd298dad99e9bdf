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

    internal sealed class Handler(LineageReader lineage, FilesInLineage files, LineageSight sight, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            if ((gate.Ask(Act.Read, q.From).Refusal ?? gate.Ask(Act.Read, q.To).Refusal) is { } no)
                return no;
            var scene = await lineage.SetAsync(q.Question, ct);
            if (!scene.Succeeded)
                return scene.Problem;
            var from = await lineage.ResolveAsync(q.From ?? default, scene.Value, ct);
            var to = await lineage.ResolveAsync(q.To ?? default, scene.Value, ct);
            if ((from.Problem ?? to.Problem) is { } unknown)
                return unknown;

            var (start, end) = (from.Value?.Node ?? default, to.Value?.Node ?? default);
            var way = start.Kind == NodeKind.File ? await FromFileAsync(start, end, scene.Value, q.Question.Depth, ct)
                : end.Kind == NodeKind.File ? await IntoFileAsync([start], end, scene.Value, q.Question.Depth, ct)
                : Find([start], end, scene.Value, q.Question.Depth);
            return new Answer(start, end, scene.Value.Position, Found: start == end || way.Count > 0, [.. way.Select(sight.Show)]);
        }

        /// <summary>A file is not in the graph: the way goes through a version that it is part of, nearest to the end.</summary>
        private async Task<IReadOnlyList<LineageEdge>> FromFileAsync(NodeId file, NodeId to, Scene scene, int depth, CancellationToken ct)
        {
            if (to == file || depth == 0)
                return [];
            var versions = await files.VersionsOfAsync(file, ct);
            if (versions.Contains(to))
                return [new LineageEdge(file, to, LineageRelation.File)];
            var way = to.Kind == NodeKind.File
                ? await IntoFileAsync(versions, to, scene, depth - 1, ct)
                : Find(versions, to, scene, depth - 1);
            return way.Count == 0 ? [] : [new LineageEdge(file, way[0].From, LineageRelation.File), .. way];
        }

        /// <summary>The way into a file goes through a version that it shows something of.</summary>
        private async Task<IReadOnlyList<LineageEdge>> IntoFileAsync(
            IReadOnlyList<NodeId> from, NodeId file, Scene scene, int depth, CancellationToken ct)
        {
            if (depth == 0)
                return [];
            var versions = await files.ProjectedFromAsync(file, ct);
            if (versions.Any(from.Contains))
                return [Last(versions.First(from.Contains))];
            return versions.Select(v => (IReadOnlyList<LineageEdge>)[.. Find(from, v, scene, depth - 1), Last(v)])
                .Where(way => way.Count > 1).MinBy(way => way.Count) ?? [];

            LineageEdge Last(NodeId version) => new(version, file, LineageRelation.Projected);
        }

        /// <summary>A shortest way from any of some nodes; empty when there is none.</summary>
        private static IReadOnlyList<LineageEdge> Find(IReadOnlyList<NodeId> from, NodeId to, Scene scene, int depth)
        {
            var (starts, end) = (from.Select(scene.View.Find).Where(n => n >= 0).ToHashSet(), scene.View.Find(to));
            if (starts.Count == 0 || end < 0)
                return [];

            // Upstream from the end: fewer things lead to one thing than come of one.
            var walk = scene.View.Walk([end], LineageDirection.Up, scene.Relations, scene.Moment, depth);
            if (walk.PlaceOfAny(starts) is var place && place < 0)
                return [];
            var way = walk.WayTo(place).Reverse().ToList();
            return [.. way.Zip(way.Skip(1), (a, b) => StepBetween(a, b, scene))];
        }

        private static LineageEdge StepBetween(int from, int to, Scene scene)
        {
            var edges = scene.View.EdgesAmong([from, to], scene.Relations, scene.Moment);
            var step = edges.First(e => e.From == from && e.To == to);
            return new LineageEdge(scene.View.NodeOf(step.From), scene.View.NodeOf(step.To), step.Relation);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/lineage/path",
                async (
                    [Required] QueryNode from, [Required] QueryNode to, LineageQuestion question,
                    IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(from.Node, to.Node, question), ct)).ToHttp())
            .Answers<Answer>(
                "FindPath", "Find a shortest way along which data flowed from one node to another", also: ProblemKind.NotFound);
}
