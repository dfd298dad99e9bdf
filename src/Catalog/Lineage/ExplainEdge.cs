using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Log;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Lineage;

/// <summary>Says why an edge is in the graph: the facts that say it holds or held, by whom, when, and word for word.</summary>
public static class ExplainEdge
{
    public sealed record Query(NodeId? From, NodeId? To, LineageQuestion Question) : IRequest<Outcome<Answer>>;

    /// <param name="From">Where data came from.</param>
    /// <param name="To">What it flowed into.</param>
    /// <param name="Position">Log position that the answer includes.</param>
    /// <param name="Statements">All that was ever said of the edge, in the order in which it became known.</param>
    public sealed record Answer(NodeId From, NodeId To, long Position, IReadOnlyList<Statement> Statements);

    /// <param name="Relation">How data flowed.</param>
    /// <param name="HeldFrom">Since when.</param>
    /// <param name="HeldTo">Until when; null for no end in sight.</param>
    /// <param name="KnownFrom">Log position from which on this was known.</param>
    /// <param name="KnownTo">Log position from which on something else was known; null while it stands.</param>
    /// <param name="Because">The fact that said so.</param>
    public sealed record Statement(
        LineageRelation Relation, DateTimeOffset HeldFrom, DateTimeOffset? HeldTo, long KnownFrom, long? KnownTo, Evidence? Because);

    /// <param name="Position">Its number in the log.</param>
    /// <param name="Stream">The stream it belongs to.</param>
    /// <param name="StreamVersion">Its number in the stream.</param>
    /// <param name="Type">Its stored name.</param>
    /// <param name="RecordedAt">When.</param>
    /// <param name="Principal">By whom.</param>
    /// <param name="Fact">Word for word.</param>
    public sealed record Evidence(
        long Position, string Stream, long StreamVersion, string Type, DateTimeOffset RecordedAt, string? Principal, JsonElement Fact);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.From).NotNull().WithMessage("must be given, such as 'dataset:demo/flights@1'.");
            RuleFor(q => q.To).NotNull().WithMessage("must be given, such as 'run:0198…'.");
        }
    }

    internal sealed class Handler(LineageReader lineage, LogReader log, Gate gate) : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            if ((gate.Ask(Act.Read, q.From).Refusal ?? gate.Ask(Act.Read, q.To).Refusal) is { } no)
                return no;
            var scene = await lineage.SetAsync(q.Question, ct);
            if (!scene.Succeeded)
                return scene.Problem;

            var (view, from, to) = (scene.Value.View, q.From ?? default, q.To ?? default);
            var (source, target) = (view.Find(from), view.Find(to));
            var said = source < 0 || target < 0 ? []
                : view.HistoryOf(source, target, new LineageRelations(uint.MaxValue)).Where(s => s.KnownFrom <= scene.Value.Position).ToList();
            if (said.Count == 0)
                return Problem.Of("edge.not_found", $"Nothing flowed from '{from}' to '{to}' in one step, as far as is known.");

            var facts = await log.FindAsync([.. said.Select(s => s.KnownFrom)], ct);
            return new Answer(from, to, scene.Value.Position, [.. said.OrderBy(s => s.KnownFrom).Select(s => Show(s, facts.GetValueOrDefault(s.KnownFrom)))]);
        }

        private static Statement Show(EdgeHistory said, LogEntry? fact) => new(
            said.Relation, Time(said.HeldFrom), said.HeldTo is { } to ? Time(to) : null, said.KnownFrom, said.KnownTo,
            fact is null ? null : new Evidence(
                fact.Position, fact.Stream, fact.Version, fact.Type, fact.Time, fact.Principal, JsonSerializer.Deserialize<JsonElement>(fact.Data.Span)));

        private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/lineage/edge",
                async ([Required] QueryNode from, [Required] QueryNode to, LineageQuestion question, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(from.Node, to.Node, question), ct)).ToHttp())
            .Answers<Answer>("ExplainEdge", "Say why an edge is in the graph", also: ProblemKind.NotFound);
}
