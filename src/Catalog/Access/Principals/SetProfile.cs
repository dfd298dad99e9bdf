using Catalog.Platform;
using Catalog.Platform.Http;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access.Principals;

/// <summary>Says what people call a principal, beside the log; or forgets it.</summary>
public static class SetProfile
{
    /// <param name="Id">Of the principal, which need not be registered.</param>
    /// <param name="Profile">Null to erase it, or one that says nothing.</param>
    public sealed record Command(string Id, PrincipalProfile? Profile) : IRequest<Outcome<Answer>>
    {
        public override string ToString() => $"a profile of {Id}";
    }

    /// <param name="DisplayName">Null or left out for none.</param>
    /// <param name="Email">Null or left out for none.</param>
    public sealed record Body(string? DisplayName = null, string? Email = null)
    {
        public override string ToString() => "a profile";
    }

    /// <param name="Principal">Whose profile it is.</param>
    /// <param name="Changed">False when it was so before.</param>
    public sealed record Answer(string Principal, bool Changed);

    public sealed class Validator : AbstractValidator<Command>
    {
        private const int MaxText = 320;

        public Validator()
        {
            RuleFor(c => c.Id).IsPrincipalId();
            RuleFor(c => Name(c.Profile)).IsText(MaxText).OverridePropertyName("displayName");
            RuleFor(c => Mail(c.Profile)).IsText(MaxText).OverridePropertyName("email");
        }

        private static string? Name(PrincipalProfile? profile) => profile?.DisplayName;

        private static string? Mail(PrincipalProfile? profile) => profile?.Email;
    }

    internal sealed class Handler(PrincipalProfiles profiles, Gate gate) : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct) =>
            gate.Ask(Act.Govern, resource: null).Refusal is { } no ? no
            : new Answer(c.Id, c.Profile is { SaysNothing: false } profile
                ? await profiles.SetAsync(c.Id, profile, ct)
                : await profiles.EraseAsync(c.Id, ct));
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut(
                "/v1/principals/{id}/profile",
                async (Segment id, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(id, new PrincipalProfile(body.DisplayName, body.Email)), ct)).ToHttp())
            .Answers<Answer>("SetProfile", "Say what people call a principal; it is kept beside the log");
        routes.MapDelete(
                "/v1/principals/{id}/profile",
                async (Segment id, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(id, Profile: null), ct)).ToHttp())
            .Answers<Answer>("EraseProfile", "Forget what people call a principal");
    }
}
