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

/// <summary>Puts a new model in the catalog.</summary>
public static class RegisterModel
{
    public sealed record Command(string Namespace, string Name, string Owner, string? Documentation = null) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Namespace).IsName();
            RuleFor(c => c.Name).IsName();
            RuleFor(c => c).FitsStream(NodeKind.Model, c => (c.Namespace, c.Name));
            RuleFor(c => c.Owner).IsPrincipal();
            RuleFor(c => c.Documentation).IsText(Limits.Documentation);
        }
    }

    public static Decision Decide(Model? state, Command c) => state switch
    {
        null => Decision.Accept(new ModelRegistered(c.Namespace, c.Name, c.Owner, c.Documentation ?? "")),
        { Retired: true } => Decision.Refuse("model.retired", $"'{c.Namespace}/{c.Name}' was retired; names are not reused."),
        _ when state.Owner == c.Owner => Decision.Unchanged,
        _ => Decision.Refuse("model.exists", $"'{c.Namespace}/{c.Name}' is already registered, with another owner."),
    };

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Model(c.Namespace, c.Name);
            return gate.Ask(Act.Register, node).Refusal is { } no
                ? no
                : (await writes.DecideAsync<Model>(node.StreamId, state => Decide(state, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/models", async (Command c, IMediator mediator, CancellationToken ct) => (await mediator.Send(c, ct)).ToHttp())
            .Answers<Receipt>("RegisterModel", "Put a new model in the catalog", created: true);
}
