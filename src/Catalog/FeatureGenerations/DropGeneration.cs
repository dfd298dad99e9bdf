using Catalog.Access;
using Catalog.Features;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.FeatureGenerations;

/// <summary>Says that a generation is not served any more. A collection of garbage frees its bytes.</summary>
public static class DropGeneration
{
    public sealed record Body(string Reason);

    public sealed record Command(Guid Generation, string Reason) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).NotEmpty().IsText(Limits.Prose);
    }

    /// <summary>Never what serves, nor what a rollback would serve again.</summary>
    /// <param name="state">Of the view that it was built for.</param>
    /// <param name="c">What is to be dropped.</param>
    public static Decision Decide(FeatureView? state, Command c)
    {
        if (state?.FindGeneration(c.Generation) is not { } built)
            return Decision.Unchanged;
        var (node, version) = (NodeId.Generation(c.Generation), NodeId.Parse(state.Id).WithVersion(built.Number));
        return state.ServingOf(built.Number) switch
        {
            [.., var last] when last.Generation == c.Generation => Decision.Refuse(
                "feature_generation.in_use", $"'{node}' serves '{version}': activate another first."),
            [.., var before, _] when before.Generation == c.Generation => Decision.Refuse(
                "feature_generation.in_use",
                $"'{node}' is what '{version}' would be rolled back to: activate another first, so that it is no longer."),
            _ => Decision.Accept(new FeatureGenerationDropped(c.Generation, c.Reason)),
        };
    }

    internal sealed class Handler(WritePath writes, GenerationLookup lookup, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Generation(c.Generation);
            if (gate.Ask(Act.Retire, node).Refusal is { } no)
                return no;
            var found = await lookup.FindAsync([c.Generation], ct);
            if (!found.Succeeded)
                return found.Problem;
            var view = found.Value[0].View;
            return gate.Ask(Act.Retire, NodeId.Parse(view)).Refusal is { } notOfThisView
                ? notOfThisView
                : (await writes.DecideAsync<FeatureView>(view, state => Decide(state, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/feature-generations/{id:guid}/drop",
                async (Guid id, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(id, body.Reason), ct)).ToHttp())
            .Answers<Receipt>(
                "DropGeneration", "Say that a generation is not served any more, so that its bytes can be freed", created: true);
}
