using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access.Groups;

/// <summary>A group of principals is there, under a name that is never reused.</summary>
/// <param name="Name">Of the group.</param>
/// <param name="Description">What its members have in common; nothing about persons.</param>
public sealed record GroupCreated(string Name, string Description);

/// <summary>Makes a group, without members.</summary>
public static class CreateGroup
{
    public sealed record Command(string Name, string? Description = null) : IRequest<Outcome<AccessReceipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Name).IsName();
            RuleFor(c => c.Description).IsText(Limits.Prose);
        }
    }

    public static Decision Decide(Group? state, Command c) => state switch
    {
        null => Decision.Accept(new GroupCreated(c.Name, c.Description ?? "")),
        { Dissolved: true } => GroupRules.Gone(state.Id),
        _ when state.Description == (c.Description ?? "") => Decision.Unchanged,
        _ => Decision.Refuse("group.exists", $"There is a '{state.Id}' already, with another description."),
    };

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
        routes.MapPost(
                "/v1/groups",
                async (Command c, IMediator mediator, CancellationToken ct) => (await mediator.Send(c, ct)).ToHttp(created: true))
            .Answers<AccessReceipt>("CreateGroup", "Make a group of principals", created: true);
}
