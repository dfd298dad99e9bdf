using System.Globalization;
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

/// <summary>
/// Records that a run reads a dataset version, pinning <c>latest</c> or an alias to the number it means now. The same request again answers
/// with the earlier pin, whatever the alias points to by then: a run that says twice what it reads read it once.
/// </summary>
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
            RuleFor(c => c.Role).Must(r => r is null || Names.Check(r) is null)
                .WithMessage("must be a name such as 'train', 'validation' or 'test'.");
        }
    }

    public static Decision Decide(Run? run, Guid id, RunInputRead read) =>
        run is null ? Decision.Refuse("run.not_found", $"There is no 'run:{id}'.")
        : run.FindInput(read) is not null ? Decision.Unchanged
        : RunRules.NotRunning(run, id, out var no) ? no
        : Decision.Accept(read);

    internal sealed class Handler(WritePath writes, Gate gate, States states) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            // Reading is what a run does with an input, so both are asked for.
            var dataset = await states.LoadAsync<Datasets.Dataset>(c.Dataset.StreamId, ct);
            if ((gate.Ask(Act.Run, NodeId.Run(c.Run)).Refusal ?? gate.Ask(Act.ReadData, c.Dataset, dataset?.Tags ?? []).Denial) is { } no)
                return no;

            var requested = c.Dataset.Version ?? Datasets.Dataset.LatestAlias;
            if (dataset is null)
                return Problem.Of("dataset.not_found", $"There is no '{c.Dataset.WithoutVersion()}'.");
            if (dataset.Resolve(requested) is not { } number)
                return Datasets.VersionText.NotFound(c.Dataset.WithoutVersion(), requested);

            var read = new RunInputRead(c.Dataset.WithVersion(number), requested, c.Role);
            var written = await writes.DecideAsync<Run>(Run.StreamId(c.Run), run => Decide(run, c.Run, read), ct);
            var pinned = (written.State as Run)?.FindInput(read) ?? read.Dataset;
            return written.ToOutcome(pinned, VersionOf(pinned));
        }
    }

    private static long? VersionOf(NodeId pinned) =>
        long.TryParse(pinned.Version, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/runs/{id:guid}/inputs",
                async (Guid id, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(id, body.Dataset, body.Role), ct)).ToHttp())
            .Answers<Receipt>("RecordInput", "Record that a run reads a dataset version, and pin it", created: true);
}
