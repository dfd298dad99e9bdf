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

/// <summary>Records that a run reads a dataset version, pinning <c>latest</c> or an alias to the number it means now.</summary>
public static class RecordInput
{
    public sealed record Body(NodeId Dataset, string? Role = null);

    public sealed record Command(Guid Run, NodeId Dataset, string? Role) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Dataset).Must(n => n is { Kind: NodeKind.Dataset, Column: null })
                .WithMessage("must be a dataset with or without a version, such as 'dataset:demo/flights@latest'.");
            RuleFor(c => c.Role).Must(r => r is null || Names.Check(r) is null).WithMessage("must be a name such as 'train', 'validation' or 'test'.");
        }
    }

    public static Decision Decide(Run? run, Guid id, RunInputRead read) =>
        run is null ? Decision.Refuse("run.not_found", $"There is no 'run:{id}'.")
        : run.Inputs.Contains(new RunInput(read.Dataset, read.Role)) ? Decision.Unchanged
        : RunRules.NotRunning(run, id, out var no) ? no
        : Decision.Accept(read);

    internal sealed class Handler(WritePath writes, Gate gate, States states) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            // Reading is what a run does with an input, so both are asked for.
            var dataset = await states.LoadAsync<Datasets.Dataset>(c.Dataset.StreamId, ct);
            if ((gate.Ask(Act.Run, NodeId.Run(c.Run)).Refusal ?? gate.Ask(Act.ReadData, c.Dataset, dataset?.Tags ?? []).Refusal) is { } no)
                return no;

            var requested = c.Dataset.Version ?? Datasets.Dataset.LatestAlias;
            if (dataset is null)
                return Problem.Of("dataset.not_found", $"There is no '{c.Dataset.WithoutVersion()}'.");
            if (dataset.Resolve(requested) is not { } number)
                return Datasets.VersionText.NotFound(c.Dataset.WithoutVersion(), requested);

            var pinned = c.Dataset.WithVersion(number);
            return (await writes.DecideAsync<Run>(Run.StreamId(c.Run), run => Decide(run, c.Run, new RunInputRead(pinned, requested, c.Role)), ct))
                .ToOutcome(pinned, number);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/runs/{id:guid}/inputs",
                async (Guid id, Body body, IMediator mediator, CancellationToken ct) => (await mediator.Send(new Command(id, body.Dataset, body.Role), ct)).ToHttp())
            .Answers<Receipt>("RecordInput", "Record that a run reads a dataset version, and pin it", created: true);
}
