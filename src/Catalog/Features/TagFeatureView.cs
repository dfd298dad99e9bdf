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

/// <summary>Puts a tag on a feature view, or takes it off.</summary>
public static class TagFeatureView
{
    /// <param name="Namespace">Of the view.</param>
    /// <param name="Name">Of the view.</param>
    /// <param name="Tag">Such as <c>pii</c>.</param>
    /// <param name="Present">True to put it on, false to take it off.</param>
    public sealed record Command(string Namespace, string Name, string Tag, bool Present) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Tag).IsTag();
    }

    public static Decision Decide(FeatureView? state, Command c) =>
        !FeatureViewRules.Writable(state, NodeId.FeatureView(c.Namespace, c.Name), out var no) ? no
        : (state.Tags.Contains(c.Tag), c.Present) switch
        {
            (false, true) => Decision.Accept(new FeatureViewTagged(c.Tag)),
            (true, false) => Decision.Accept(new FeatureViewUntagged(c.Tag)),
            _ => Decision.Unchanged,
        };

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.FeatureView(c.Namespace, c.Name);
            return gate.Ask(Act.Describe, node, c.Tag).Refusal is { } no
                ? no
                : (await writes.DecideAsync<FeatureView>(node.StreamId, state => Decide(state, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut(
                "/v1/feature-views/{ns}/{name}/tags/{tag}",
                async (Segment ns, Segment name, Segment tag, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, tag, Present: true), ct)).ToHttp())
            .Answers<Receipt>("TagFeatureView", "Put a tag on a feature view");
        routes.MapDelete(
                "/v1/feature-views/{ns}/{name}/tags/{tag}",
                async (Segment ns, Segment name, Segment tag, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, tag, Present: false), ct)).ToHttp())
            .Answers<Receipt>("UntagFeatureView", "Take a tag off a feature view");
    }
}
