using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access.Principals;

/// <summary>A principal has these attributes from here on, and no others.</summary>
/// <param name="Id">Of the principal.</param>
/// <param name="Attributes">Such as <c>region</c> → <c>eu</c>.</param>
public sealed record PrincipalAttributesSet(string Id, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Sets a principal's attributes, all of them.</summary>
public static class SetPrincipalAttributes
{
    public sealed record Command(string Id, IReadOnlyDictionary<string, string> Attributes) : IRequest<Outcome<AccessReceipt>>;

    /// <param name="Attributes">Those that are not among them are taken away.</param>
    public sealed record Body(IReadOnlyDictionary<string, string> Attributes);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Id).IsPrincipalId();
            RuleFor(c => c.Attributes).AreAttributes();
        }
    }

    public static Decision Decide(Principal? state, Command c) =>
        !PrincipalRules.Registered(state, c.Id, out var no) ? no
        : state.HasAttributes(c.Attributes) ? Decision.Unchanged
        : Decision.Accept(new PrincipalAttributesSet(c.Id, Principal.Sorted(c.Attributes)));

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<AccessReceipt>>
    {
        public async Task<Outcome<AccessReceipt>> Handle(Command c, CancellationToken ct)
        {
            if (gate.Ask(Act.Govern, resource: null).Refusal is { } no)
                return no;
            var stream = Principal.StreamId(c.Id);
            return AccessReceipt.Of(stream, await writes.DecideAsync<Principal>(stream, state => Decide(state, c), ct));
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut(
                "/v1/principals/{id}/attributes",
                async (Segment id, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(id, body.Attributes), ct)).ToHttp())
            .Answers<AccessReceipt>("SetPrincipalAttributes", "Set the attributes of a principal");
}
