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

/// <summary>Ends a run: completed, failed or aborted. What has ended stays as it ended.</summary>
public static class EndRun
{
    public sealed record Body(string Reason);

    public sealed record Command(Guid Run, RunState End, string? Reason) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).NotEmpty().IsText(Limits.Prose).When(c => c.End != RunState.Completed);
    }

    public static Decision Decide(Run? run, Command c) => (run, c.End) switch
    {
        (null, _) => Decision.Refuse("run.not_found", $"There is no 'run:{c.Run}'."),
        ({ State: var state }, var end) when state == end => Decision.Unchanged,
        _ when RunRules.NotRunning(run, c.Run, out var no) => no,
        (_, RunState.Completed) => Decision.Accept(new RunCompleted()),
        (_, RunState.Failed) => Decision.Accept(new RunFailed(c.Reason ?? "")),
        _ => Decision.Accept(new RunAborted(c.Reason ?? "")),
    };

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Run(c.Run);
            return gate.Ask(Act.Run, node).Refusal is { } no
                ? no
                : (await writes.DecideAsync<Run>(node.StreamId, run => Decide(run, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(
                "/v1/runs/{id:guid}/complete",
                async (Guid id, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(id, RunState.Completed, Reason: null), ct)).ToHttp())
            .Answers<Receipt>("CompleteRun", "End a run well", created: true);
        routes.MapPost(
                "/v1/runs/{id:guid}/fail",
                async (Guid id, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(id, RunState.Failed, body.Reason), ct)).ToHttp())
            .Answers<Receipt>("FailRun", "End a run as failed", created: true);
        routes.MapPost(
                "/v1/runs/{id:guid}/abort",
                async (Guid id, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(id, RunState.Aborted, body.Reason), ct)).ToHttp())
            .Answers<Receipt>("AbortRun", "End a run as stopped", created: true);
    }
}
