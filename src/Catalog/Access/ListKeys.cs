using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access;

/// <summary>Lists API keys, without their secrets.</summary>
public static class ListKeys
{
    public sealed record Query(PageRequest Page) : IRequest<Outcome<Page<Answer>>>;

    public sealed record Answer(
        string Id, string? Name, Role Role, string Principal,
        DateTimeOffset IssuedAt, string? IssuedBy, DateTimeOffset? ExpiresAt, bool Revoked);

    internal sealed class Handler(IQuerySession pages, Gate gate, ProjectionProgress progress)
        : IRequestHandler<Query, Outcome<Page<Answer>>>
    {
        public async Task<Outcome<Page<Answer>>> Handle(Query q, CancellationToken ct)
        {
            if (gate.Ask(Act.ManageKeys, resource: null).Refusal is { } no)
                return no;
            if (await progress.WaitForAsync(q.Page.AtLeast, ct) is { } late)
                return late;

            var found = await pages.PageByIdAsync<KeyPage>(q.Page, k => k, ct);
            var labels = await pages.LoadManyAsync<KeyLabel>(ct, found.Items.Select(k => k.KeyId).ToArray());
            var names = labels.ToDictionary(l => l.Id, l => l.Name, StringComparer.Ordinal);
            return new Page<Answer>(
                [.. found.Items.Select(k => new Answer(
                    k.KeyId, names.GetValueOrDefault(k.KeyId), k.Role, k.Principal, k.IssuedAt, k.IssuedBy, k.ExpiresAt, k.Revoked))],
                found.Next);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/keys",
                async (PageRequest page, IMediator mediator, CancellationToken ct) => (await mediator.Send(new Query(page), ct)).ToHttp())
            .Answers<Page<Answer>>("ListKeys", "List API keys, without their secrets");
}
