using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Jobs;

/// <summary>Puts a tag on a run or takes it off. Allowed after the run has ended, too: tags are how people sort runs.</summary>
public static class TagRun
{
    public sealed record Command(Guid Run, string Tag, bool Present) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Tag).IsTag();
    }

    public static Decision Decide(Run? run, Command c) => (run?.Tags.Contains(c.Tag), c.Present) switch
    {
        (null, _) => Decision.Refuse("run.not_found", $"There is no 'run:{c.Run}'."),
        (false, true) => Decision.Accept(new RunTagged(c.Tag)),
        (true, false) => Decision.Accept(new RunUntagged(c.Tag)),
        _ => Decision.Unchanged,
    };

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Run(c.Run);
            return gate.Ask(Act.Run, node, c.Tag).Refusal is { } no
                ? no
                : (await writes.DecideAsync<Run>(node.StreamId, run => Decide(run, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut("/v1/runs/{id:guid}/tags/{tag}", async (Guid id, Segment tag, IMediator mediator, CancellationToken ct) =>
            (await mediator.Send(new Command(id, tag, Present: true), ct)).ToHttp()).Answers<Receipt>("TagRun", "Put a tag on a run");
        routes.MapDelete("/v1/runs/{id:guid}/tags/{tag}", async (Guid id, Segment tag, IMediator mediator, CancellationToken ct) =>
            (await mediator.Send(new Command(id, tag, Present: false), ct)).ToHttp()).Answers<Receipt>("UntagRun", "Take a tag off a run");
    }
}
