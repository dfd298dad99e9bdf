using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Models;

/// <summary>Ends a model's life in the catalog. History stays readable.</summary>
public static class RetireModel
{
    public sealed record Body(string Reason);

    public sealed record Command(string Namespace, string Name, string Reason) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).NotEmpty().IsText(Limits.Prose);
    }

    /// <summary>What still serves must be undeployed first: a retired model in production is nobody's intention.</summary>
    public static Decision Decide(Model? state, Command c) => state switch
    {
        null => Decision.Refuse("model.not_found", $"There is no '{NodeId.Model(c.Namespace, c.Name)}'."),
        { Retired: true } => Decision.Unchanged,
        { Deployments.Count: > 0 } => Decision.Refuse(
            "model.deployed",
            $"'{NodeId.Model(c.Namespace, c.Name)}' still serves at {string.Join(", ", state.Deployments.Keys)}: undeploy it first."),
        _ => Decision.Accept(new ModelRetired(c.Reason)),
    };

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Model(c.Namespace, c.Name);
            return gate.Ask(Act.Retire, node).Refusal is { } no
                ? no
                : (await writes.DecideAsync<Model>(node.StreamId, state => Decide(state, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/models/{ns}/{name}/retire",
                async (Segment ns, Segment name, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, body.Reason), ct)).ToHttp())
            .Answers<Receipt>("RetireModel", "End a model's life; its history stays", created: true);
}
