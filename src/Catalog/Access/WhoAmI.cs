using Catalog.Platform;
using Catalog.Platform.Http;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access;

/// <summary>Tells callers who the catalog takes them for.</summary>
public static class WhoAmI
{
    public sealed record Query : IRequest<Outcome<Answer>>;

    /// <param name="Principal">Opaque id.</param>
    /// <param name="KeyId">The API key used; null for a bearer token.</param>
    /// <param name="Role">What the key or token allows by itself.</param>
    /// <param name="Purpose">As declared.</param>
    /// <param name="Groups">That the token claims, by its issuer's names.</param>
    public sealed record Answer(string Principal, string? KeyId, Role Role, Purpose? Purpose, IReadOnlyList<string> Groups);

    internal sealed class Handler(Caller caller, Gate gate) : IRequestHandler<Query, Outcome<Answer>>
    {
        public Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            // Whatever the gate says: who may do nothing yet has to be told what to be called by those who can change that.
            gate.Browse();
            var who = caller.Identity;
            return Task.FromResult<Outcome<Answer>>(
                new Answer(who.Principal, who.KeyId, who.Role, who.Purpose, [.. who.Groups.Order(StringComparer.Ordinal)]));
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/whoami", async (IMediator mediator, CancellationToken ct) => (await mediator.Send(new Query(), ct)).ToHttp())
            .Answers<Answer>("WhoAmI", "Who the catalog takes you for");
}
