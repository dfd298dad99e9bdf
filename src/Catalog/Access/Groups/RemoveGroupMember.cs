using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access.Groups;

/// <summary>A principal, or another group, belongs to a group no more.</summary>
/// <param name="Name">Of the group.</param>
/// <param name="Member">As it was added.</param>
public sealed record GroupMemberRemoved(string Name, string Member);

/// <summary>Takes a principal, or another group, out of a group.</summary>
public static class RemoveGroupMember
{
    public sealed record Command(string Name, string Member) : IRequest<Outcome<AccessReceipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Name).IsName();
            RuleFor(c => c.Member).IsMember();
        }
    }

    public static Decision Decide(Group? state, Command c) =>
        !GroupRules.Writable(state, c.Name, out var no) ? no
        : state.Members.Contains(c.Member) ? Decision.Accept(new GroupMemberRemoved(c.Name, c.Member))
        : Decision.Unchanged;

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<AccessReceipt>>
    {
        public async Task<Outcome<AccessReceipt>> Handle(Command c, CancellationToken ct)
        {
            if (gate.Ask(Act.Govern, resource: null).Refusal is { } no)
                return no;
            var stream = Group.StreamId(c.Name);
            return AccessReceipt.Of(stream, await writes.DecideAsync<Group>(stream, state => Decide(state, c), ct));
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapDelete(
                "/v1/groups/{group}/members/{member}",
                async (Segment group, Segment member, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(group, member), ct)).ToHttp())
            .Answers<AccessReceipt>("RemoveGroupMember", "Take a principal, or another group, out of a group");
}
