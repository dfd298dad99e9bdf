using Catalog.Access.Policies;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access;

/// <summary>
/// Makes statements of policy what they are wanted to be: all of them, or, where one cannot be, none. When it answers, every request to
/// this server is decided by them.
/// </summary>
public static class ApplyPolicies
{
    /// <param name="Statements">As they are to be; those that are not named stay as they are, unless they are pruned.</param>
    /// <param name="Prune">Withdraw all that are not named.</param>
    /// <param name="ExpectedPlan">The hash of the plan that was shown: where another one would be carried out, nothing is.</param>
    public sealed record Command(IReadOnlyList<Statement> Statements, bool Prune = false, string? ExpectedPlan = null)
        : IWantedPolicies, IRequest<Outcome<Answer>>;

    /// <param name="Plan">What was done.</param>
    /// <param name="Changed">False when all was so already.</param>
    /// <param name="Position">Log position that includes it.</param>
    public sealed record Answer(PolicyPlan Plan, bool Changed, long Position);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            Include(new WantedPoliciesValidator());
            RuleFor(c => c.ExpectedPlan).IsText(Limits.IdempotencyKey);
        }
    }

    public static Decision Decide(PolicyStatement? state, Statement? wanted) => (state?.Current, wanted) switch
    {
        (null, null) => Decision.Unchanged,
        ({ } current, null) => Decision.Accept(new PolicyStatementWithdrawn(current.Id)),
        (var current, { } after) => after.Equals(current) ? Decision.Unchanged : Decision.Accept(new PolicyStatementSet(after)),
    };

    internal sealed class Handler(WritePath writes, PolicyFollower policies, Gate gate) : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            if ((gate.Ask(Act.Govern, resource: null).Refusal ?? PolicyRules.Check(c.Statements)) is { } no)
                return no;
            var current = policies.Current.Policies.Set.Statements;
            var plan = PolicyPlan.Of(c.Statements, current, c.Prune);
            if (c.ExpectedPlan is { } shown && shown != plan.Hash)
                return Stale;
            var changes = plan.Statements.Where(s => s.Change != PolicyChange.Unchanged).ToList();
            if (changes.Count == 0)
                return new Answer(plan, Changed: false, policies.Current.Position);

            // What was looked at, and would be written over, has to be what is there.
            var written = await writes.DecideAsync<PolicyStatement>(
                [.. changes.Select(s => PolicyStatement.StreamId(s.Id))],
                states => changes.Zip(states).Any(s => !Equals(s.First.Before, s.Second?.Current))
                    ? [Decision.Refuse("policy.plan_stale", StaleText)]
                    : [.. changes.Zip(states).Select(s => Decide(s.Second, s.First.After))],
                ct);
            if (written.Decision is Decision.Refused refused)
                return Problem.Refused(refused);
            return new Answer(plan, written.Decision is Decision.Accepted, written.Position);
        }

        private const string StaleText =
            "Policies have changed since the plan was made, and applying it would do something else than it showed: plan again.";

        private static Problem Stale => Problem.Of("policy.plan_stale", StaleText);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/policies/apply",
                async (Command c, IMediator mediator, CancellationToken ct) => (await mediator.Send(c, ct)).ToHttp())
            .Answers<Answer>("ApplyPolicies", "Make statements of policy what they are wanted to be");
}
