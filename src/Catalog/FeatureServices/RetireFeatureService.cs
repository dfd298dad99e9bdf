using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.FeatureServices;

/// <summary>Ends a feature service's life in the catalog. Its versions stay readable.</summary>
public static class RetireFeatureService
{
    public sealed record Body(string Reason);

    public sealed record Command(string Namespace, string Name, string Reason) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).NotEmpty().IsText(Limits.Prose);
    }

    public static Decision Decide(FeatureService? state, Command c) => state switch
    {
        null => Decision.Refuse("feature_service.not_found", $"There is no '{NodeId.FeatureService(c.Namespace, c.Name)}'."),
        { Retired: true } => Decision.Unchanged,
        _ => Decision.Accept(new FeatureServiceRetired(c.Reason)),
    };

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.FeatureService(c.Namespace, c.Name);
            return gate.Ask(Act.Retire, node).Refusal is { } no
                ? no
                : (await writes.DecideAsync<FeatureService>(node.StreamId, state => Decide(state, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/feature-services/{ns}/{name}/retire",
                async (Segment ns, Segment name, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, body.Reason), ct)).ToHttp())
            .Answers<Receipt>("RetireFeatureService", "End a feature service's life; its versions stay", created: true);
}
