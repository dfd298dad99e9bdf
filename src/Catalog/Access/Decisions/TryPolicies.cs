using Catalog.Access.Policies;
using Catalog.Platform;
using Catalog.Platform.Http;
using FluentValidation;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access;

/// <summary>
/// Holds the decisions that were recorded in a period against statements that are wanted, and lists those that would be answered otherwise.
/// Nothing is changed. What was recorded: refusals, and who was let to data that bears a tag or in part.
/// </summary>
public static class TryPolicies
{
    private const int DefaultDays = 30;
    private const int Most = 50_000;
    private const int MostFlips = 1_000;

    /// <param name="Statements">As they would be; those that are not named stay as they are, unless they are pruned.</param>
    /// <param name="Prune">Withdraw all that are not named.</param>
    /// <param name="From">Beginning of the period; null for 30 days before its end.</param>
    /// <param name="To">End of it, not included; null for now.</param>
    public sealed record Query(
        IReadOnlyList<Statement> Statements, bool Prune = false, DateTimeOffset? From = null, DateTimeOffset? To = null)
        : IWantedPolicies, IRequest<Outcome<Answer>>;

    /// <param name="From">Beginning of the period.</param>
    /// <param name="To">End of it.</param>
    /// <param name="Decisions">How many kinds of decision were held against the statements.</param>
    /// <param name="Truncated">Whether there were more, older ones, or more flips than are listed.</param>
    /// <param name="Flips">Those that would be answered otherwise.</param>
    public sealed record Answer(DateTimeOffset From, DateTimeOffset To, int Decisions, bool Truncated, IReadOnlyList<Flip> Flips);

    /// <param name="Principal">Who.</param>
    /// <param name="Act">Did what, or wanted to.</param>
    /// <param name="Node">To what; empty for the catalog.</param>
    /// <param name="Purpose">For what; <c>none</c> where none was declared.</param>
    /// <param name="Count">How often.</param>
    /// <param name="LastAt">When last.</param>
    /// <param name="Was">What was answered.</param>
    /// <param name="WouldBe">What would be.</param>
    /// <param name="Because">Statements that would decide.</param>
    public sealed record Flip(
        string Principal, string Act, string Node, string Purpose, long Count, DateTimeOffset LastAt, AccessGround Was,
        AccessVerdict WouldBe, IReadOnlyList<string> Because);

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            Include(new WantedPoliciesValidator());
            RuleFor(q => q.From).Must((q, from) => from is null || q.To is null || from < q.To).WithMessage("must lie before 'to'.");
        }
    }

    internal sealed class Handler(
        IDocumentStore store, PolicyFollower policies, DecisionLog decisions, TimeProvider clock, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            if ((gate.Ask(Act.Govern, resource: null).Refusal ?? PolicyRules.Check(q.Statements)) is { } no)
                return no;
            await decisions.FlushAsync(ct);
            var now = clock.GetUtcNow();
            var to = q.To ?? now;
            var from = q.From ?? to.AddDays(-DefaultDays);
            var current = policies.Current;
            var set = current.Book.Set;
            var statements = q.Statements.Aggregate(
                q.Prune ? PolicySet.Empty.Statements : set.Statements, (all, s) => all.SetItem(s.Id, s));
            var draft = policies.With(current, set with { Statements = statements });

            var records = await DecisionTable.ReadAsync(store, node: null, from, to, Most, ct);
            var kinds = records.GroupBy(r => (r.Principal, r.Act, r.Node, r.Purpose, r.Groups)).ToList();
            var flips = kinds.Select(k => FlipOf(k, current, draft, now)).OfType<Flip>().OrderByDescending(f => f.LastAt).ToList();
            return new Answer(
                from, to, kinds.Count, records.Count == Most || flips.Count > MostFlips, [.. flips.Take(MostFlips)]);
        }

        /// <summary>
        /// Judged as of now, by the role that the principal has, or had where it was recorded, and the groups that its token claimed then.
        /// </summary>
        private static Flip? FlipOf(IEnumerable<AccessRecord> alike, PolicyView current, PolicyView draft, DateTimeOffset now)
        {
            var newest = alike.First();
            NodeId? node = newest.Node.Length > 0 && NodeId.TryParse(newest.Node, out var parsed, out _) ? parsed : null;
            var role = (Role)Math.Max((int)current.Book.RoleOf(newest.Principal, now), (int)newest.Role);
            var request = new AccessRequest(
                newest.Principal, newest.Act, node, Purposes.TryParse(newest.Purpose, out var purpose) ? purpose : null, [])
            {
                Role = role,
                Groups = newest.Groups.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            };
            var (stands, wouldBe) = (current.Policies.Answer(request, now), draft.Policies.Answer(request, now));
            return AccessVerdict.Of(stands) == AccessVerdict.Of(wouldBe)
                ? null
                : new Flip(
                    newest.Principal, Acts.Write(newest.Act), newest.Node, newest.Purpose, alike.Sum(a => a.Count), newest.At,
                    newest.Ground, AccessVerdict.Of(wouldBe), wouldBe.Statements);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/policies/what-if",
                async (Query q, IMediator mediator, CancellationToken ct) => (await mediator.Send(q, ct)).ToHttp())
            .Answers<Answer>("TryPolicies", "Which recorded decisions would be answered otherwise by these statements");
}
