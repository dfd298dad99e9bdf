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

    public sealed record Answer(string Principal, string? KeyId, Role Role, Purpose? Purpose);

    internal sealed class Handler(Caller caller, Gate gate) : IRequestHandler<Query, Outcome<Answer>>
    {
        public Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var who = caller.Identity;
            gate.Browse();
            return Task.FromResult<Outcome<Answer>>(new Answer(who.Principal, who.KeyId, who.Role, who.Purpose));
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/whoami", async (IMediator mediator, CancellationToken ct) => (await mediator.Send(new Query(), ct)).ToHttp())
            .Answers<Answer>("WhoAmI", "Who the catalog takes you for");
}
