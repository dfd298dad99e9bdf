using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Features;

/// <summary>Ends a feature view's life in the catalog. Its versions stay readable.</summary>
public static class RetireFeatureView
{
    public sealed record Body(string Reason);

    public sealed record Command(string Namespace, string Name, string Reason) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).NotEmpty().IsText(Limits.Prose);
    }

    public static Decision Decide(FeatureView? state, Command c) => state switch
    {
        null => Decision.Refuse("feature_view.not_found", $"There is no '{NodeId.FeatureView(c.Namespace, c.Name)}'."),
        { Retired: true } => Decision.Unchanged,
        _ => Decision.Accept(new FeatureViewRetired(c.Reason)),
    };

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.FeatureView(c.Namespace, c.Name);
            return gate.Ask(Act.Retire, node).Refusal is { } no
                ? no
                : (await writes.DecideAsync<FeatureView>(node.StreamId, state => Decide(state, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/feature-views/{ns}/{name}/retire",
                async (Segment ns, Segment name, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, body.Reason), ct)).ToHttp())
            .Answers<Receipt>("RetireFeatureView", "End a feature view's life; its versions stay", created: true);
}
