using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Datasets;

/// <summary>From here on, versions may change the schema only as the mode allows.</summary>
public sealed record CompatibilityDeclared(Compatibility Mode);

/// <summary>Declares which schema changes a dataset's next versions may bring.</summary>
public static class DeclareCompatibility
{
    public sealed record Body(Compatibility Mode);

    public sealed record Command(string Namespace, string Name, Compatibility Mode) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Mode).IsInEnum();
    }

    public static Decision Decide(Dataset? state, Command c) =>
        !DatasetRules.Writable(state, NodeId.Dataset(c.Namespace, c.Name), out var no) ? no
        : state.Compatibility == c.Mode ? Decision.Unchanged
        : Decision.Accept(new CompatibilityDeclared(c.Mode));

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Dataset(c.Namespace, c.Name);
            return gate.Ask(Act.Describe, node).Refusal is { } no
                ? no
                : (await writes.DecideAsync<Dataset>(node.StreamId, state => Decide(state, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut(
                "/v1/datasets/{ns}/{name}/compatibility",
                async (Segment ns, Segment name, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, body.Mode), ct)).ToHttp())
            .Answers<Receipt>("DeclareCompatibility", "Declare which schema changes later versions may bring");
}
