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

/// <summary>From here on plans and usage are priced so.</summary>
public sealed record PricesDeclared(PriceTable Prices);

/// <summary>Declares what the tiers cost.</summary>
public static class DeclarePrices
{
    public sealed record Command(PriceTable Prices) : IRequest<Outcome<TieringReceipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Prices.Currency).Must(c => c is { Length: >= 1 and <= 16 } && !c.Any(char.IsControl))
                .OverridePropertyName("currency").WithMessage("must be a code or name of 1 to 16 characters, such as 'EUR'.");
            Price("hot", p => p.Hot);
            Price("warm", p => p.Warm);
            Price("cold", p => p.Cold);
        }

        private void Price(string field, Func<PriceTable, TierPrice?> price) =>
            RuleFor(c => price(c.Prices)).Must(p => p?.IsSound() != false)
                .OverridePropertyName(field).WithMessage($"must have prices from 0 to {TierPrice.Most:N0}.");
    }

    public static Decision Decide(CatalogState? state, Command c) =>
        state?.Prices == c.Prices ? Decision.Unchanged : Decision.Accept(new PricesDeclared(c.Prices));

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<TieringReceipt>>
    {
        public async Task<Outcome<TieringReceipt>> Handle(Command c, CancellationToken ct) =>
            gate.Ask(Act.Operate, resource: null).Refusal is { } no
                ? no
                : TieringReceipt.Of(await writes.DecideAsync<CatalogState>(CatalogState.Stream, state => Decide(state, c), ct));
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut(
                "/v1/tiers/prices",
                async (PriceTable body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(body), ct)).ToHttp())
            .Answers<TieringReceipt>("DeclarePrices", "Declare what the tiers cost");
}
