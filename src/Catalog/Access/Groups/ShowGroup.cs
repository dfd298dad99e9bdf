using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Projections;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access.Groups;

/// <summary>Shows one group with its members, as it is at this moment.</summary>
public static class ShowGroup
{
    public sealed record Query(string Name) : IRequest<Outcome<GroupPage>>;

    internal sealed class Handler(IDocumentSession session, Gate gate) : IRequestHandler<Query, Outcome<GroupPage>>
    {
        public async Task<Outcome<GroupPage>> Handle(Query q, CancellationToken ct)
        {
            var stream = Group.StreamId(q.Name);
            return gate.Ask(Act.Govern, resource: null).Refusal is { } no ? no
                : await session.Events.FetchLatest<GroupPage>(stream, ct) is { } page ? page
                : Problem.Refused(GroupRules.Missing(stream));
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/groups/{group}",
                async (Segment group, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(group), ct)).ToHttp(p => p.StreamVersion))
            .Answers<GroupPage>("ShowGroup", "Show a group and its members");
}

/// <summary>Lists groups by name.</summary>
public static class ListGroups
{
    public sealed record Query(PageRequest Page) : IRequest<Outcome<Page<Answer>>>;

    /// <param name="Group">As it is written where principals are written: <c>group:analysts</c>.</param>
    /// <param name="Name">Of the group.</param>
    /// <param name="Description">What its members have in common.</param>
    /// <param name="Members">How many it has, each nested group counted as one.</param>
    /// <param name="Dissolved">Whether it was ended.</param>
    /// <param name="UpdatedAt">When it changed last.</param>
    public sealed record Answer(string Group, string Name, string Description, int Members, bool Dissolved, DateTimeOffset UpdatedAt);

    internal sealed class Handler(IQuerySession pages, Gate gate, ProjectionProgress progress)
        : IRequestHandler<Query, Outcome<Page<Answer>>>
    {
        public async Task<Outcome<Page<Answer>>> Handle(Query q, CancellationToken ct)
        {
            if ((gate.Ask(Act.Govern, resource: null).Refusal ?? await progress.WaitForAsync(q.Page.AtLeast, ct)) is { } no)
                return no;
            var found = await pages.PageByIdAsync<GroupPage>(q.Page, groups => groups, ct);
            return new Page<Answer>(
                [.. found.Items.Select(g => new Answer(g.Id, g.Name, g.Description, g.Members.Count, g.Dissolved, g.UpdatedAt))],
                found.Next);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/groups",
                async (PageRequest page, IMediator mediator, CancellationToken ct) => (await mediator.Send(new Query(page), ct)).ToHttp())
            .Answers<Page<Answer>>("ListGroups", "List groups of principals");
}
