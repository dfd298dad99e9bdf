using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access;

/// <summary>Makes an API key. The secret is in the answer, once, and nowhere else.</summary>
public static class IssueKey
{
    public sealed record Command(string Name, Role Role, string? Principal = null, DateTimeOffset? ExpiresAt = null)
        : IRequest<Outcome<Answer>>;

    /// <param name="Id">Public part: names the key in lists and when it is revoked.</param>
    /// <param name="Name">What people call it.</param>
    /// <param name="Role">What it allows.</param>
    /// <param name="Principal">Who acts through it.</param>
    /// <param name="ExpiresAt">When it ends by itself.</param>
    /// <param name="Key">The key itself. Keep it: it cannot be shown again.</param>
    /// <param name="Position">Log position of the fact.</param>
    public sealed record Answer(string Id, string Name, Role Role, string Principal, DateTimeOffset? ExpiresAt, string Key, long Position);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator(TimeProvider clock)
        {
            RuleFor(c => c.Name).IsName();
            RuleFor(c => c.Role).IsInEnum();
            RuleFor(c => c.Principal).IsPrincipalId().When(c => c.Principal is not null);
            RuleFor(c => c.ExpiresAt).Must(t => t is null || t > clock.GetUtcNow()).WithMessage("must lie in the future.");
        }
    }

    internal static Decision Decide(ApiKey? state, KeyIssued issued) =>
        state is null ? Decision.Accept(issued) : throw new InvalidOperationException("A random key id came up twice.");

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            if (gate.Ask(Act.ManageKeys, resource: null).Refusal is { } no)
                return no;

            var key = KeyText.Create();
            var issued = new KeyIssued(
                key.KeyId, c.Principal ?? $"key-{key.KeyId}", c.Role, key.SecretHash, c.ExpiresAt?.ToUniversalTime());
            var written = await writes.DecideAsync<ApiKey>(
                ApiKey.StreamId(key.KeyId), state => Decide(state, issued), ct,
                beside: (rows, _) => rows.Add(KeyLabels.Table, key.KeyId, c.Name));
            return new Answer(key.KeyId, c.Name, c.Role, issued.Principal, issued.ExpiresAt, key.ToString(), written.Position);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/keys",
                async (Command c, IMediator mediator, CancellationToken ct) => (await mediator.Send(c, ct)).ToHttp(created: true))
            .Answers<Answer>("IssueKey", "Make an API key; its secret is shown once", created: true);
}
