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

/// <summary>Starts a run of a job; the job enters the catalog with its first run.</summary>
public static class StartRun
{
    public sealed record JobName(string Namespace, string Name);

    /// <param name="Job">What runs.</param>
    /// <param name="Id">Chosen by the caller, so that a repeated call starts nothing twice; made here when left out.</param>
    /// <param name="CodeRevision">Such as a git commit.</param>
    /// <param name="Environment">What it runs in.</param>
    /// <param name="Parameters">Known at the start; more can be logged later.</param>
    /// <param name="Tags">Known at the start.</param>
    /// <param name="Parent">The run that started this one.</param>
    public sealed record Command(
        JobName Job,
        Guid? Id = null,
        string? CodeRevision = null,
        IReadOnlyDictionary<string, string>? Environment = null,
        IReadOnlyDictionary<string, string>? Parameters = null,
        IReadOnlyList<string>? Tags = null,
        Guid? Parent = null) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Job.Namespace).IsName();
            RuleFor(c => c.Job.Name).IsName();
            RuleFor(c => c).FitsStream(NodeKind.Job, c => (c.Job.Namespace, c.Job.Name));
            RuleFor(c => c.Id).NotEqual(Guid.Empty).WithMessage("must not be the empty UUID.");
            RuleFor(c => c.CodeRevision).IsText(RunLimits.Value);
            RuleFor(c => c.Environment).AreParameters();
            RuleFor(c => c.Parameters).AreParameters();
            RuleFor(c => c.Tags).AreTags();
        }
    }

    public static Decision Decide(Run? run, Job? job, Guid id, Command c)
    {
        var jobNode = NodeId.Job(c.Job.Namespace, c.Job.Name);
        if (run is not null)
        {
            return run.Job == jobNode
                ? Decision.Unchanged
                : Decision.Refuse("run.exists", $"'run:{id}' was started before, for '{run.Job}'.");
        }

        var started = new RunStarted(
            id, jobNode, c.Parent, c.CodeRevision, c.Environment ?? RunLimits.None, c.Parameters ?? RunLimits.None, c.Tags ?? []);
        return job is null ? Decision.Accept(new JobRegistered(c.Job.Namespace, c.Job.Name), started) : Decision.Accept(started);
    }

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var id = c.Id ?? Guid.CreateVersion7();
            var node = NodeId.Run(id);
            return gate.Ask(Act.Run, NodeId.Job(c.Job.Namespace, c.Job.Name), c.Tags ?? []).Refusal is { } no
                ? no
                : (await writes.DecideAsync<Run, Job>(
                    node.StreamId, Job.StreamId(c.Job.Namespace, c.Job.Name), (run, job) => Decide(run, job, id, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/runs", async (Command c, IMediator mediator, CancellationToken ct) => (await mediator.Send(c, ct)).ToHttp())
            .Answers<Receipt>("StartRun", "Start a run of a job", created: true);
}
