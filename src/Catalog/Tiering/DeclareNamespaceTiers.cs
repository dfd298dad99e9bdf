using Catalog.Access;
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

/// <summary>From here on the policy holds for a namespace's models, and for its datasets without one of their own.</summary>
public sealed record NamespaceTiersDeclared(string Namespace, TierPolicy Policy);

/// <summary>The namespace has no tier policy any more.</summary>
public sealed record NamespaceTiersWithdrawn(string Namespace);

/// <summary>Declares where the versions of a namespace are to be kept, or withdraws that. Nothing moves by it.</summary>
public static class DeclareNamespaceTiers
{
    /// <param name="Namespace">It need not hold anything yet.</param>
    /// <param name="Policy">Null to withdraw it.</param>
    public sealed record Command(string Namespace, TierPolicy? Policy) : IRequest<Outcome<TieringReceipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Namespace).IsName();
            RuleFor(c => c.Policy).IsSound();
        }
    }

    public static Decision Decide(CatalogState? state, Command c) =>
        state?.NamespaceTiers.GetValueOrDefault(c.Namespace) == c.Policy ? Decision.Unchanged
        : Decision.Accept(c.Policy is { } policy
            ? new NamespaceTiersDeclared(c.Namespace, policy)
            : new NamespaceTiersWithdrawn(c.Namespace));

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<TieringReceipt>>
    {
        public async Task<Outcome<TieringReceipt>> Handle(Command c, CancellationToken ct) =>
            gate.Ask(Act.Operate, resource: null).Refusal is { } no
                ? no
                : TieringReceipt.Of(await writes.DecideAsync<CatalogState>(CatalogState.Stream, state => Decide(state, c), ct));
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut(
                "/v1/namespaces/{ns}/tiers",
                async (Segment ns, TierPolicy body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, body), ct)).ToHttp())
            .Answers<TieringReceipt>("DeclareNamespaceTiers", "Declare in which tiers a namespace's versions are to be kept");
        routes.MapDelete(
                "/v1/namespaces/{ns}/tiers",
                async (Segment ns, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, Policy: null), ct)).ToHttp())
            .Answers<TieringReceipt>("WithdrawNamespaceTiers", "Withdraw a namespace's tier policy");
    }
}

/// <summary>What became of a write that concerns the catalog as a whole.</summary>
/// <param name="Changed">False when it was so before.</param>
/// <param name="Position">Of the log, for <c>atLeast</c>.</param>
public sealed record TieringReceipt(bool Changed, long Position)
{
    internal static Outcome<TieringReceipt> Of(Written written) => written.Decision switch
    {
        Decision.Refused refused => Problem.Refused(refused),
        var decision => new TieringReceipt(decision is Decision.Accepted, written.Position),
    };
}
