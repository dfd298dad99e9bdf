using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Access.Groups;

/// <summary>A group has no members from here on, and its name stands for nobody.</summary>
public sealed record GroupDissolved(string Name);

/// <summary>Ends a group: whatever its members were allowed through it, they are no more.</summary>
public static class DissolveGroup
{
    public sealed record Command(string Name) : IRequest<Outcome<AccessReceipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Name).IsName();
    }

    public static Decision Decide(Group? state, Command c) => state switch
    {
        null => GroupRules.Missing(Group.StreamId(c.Name)),
        { Dissolved: true } => Decision.Unchanged,
        _ => Decision.Accept(new GroupDissolved(c.Name)),
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
        routes.MapDelete(
                "/v1/groups/{group}",
                async (Segment group, IMediator mediator, CancellationToken ct) => (await mediator.Send(new Command(group), ct)).ToHttp())
            .Answers<AccessReceipt>("DissolveGroup", "End a group; its name is not reused");
}
