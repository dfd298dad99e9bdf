using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access.Groups;

/// <summary>A principal, or all of another group, belongs to a group from here on.</summary>
/// <param name="Name">Of the group.</param>
/// <param name="Member">An id of a principal, or a group as <c>group:analysts</c>.</param>
public sealed record GroupMemberAdded(string Name, string Member);

/// <summary>Puts a principal, or another group, into a group.</summary>
public static class AddGroupMember
{
    /// <param name="Name">Of the group.</param>
    /// <param name="Member">An id of a principal, which need not be registered, or a group as <c>group:analysts</c>.</param>
    public sealed record Command(string Name, string Member) : IRequest<Outcome<AccessReceipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Name).IsName();
            RuleFor(c => c.Member).IsMember();
        }
    }

    /// <param name="state">The group.</param>
    /// <param name="c">What is asked for.</param>
    /// <param name="others">All groups, where the member is one.</param>
    internal static Decision Decide(Group? state, Command c, GroupNesting others) =>
        !GroupRules.Writable(state, c.Name, out var no) ? no
        : state.Members.Contains(c.Member) ? Decision.Unchanged
        : GroupNames.IsGroup(c.Member) && others.Refusal(state.Id, c.Member) is { } bad ? bad
        : state.Members.Count >= Group.MaxMembers
            ? Decision.Refuse("group.full", $"'{state.Id}' has {Group.MaxMembers:N0} members, the most there can be: nest groups in it.")
        : Decision.Accept(new GroupMemberAdded(c.Name, c.Member));

    internal sealed class Handler(WritePath writes, GroupReads groups, Turns turns, Gate gate)
        : IRequestHandler<Command, Outcome<AccessReceipt>>
    {
        public async Task<Outcome<AccessReceipt>> Handle(Command c, CancellationToken ct)
        {
            if (gate.Ask(Act.Govern, resource: null).Refusal is { } no)
                return no;
            if (!GroupNames.IsGroup(c.Member))
                return await WriteAsync(c, GroupNesting.None, ct);

            // One nesting at a time: two at once could each find the other not there, and close a circle.
            await using var turn = await turns.TakeAsync(Turn.Groups, ct);
            return await WriteAsync(c, await groups.NestingAsync(ct), ct);
        }

        private async Task<Outcome<AccessReceipt>> WriteAsync(Command c, GroupNesting others, CancellationToken ct)
        {
            var stream = Group.StreamId(c.Name);
            return AccessReceipt.Of(stream, await writes.DecideAsync<Group>(stream, state => Decide(state, c, others), ct));
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut(
                "/v1/groups/{group}/members/{member}",
                async (Segment group, Segment member, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(group, member), ct)).ToHttp())
            .Answers<AccessReceipt>("AddGroupMember", "Put a principal, or another group, into a group");
}
