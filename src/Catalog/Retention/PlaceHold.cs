using Catalog.Access;
using Catalog.Datasets;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Retention;

/// <summary>No version of the dataset goes, whatever else is said, until the hold is released.</summary>
/// <param name="Hold">Its name: of a case.</param>
/// <param name="Reason">Why; nothing about persons.</param>
public sealed record HoldPlaced(string Hold, string Reason);

/// <summary>Places a legal hold on a dataset: its versions neither expire nor are they erased while any hold is on it.</summary>
public static class PlaceHold
{
    public sealed record Body(string Reason);

    public sealed record Command(string Namespace, string Name, string Hold, string Reason) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Hold).IsName();
            RuleFor(c => c.Reason).NotEmpty().IsText(Limits.Prose);
        }
    }

    /// <summary>Also of a dataset that was retired: what it holds is still there.</summary>
    public static Decision Decide(Dataset? state, Command c) =>
        state is null ? Decision.Refuse("dataset.not_found", $"There is no '{NodeId.Dataset(c.Namespace, c.Name)}'.")
        : !state.Holds.TryGetValue(c.Hold, out var reason) ? Decision.Accept(new HoldPlaced(c.Hold, c.Reason))
        : reason == c.Reason ? Decision.Unchanged
        : Decision.Refuse("hold.exists", $"The hold '{c.Hold}' is on '{state.Id}' already, for another reason.");

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Dataset(c.Namespace, c.Name);
            return gate.Ask(Act.Hold, node).Refusal is { } no
                ? no
                : (await writes.DecideAsync<Dataset>(node.StreamId, state => Decide(state, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut(
                "/v1/datasets/{ns}/{name}/holds/{hold}",
                async (Segment ns, Segment name, Segment hold, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, hold, body.Reason), ct)).ToHttp())
            .Answers<Receipt>("PlaceHold", "Place a legal hold on a dataset");
}
