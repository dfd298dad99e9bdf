using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access.Principals;

/// <summary>A principal's keys and tokens open nothing from here on, whatever they are.</summary>
public sealed record PrincipalDisabled(string Id);

/// <summary>A principal's keys and tokens are good again.</summary>
public sealed record PrincipalEnabled(string Id);

/// <summary>Shuts a principal out, by whatever key or token it comes, or lets it in again.</summary>
public static class DisablePrincipal
{
    /// <param name="Id">Of the principal.</param>
    /// <param name="Disabled">True to shut it out, false to let it in again.</param>
    public sealed record Command(string Id, bool Disabled) : IRequest<Outcome<AccessReceipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Id).IsPrincipalId();
    }

    public static Decision Decide(Principal? state, Command c) =>
        !PrincipalRules.Registered(state, c.Id, out var no) ? no
        : c.Id == Identity.Administrator && c.Disabled ? Decision.Refuse(
            "principal.protected",
            $"'{c.Id}' is whom the server's own key is for (serve --new-admin-key), and cannot be shut out: revoke its other keys.")
        : (state.Disabled, c.Disabled) switch
        {
            (false, true) => Decision.Accept(new PrincipalDisabled(c.Id)),
            (true, false) => Decision.Accept(new PrincipalEnabled(c.Id)),
            _ => Decision.Unchanged,
        };

    internal sealed class Handler(WritePath writes, Gate gate, PrincipalStandings standings)
        : IRequestHandler<Command, Outcome<AccessReceipt>>
    {
        public async Task<Outcome<AccessReceipt>> Handle(Command c, CancellationToken ct)
        {
            if (gate.Ask(Act.Govern, resource: null).Refusal is { } no)
                return no;
            var stream = Principal.StreamId(c.Id);
            var written = await writes.DecideAsync<Principal>(stream, state => Decide(state, c), ct);
            standings.Forget(c.Id);
            return AccessReceipt.Of(stream, written);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(
                "/v1/principals/{id}/disable",
                async (Segment id, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(id, Disabled: true), ct)).ToHttp())
            .Answers<AccessReceipt>("DisablePrincipal", "Shut a principal out, by whatever key or token it comes");
        routes.MapPost(
                "/v1/principals/{id}/enable",
                async (Segment id, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(id, Disabled: false), ct)).ToHttp())
            .Answers<AccessReceipt>("EnablePrincipal", "Let a principal in again that was shut out");
    }
}
