using System.ComponentModel;
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

/// <summary>Says why an edge is in the graph: all facts that say it holds or held, by whom, when, and word for word.</summary>
public static class ExplainEdge
{
    /// <param name="From">Where data came from.</param>
    /// <param name="To">What it flowed into.</param>
    /// <param name="Body">Whether OpenLineage events are shown as they were sent, too.</param>
    /// <param name="Question">As of when, and how many assertions at most.</param>
    public sealed record Query(NodeId? From, NodeId? To, bool Body, LineageQuestion Question) : IRequest<Outcome<Answer>>;

    /// <param name="From">Where data came from.</param>
    /// <param name="To">What it flowed into.</param>
    /// <param name="Position">Log position that the answer includes.</param>
    /// <param name="Statements">All that was ever known of the edge, in the order in which it became known.</param>
    /// <param name="Assertions">Every fact that says the edge, oldest first, those included that said nothing new.</param>
    /// <param name="Truncated">Whether some were left out: past a limit, which takes the oldest, or not for the caller to see.</param>
    public sealed record Answer(
        NodeId From, NodeId To, long Position, IReadOnlyList<Statement> Statements, IReadOnlyList<Assertion> Assertions, bool Truncated);

    /// <param name="Relation">How data flowed.</param>
    /// <param name="HeldFrom">Since when.</param>
    /// <param name="HeldTo">Until when; null for no end in sight.</param>
    /// <param name="KnownFrom">Log position from which on this was known.</param>
    /// <param name="KnownTo">Log position from which on something else was known; null while it stands.</param>
    /// <param name="Because">The fact by which it became known; null where the caller may not see it.</param>
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

    /// <param name="Relation">How data flowed.</param>
    /// <param name="Since">Since when, by this fact's own word; null where it leaves that to another, such as the end of its run.</param>
    /// <param name="EventTime">When it happened, as an OpenLineage event says; null for others.</param>
    /// <param name="Fact">Who said it, when, and word for word.</param>
    /// <param name="Body">The OpenLineage event as it was sent; null where it was not asked for, and for other facts.</param>
    public sealed record Assertion(
        LineageRelation Relation, DateTimeOffset? Since, DateTimeOffset? EventTime, Evidence Fact, Body? Body);

    /// <param name="State">Whether it is here.</param>
    /// <param name="Text">Byte for byte; null when it is not.</param>
    public sealed record Body(BodyState State, string? Text);

    public enum BodyState
    {
        Shown,

        /// <summary>It was erased since; the fact stays.</summary>
        Erased,

        /// <summary>The answer would be too large: ask for less with <c>asOf</c> or <c>limit</c>.</summary>
        LeftOut,
    }

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.From).NotNull().WithMessage("must be given, such as 'dataset:demo/flights@1'.");
            RuleFor(q => q.To).NotNull().WithMessage("must be given, such as 'run:0198…'.");
        }
    }

    internal sealed class Handler(
        LineageReader lineage, LogReader log, EdgeWitnesses witnesses, FileWitnesses files, Gate gate, Sight sight)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            if ((gate.Ask(Act.Read, q.From).Refusal ?? gate.Ask(Act.Read, q.To).Refusal) is { } no)
                return no;
            var scene = await lineage.SetAsync(q.Question, ct);
            if (!scene.Succeeded)
                return scene.Problem;

            var (from, to) = (q.From ?? default, q.To ?? default);
            var answer = from.Kind == NodeKind.File ? await files.ExplainAsync(scene.Value, from, to, q.Question.Limit, ct)
                : to.Kind == NodeKind.File ? await files.ExplainProjectedAsync(scene.Value, from, to, q.Question.Limit, ct)
                : await ExplainAsync(from, to, scene.Value, q, ct);
            return answer.Statements.Count > 0
                ? answer
                : Problem.Of("edge.not_found", $"Nothing flowed from '{from}' to '{to}' in one step, as far as is known.");
        }

        private async Task<Answer> ExplainAsync(NodeId from, NodeId to, Scene scene, Query q, CancellationToken ct)
        {
            var (source, target) = (scene.View.Find(from), scene.View.Find(to));
            if (source < 0 || target < 0)
                return new Answer(from, to, scene.Position, [], [], Truncated: false);

            var said = scene.View.HistoryOf(source, target, new LineageRelations(uint.MaxValue))
                .Where(s => s.KnownFrom <= scene.Position)
                .OrderBy(s => s.KnownFrom)
                .ToList();
            if (said.Count == 0)
                return new Answer(from, to, scene.Position, [], [], Truncated: false);
            var facts = await log.FindAsync([.. said.Select(s => s.KnownFrom)], ct);
            var (assertions, truncated) = await witnesses.FindAsync(
                scene, from, to, facts.Values.Select(f => f.Stream), q.Question.Limit, q.Body, ct);
            var shown = facts.Where(f => sight.Shows(f.Value.Stream, f.Value.Data.Span)).ToDictionary();
            var statements = said.Select(s => Show(s, shown.GetValueOrDefault(s.KnownFrom)));
            return new Answer(from, to, scene.Position, [.. statements], assertions, truncated);
        }

        private static Statement Show(EdgeHistory said, LogEntry? fact) => new(
            said.Relation, Time(said.HeldFrom), said.HeldTo is { } to ? Time(to) : null, said.KnownFrom, said.KnownTo,
            fact is null ? null : EdgeWitnesses.Evidence(fact));

        private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/lineage/edge",
                async (
                    [Required] QueryNode from, [Required] QueryNode to,
                    [Description("Show OpenLineage events as they were sent, too.")] bool? body, LineageQuestion question,
                    IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(from.Node, to.Node, body ?? false, question), ct)).ToHttp())
            .Answers<Answer>("ExplainEdge", "Say why an edge is in the graph", also: ProblemKind.NotFound);
}
