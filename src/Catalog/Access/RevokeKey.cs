using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access;

/// <summary>Takes an API key back.</summary>
public static class RevokeKey
{
    public sealed record Command(string KeyId) : IRequest<Outcome<Answer>>;

    public sealed record Answer(string Id, bool Changed, long Position);

    public static Decision Decide(ApiKey? state, Command c) => state switch
    {
        null => Decision.Refuse("key.not_found", $"There is no key '{c.KeyId}'."),
        { Revoked: true } => Decision.Unchanged,
        _ => Decision.Accept(new KeyRevoked(c.KeyId)),
    };

    internal sealed class Handler(WritePath writes, Gate gate, KeyRing ring) : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            if (gate.Ask(Act.ManageKeys, resource: null).Refusal is { } no)
                return no;

            var written = await writes.DecideAsync<ApiKey>(ApiKey.StreamId(c.KeyId), state => Decide(state, c), ct);
            ring.Forget(c.KeyId);
            return written.Decision is Decision.Refused refused
                ? Problem.Refused(refused)
                : new Answer(c.KeyId, written.Decision is Decision.Accepted, written.Position);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete(
                "/v1/keys/{id}",
                async (Segment id, IMediator mediator, CancellationToken ct) => (await mediator.Send(new Command(id), ct)).ToHttp())
            .Answers<Answer>("RevokeKey", "Take an API key back");
}
