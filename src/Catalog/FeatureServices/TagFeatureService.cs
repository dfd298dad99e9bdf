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

/// <summary>Puts a tag on a feature service, or takes it off.</summary>
public static class TagFeatureService
{
    /// <param name="Namespace">Of the service.</param>
    /// <param name="Name">Of the service.</param>
    /// <param name="Tag">Such as <c>pii</c>.</param>
    /// <param name="Present">True to put it on, false to take it off.</param>
    public sealed record Command(string Namespace, string Name, string Tag, bool Present) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Tag).IsTag();
    }

    public static Decision Decide(FeatureService? state, Command c) =>
        !FeatureServiceWrites.Writable(state, NodeId.FeatureService(c.Namespace, c.Name), out var no) ? no
        : (state.Tags.Contains(c.Tag), c.Present) switch
        {
            (false, true) => Decision.Accept(new FeatureServiceTagged(c.Tag)),
            (true, false) => Decision.Accept(new FeatureServiceUntagged(c.Tag)),
            _ => Decision.Unchanged,
        };

    internal sealed class Handler(WritePath writes, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.FeatureService(c.Namespace, c.Name);
            return gate.Ask(Act.Describe, node, c.Tag).Refusal is { } no
                ? no
                : (await writes.DecideAsync<FeatureService>(node.StreamId, state => Decide(state, c), ct)).ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut(
                "/v1/feature-services/{ns}/{name}/tags/{tag}",
                async (Segment ns, Segment name, Segment tag, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, tag, Present: true), ct)).ToHttp())
            .Answers<Receipt>("TagFeatureService", "Put a tag on a feature service");
        routes.MapDelete(
                "/v1/feature-services/{ns}/{name}/tags/{tag}",
                async (Segment ns, Segment name, Segment tag, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, tag, Present: false), ct)).ToHttp())
            .Answers<Receipt>("UntagFeatureService", "Take a tag off a feature service");
    }
}
