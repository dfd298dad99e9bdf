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

/// <summary>A hold does not bind the dataset any more; others that are on it do.</summary>
public sealed record HoldReleased(string Hold, string Reason);

/// <summary>Releases a legal hold.</summary>
public static class ReleaseHold
{
    public sealed record Body(string Reason);

    public sealed record Command(string Namespace, string Name, string Hold, string Reason) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).NotEmpty().IsText(Limits.Prose);
    }

    public static Decision Decide(Dataset? state, Command c) => state switch
    {
        null => Decision.Refuse("dataset.not_found", $"There is no '{NodeId.Dataset(c.Namespace, c.Name)}'."),
        _ when !state.Holds.ContainsKey(c.Hold) => Decision.Refuse("hold.not_found", $"No hold '{c.Hold}' is on '{state.Id}'."),
        _ => Decision.Accept(new HoldReleased(c.Hold, c.Reason)),
    };

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
        routes.MapPost(
                "/v1/datasets/{ns}/{name}/holds/{hold}/release",
                async (Segment ns, Segment name, Segment hold, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, hold, body.Reason), ct)).ToHttp())
            .Answers<Receipt>("ReleaseHold", "Release a legal hold", created: true);
}
