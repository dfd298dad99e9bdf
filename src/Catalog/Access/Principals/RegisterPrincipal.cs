using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access.Principals;

/// <summary>A principal is known here: what it is, and what policies may ask about it. Nothing that tells who it is.</summary>
/// <param name="Id">Opaque, as keys and tokens name it.</param>
/// <param name="Kind">A person or a program.</param>
/// <param name="Attributes">Such as <c>region</c> → <c>eu</c>.</param>
public sealed record PrincipalRegistered(string Id, PrincipalKind Kind, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Makes a principal known, so that it can have attributes and be disabled.</summary>
public static class RegisterPrincipal
{
    /// <param name="Id">As keys and tokens name it.</param>
    /// <param name="Kind">A person or a program.</param>
    /// <param name="Attributes">What policies may ask about; null for none.</param>
    public sealed record Command(string Id, PrincipalKind Kind, IReadOnlyDictionary<string, string>? Attributes = null)
        : IRequest<Outcome<AccessReceipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Id).IsPrincipalId();
            RuleFor(c => c.Kind).IsInEnum();
            RuleFor(c => c.Attributes).AreAttributes();
        }
    }

    public static Decision Decide(Principal? state, Command c)
    {
        var attributes = c.Attributes ?? PrincipalAttributes.None;
        return state is null ? Decision.Accept(new PrincipalRegistered(c.Id, c.Kind, Principal.Sorted(attributes)))
            : state.Kind == c.Kind && state.HasAttributes(attributes) ? Decision.Unchanged
            : Decision.Refuse(
                "principal.exists", $"The principal '{c.Id}' is registered already, as another kind or with other attributes: set those.");
    }

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
        routes.MapPost(
                "/v1/principals",
                async (Command c, IMediator mediator, CancellationToken ct) => (await mediator.Send(c, ct)).ToHttp(created: true))
            .Answers<AccessReceipt>("RegisterPrincipal", "Make a principal known", created: true);
}
