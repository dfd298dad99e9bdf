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
            (gate.Ask(Act.Govern, resource: null).Refusal ?? PolicyRules.Check(q.Statements)) is { } no
                ? no
                : PolicyPlan.Of(q.Statements, policies.Current.Policies.Set.Statements, q.Prune));
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/policies/plan",
                async (Query q, IMediator mediator, CancellationToken ct) => (await mediator.Send(q, ct)).ToHttp())
            .Answers<PolicyPlan>("PlanPolicies", "Show what applying statements of policy would change");
}

/// <summary>What statements look like; what they say is looked at by <see cref="PolicyRules"/>.</summary>
internal sealed class WantedPoliciesValidator : AbstractValidator<IWantedPolicies>
{
    private const int Most = 20_000;
    private const int MostInList = 1_000;

    public WantedPoliciesValidator() => RuleFor(w => w.Statements).Custom((statements, context) =>
    {
        if (statements is not { Count: <= Most })
        {
            context.AddFailure($"must be given, {Most} at most.");
            return;
        }

        foreach (var (i, statement) in statements.Index())
        {
            var at = $"{nameof(IWantedPolicies.Statements)}[{i}]";
            if (statement is null)
                context.AddFailure(at, "must not be null.");
            else if (Wrong(statement) is var (field, message))
                context.AddFailure($"{at}.{field}", message);
        }
    });

    private static (string Field, string Message)? Wrong(Statement statement)
    {
        foreach (var (field, list) in Lists(statement))
        {
            if (list is not { Count: <= MostInList } || list.Any(t => t is null || IsBad(t)))
                return (field, $"must be a list of {MostInList} texts at most, none of them null, too long, or with the character U+0000.");
        }

        foreach (var (field, text) in Texts(statement))
        {
            if (text is not null && IsBad(text))
                return (field, $"must be at most {Limits.Prose:N0} characters, and not hold the character U+0000.");
        }

        return null;
    }

    private static IEnumerable<(string Field, IReadOnlyList<string>? List)> Lists(Statement s) =>
    [
        ("principals", s.Principals), ("actions", s.Actions), ("resources", s.Resources), ("purposes", s.Purposes), ("columns", s.Columns),
    ];

    private static IEnumerable<(string Field, string? Text)> Texts(Statement s) =>
    [
        ("id", s.Id ?? "\0"), ("tags", s.Tags), ("when", s.When), ("rows", s.Rows), ("reason", s.Reason ?? "\0"),
        ("requires", s.Requires?.ApprovedBy),
    ];

    private static bool IsBad(string text) => text.Length > Limits.Prose || text.Contains('\0', StringComparison.Ordinal);
}

/// <summary>What holds for statements that are wanted.</summary>
internal static class PolicyRules
{
    /// <summary>What is wrong with them, field by field; null where each can be read, and stands there once.</summary>
    public static Problem? Check(IReadOnlyList<Statement> statements)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var errors = statements.Index()
            .SelectMany(s => CompiledPolicies.Check(s.Item)
                .Concat(seen.Add(s.Item.Id) ? [] : [new StatementProblem("id", $"'{s.Item.Id}' stands there twice.")])
                .Select(p => (Field: $"statements[{s.Index}].{p.Field}", p.Message)))
            .GroupBy(e => e.Field, e => e.Message, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);
        return errors.Count == 0
            ? null
            : Problem.Of("request.invalid", $"{errors.First().Key}: {errors.First().Value[0]}") with { Errors = errors };
    }
}
