using Catalog.Access.Policies;
using Catalog.Platform;
using Catalog.Platform.Http;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access;

/// <summary>Statements that are wanted.</summary>
public interface IWantedPolicies
{
    IReadOnlyList<Statement> Statements { get; }
}

/// <summary>Shows what applying statements of policy would do. Nothing is changed.</summary>
public static class PlanPolicies
{
    /// <param name="Statements">As they are to be; those that are not named stay as they are, unless they are pruned.</param>
    /// <param name="Prune">Withdraw all that are not named.</param>
    public sealed record Query(IReadOnlyList<Statement> Statements, bool Prune = false) : IWantedPolicies, IRequest<Outcome<PolicyPlan>>;

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => Include(new WantedPoliciesValidator());
    }

    internal sealed class Handler(PolicyFollower policies, Gate gate) : IRequestHandler<Query, Outcome<PolicyPlan>>
    {
        public Task<Outcome<PolicyPlan>> Handle(Query q, CancellationToken ct) => Task.FromResult<Outcome<PolicyPlan>>(
            gate.Ask(Act.Govern, resource: null).Refusal is { } no
                ? no
                : PolicyPlan.Of(q.Statements, policies.Current.Policies.Set.Statements, q.Prune));
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/policies/plan",
                async (Query q, IMediator mediator, CancellationToken ct) => (await mediator.Send(q, ct)).ToHttp())
            .Answers<PolicyPlan>("PlanPolicies", "Show what applying statements of policy would change");
}

/// <summary>Each statement can be read, and stands there once.</summary>
internal sealed class WantedPoliciesValidator : AbstractValidator<IWantedPolicies>
{
    private const int Most = 20_000;

    public WantedPoliciesValidator() => RuleFor(w => w.Statements).Custom((statements, context) =>
    {
        if (statements is not { Count: <= Most })
        {
            context.AddFailure($"must be given, {Most} at most.");
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, statement) in statements.Index())
        {
            foreach (var problem in CompiledPolicies.Check(statement))
                context.AddFailure($"{nameof(IWantedPolicies.Statements)}[{i}].{problem.Field}", problem.Message);
            if (!seen.Add(statement.Id))
                context.AddFailure($"{nameof(IWantedPolicies.Statements)}[{i}].id", $"'{statement.Id}' stands there twice.");
        }
    });
}
