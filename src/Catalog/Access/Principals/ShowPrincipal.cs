using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access.Principals;

/// <summary>A principal as an administrator sees it now.</summary>
/// <param name="Id">As keys and tokens name it.</param>
/// <param name="Registered">Whether anybody made it known; else there is a profile and no more.</param>
/// <param name="Kind">A person or a program; null where it is not registered.</param>
/// <param name="Attributes">What policies may ask about.</param>
/// <param name="Disabled">Whether it is shut out.</param>
/// <param name="RegisteredAt">When it was made known.</param>
/// <param name="RegisteredBy">By whom.</param>
/// <param name="Profile">What people call it; null where nobody said, or it was erased.</param>
public sealed record ShownPrincipal(
    string Id, bool Registered, PrincipalKind? Kind, IReadOnlyDictionary<string, string> Attributes, bool Disabled,
    DateTimeOffset? RegisteredAt, string? RegisteredBy, PrincipalProfile? Profile)
{
    internal static ShownPrincipal Of(PrincipalPage page, PrincipalProfile? profile) => new(
        page.Principal, Registered: true, page.Kind, page.Attributes, page.Disabled, page.RegisteredAt, page.RegisteredBy, profile);

    internal static ShownPrincipal Of(string id, PrincipalProfile profile) => new(
        id, Registered: false, Kind: null, PrincipalAttributes.None, Disabled: false, RegisteredAt: null, RegisteredBy: null, profile);
}

/// <summary>Shows one principal, as it is at this moment: one that is registered, or has a profile.</summary>
public static class ShowPrincipal
{
    public sealed record Query(string Id) : IRequest<Outcome<ShownPrincipal>>;

    internal sealed class Handler(IDocumentSession session, PrincipalProfiles profiles, Gate gate)
        : IRequestHandler<Query, Outcome<ShownPrincipal>>
    {
        public async Task<Outcome<ShownPrincipal>> Handle(Query q, CancellationToken ct)
        {
            if (gate.Ask(Act.Govern, resource: null).Refusal is { } no)
                return no;
            var page = await session.Events.FetchLatest<PrincipalPage>(Principal.StreamId(q.Id), ct);
            var profile = (await profiles.ReadAsync([q.Id], ct)).GetValueOrDefault(q.Id);
            return page is not null ? ShownPrincipal.Of(page, profile)
                : profile is not null ? ShownPrincipal.Of(q.Id, profile)
                : Problem.Refused(PrincipalRules.Missing(q.Id));
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/principals/{id}",
                async (Segment id, IMediator mediator, CancellationToken ct) => (await mediator.Send(new Query(id), ct)).ToHttp())
            .Answers<ShownPrincipal>("ShowPrincipal", "Show a principal, with its profile");
}

/// <summary>Lists registered principals by id.</summary>
public static class ListPrincipals
{
    public sealed record Query(PageRequest Page) : IRequest<Outcome<Page<ShownPrincipal>>>;

    internal sealed class Handler(IQuerySession pages, PrincipalProfiles profiles, Gate gate, ProjectionProgress progress)
        : IRequestHandler<Query, Outcome<Page<ShownPrincipal>>>
    {
        public async Task<Outcome<Page<ShownPrincipal>>> Handle(Query q, CancellationToken ct)
        {
            if ((gate.Ask(Act.Govern, resource: null).Refusal ?? await progress.WaitForAsync(q.Page.AtLeast, ct)) is { } no)
                return no;
            var found = await pages.PageByIdAsync<PrincipalPage>(q.Page, principals => principals, ct);
            var called = await profiles.ReadAsync([.. found.Items.Select(p => p.Principal)], ct);
            return new Page<ShownPrincipal>(
                [.. found.Items.Select(p => ShownPrincipal.Of(p, called.GetValueOrDefault(p.Principal)))], found.Next);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/principals",
                async (PageRequest page, IMediator mediator, CancellationToken ct) => (await mediator.Send(new Query(page), ct)).ToHttp())
            .Answers<Page<ShownPrincipal>>("ListPrincipals", "List registered principals, with their profiles");
}
