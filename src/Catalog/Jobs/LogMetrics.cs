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

/// <summary>Logs measurements of a run, in batches of at most 10,000 points.</summary>
public static class LogMetrics
{
    public sealed record Point(string Key, double Value, long Step = 0, DateTimeOffset? Time = null);

    /// <param name="Points">At most 10,000.</param>
    /// <param name="Batch">Names the points, so that sending them again logs them once. Made anew unless given.</param>
    public sealed record Body(IReadOnlyList<Point> Points, Guid? Batch = null);

    public sealed record Command(Guid Run, Guid Batch, IReadOnlyList<Point> Points) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Points).NotEmpty()
                .Must(p => p is null || p.Count <= RunLimits.Points)
                .WithMessage($"must hold at most {RunLimits.Points:N0} points; send the rest in another call.");
            RuleFor(c => c.Batch).NotEmpty();
            RuleForEach(c => c.Points).NotNull().ChildRules(point =>
            {
                point.RuleFor(p => p.Key).Must(k => RunLimits.Wrong(k) is null).WithMessage(p => RunLimits.Wrong(p.Key) ?? "");
                point.RuleFor(p => p.Step).GreaterThanOrEqualTo(0).WithMessage("must be 0 or more.");
            });
        }
    }

    public static Decision Decide(Run? run, Command c, DateTimeOffset now) =>
        run is null ? Decision.Refuse("run.not_found", $"There is no 'run:{c.Run}'.")
        : run.Batches.Contains(c.Batch) ? Decision.Unchanged
        : RunRules.NotRunning(run, c.Run, out var no) ? no
        : Decision.Accept(new RunMetricsLogged(
            c.Batch, [.. c.Points.Select(p => new MetricPoint(p.Key, p.Value, p.Step, p.Time?.ToUniversalTime() ?? now))]));

    internal sealed class Handler(WritePath writes, Gate gate, TimeProvider clock) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Run(c.Run);
            if (gate.Ask(Act.Run, node).Refusal is { } no)
                return no;
            var now = clock.GetUtcNow();
            return (await writes.DecideAsync<Run>(node.StreamId, run => Decide(run, c, now), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/runs/{id:guid}/metrics",
                async (Guid id, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(id, body.Batch ?? Guid.CreateVersion7(), body.Points), ct)).ToHttp())
            .Answers<Receipt>("LogMetrics", "Log measurements of a run", created: true);
}
