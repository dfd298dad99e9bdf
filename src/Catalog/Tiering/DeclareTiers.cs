using Catalog.Access;
using Catalog.Datasets;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Catalog.Tiers;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Tiering;

/// <summary>From here on the dataset's versions belong in the tiers that its own policy says.</summary>
public sealed record TiersDeclared(TierPolicy Policy);

/// <summary>The dataset has no tier policy of its own any more: its namespace's holds, if there is one.</summary>
public sealed record TiersWithdrawn;

/// <summary>Declares where a dataset's versions are to be kept, or withdraws that. Nothing moves by it.</summary>
public static class DeclareTiers
{
    /// <param name="Namespace">Of the dataset.</param>
    /// <param name="Name">Of the dataset.</param>
    /// <param name="Policy">Null to withdraw it.</param>
    public sealed record Command(string Namespace, string Name, TierPolicy? Policy) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Policy).IsSound();
    }

    public static Decision Decide(Dataset? state, Command c) =>
        !DatasetRules.Writable(state, NodeId.Dataset(c.Namespace, c.Name), out var no) ? no
        : state.Tiers == c.Policy ? Decision.Unchanged
        : Decision.Accept(c.Policy is { } policy ? new TiersDeclared(policy) : new TiersWithdrawn());

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Dataset(c.Namespace, c.Name);
            return gate.Ask(Act.Operate, node).Refusal is { } no
                ? no
                : (await writes.DecideAsync<Dataset>(node.StreamId, state => Decide(state, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut(
                "/v1/datasets/{ns}/{name}/tiers",
                async (Segment ns, Segment name, TierPolicy body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, body), ct)).ToHttp())
            .Answers<Receipt>("DeclareTiers", "Declare in which tiers a dataset's versions are to be kept");
        routes.MapDelete(
                "/v1/datasets/{ns}/{name}/tiers",
                async (Segment ns, Segment name, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, Policy: null), ct)).ToHttp())
            .Answers<Receipt>("WithdrawTiers", "Leave a dataset's tiers to its namespace's policy");
    }
}

internal static class TierPolicyRules
{
    /// <summary>Says what is wrong under the name of the policy's own field.</summary>
    public static void IsSound<T>(this IRuleBuilder<T, TierPolicy?> rule) => rule.Custom((policy, context) =>
    {
        if (policy?.Check() is var (field, message))
            context.AddFailure(field, message);
    });
}
