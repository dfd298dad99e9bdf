using System.ComponentModel.DataAnnotations;
using Catalog.Access.Policies;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Store;
using Catalog.Usage;
using FluentValidation;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access;

/// <summary>Of one thing or version: who can read its data now, who did in a period and for what, and who was refused.</summary>
public static class ReportAccess
{
    private const int DefaultDays = 30;
    private const int MostRefusals = 1_000;

    public sealed record Query(NodeId? Node, DateTimeOffset? From, DateTimeOffset? To) : IRequest<Outcome<Answer>>;

    /// <param name="Node">What it is about.</param>
    /// <param name="From">Beginning of the period.</param>
    /// <param name="To">End of it, not included.</param>
    /// <param name="Position">The log position of the policies under <paramref name="Can"/>.</param>
    /// <param name="Tags">That it bears and policies speak of.</param>
    /// <param name="Can">Every principal that is known here and may read it for some purpose, or without one.</param>
    /// <param name="Did">What was read of it, by day (UTC), so days that the period touches are whole.</param>
    /// <param name="Refused">What was refused, newest first, a thousand at most.</param>
    public sealed record Answer(
        NodeId Node, DateTimeOffset From, DateTimeOffset To, long Position, IReadOnlyList<string> Tags, IReadOnlyList<Permitted> Can,
        IReadOnlyList<Read> Did, IReadOnlyList<Refusal> Refused);

    /// <param name="Principal">Who.</param>
    /// <param name="Role">The strongest of the principal's keys.</param>
    /// <param name="Purposes">For which purposes; <c>none</c> for requests without one.</param>
    /// <param name="Obligations">What binds; where it depends on the purpose, of the first.</param>
    /// <param name="Statements">That decide, roles included.</param>
    public sealed record Permitted(
        string Principal, Role Role, IReadOnlyList<string> Purposes, AccessObligations Obligations, IReadOnlyList<string> Statements);

    /// <param name="Principal">Who.</param>
    /// <param name="Purpose">For what; empty where none was declared.</param>
    /// <param name="Way">How it left: <c>columns</c>, <c>content</c>, <c>flight</c>, …</param>
    /// <param name="Requests">How often.</param>
    /// <param name="Bytes">How much was read for it.</param>
    /// <param name="LastAt">When last.</param>
    public sealed record Read(string Principal, string Purpose, string Way, long Requests, long Bytes, DateTimeOffset LastAt);

    /// <param name="At">When.</param>
    /// <param name="Principal">Who.</param>
    /// <param name="Act">Wanted to do what.</param>
    /// <param name="Node">To what of it.</param>
    /// <param name="Purpose">For what; <c>none</c> where none was declared.</param>
    /// <param name="Ground">Why not.</param>
    /// <param name="Statements">That decided.</param>
    /// <param name="Position">The log position of the policies that decided.</param>
    /// <param name="Count">How often it was refused at once.</param>
    public sealed record Refusal(
        DateTimeOffset At, string Principal, string Act, string Node, string Purpose, AccessGround Ground,
        IReadOnlyList<string> Statements, long Position, long Count);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Node).NotNull().WithMessage("must be given, such as 'dataset:demo/flights@1'.");
            RuleFor(q => q.From).Must((q, from) => from is null || q.To is null || from < q.To).WithMessage("must lie before 'to'.");
        }
    }

    internal sealed class Handler(
        IDocumentStore store, PolicyFollower policies, DecisionLog decisions, UsageMeter meter, TimeProvider clock, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var node = q.Node ?? default;
            if (gate.Ask(Act.Audit, node).Refusal is { } no)
                return no;
            var now = clock.GetUtcNow();
            var to = q.To ?? now;
            var from = q.From ?? to.AddDays(-DefaultDays);
            await meter.FlushAsync(ct);
            await decisions.FlushAsync(ct);
            var view = policies.Current;
            var refused = await DecisionTable.ReadAsync(store, node, from, to, MostRefusals, ct);
            return new Answer(
                node, from, to, view.Position, [.. view.Resources?.TagsOf(node).Tags ?? []], Can(view, node, now),
                await DidAsync(node, from, to, ct),
                [.. refused.Where(r => r.Ground != AccessGround.Allowed).Select(Of)]);
        }

        private static IReadOnlyList<Permitted> Can(PolicyView view, NodeId node, DateTimeOffset now)
        {
            var all = new List<Permitted>();
            foreach (var principal in view.Book.Principals)
            {
                var role = view.Book.RoleOf(principal, now);
                var answers = Enum.GetValues<Purpose>().Select(p => (Purpose?)p).Prepend(null)
                    .Select(p => (Purpose: p, Decision: view.Policies.Answer(
                        new AccessRequest(principal, Act.ReadData, node, p, []) { Role = role }, now)))
                    .Where(a => a.Decision.Allowed).ToList();
                if (answers.Count == 0)
                    continue;
                all.Add(new Permitted(
                    principal, role, [.. answers.Select(a => a.Purpose is { } p ? Purposes.Write(p) : "none")],
                    answers[0].Decision.Obligations,
                    [.. answers.SelectMany(a => a.Decision.Statements).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]));
            }

            return all;
        }

        private async Task<IReadOnlyList<Read>> DidAsync(NodeId node, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) =>
            await store.ReadAsync(
                $"""
                select principal, purpose, way, sum(requests)::bigint, sum(bytes)::bigint, max(last_at)
                from {UsageTable.Name}
                where stream = $1 and ($2::bigint is null or version = $2) and day between $3 and $4
                group by 1, 2, 3 order by 6 desc, 1, 2, 3
                """,
                [node.StreamId, node.VersionNumber, DateOnly.FromDateTime(from.UtcDateTime), DateOnly.FromDateTime(to.UtcDateTime)],
                row => new Read(
                    row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4),
                    row.GetFieldValue<DateTimeOffset>(5)),
                ct);

        private static Refusal Of(AccessRecord record) => new(
            record.At, record.Principal, Acts.Write(record.Act), record.Node, record.Purpose, record.Ground, record.Statements,
            record.Position, record.Count);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/access/report",
                async ([Required] QueryNode node, HttpContext http, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(
                        new Query(node.Node, QueryWords.Time(http.Request.Query, "from"), QueryWords.Time(http.Request.Query, "to")), ct))
                    .ToHttp())
            .Reads(
                new RequestParameter("from", ParameterPlace.Query, "Beginning of the period; 30 days before its end when left out."),
                new RequestParameter("to", ParameterPlace.Query, "End of the period; now when it is left out."))
            .Answers<Answer>("ReportAccess", "Who can read a thing, who did and for what, and who was refused");
}
