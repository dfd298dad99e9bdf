using System.Globalization;
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

/// <summary>
/// Says which version of a model serves at an endpoint, or that none does any more. An endpoint is a name in the model's namespace.
/// </summary>
public static class DeployModel
{
    /// <param name="Version">A number or an alias.</param>
    public sealed record Body(string Version);

    /// <param name="Namespace">Of the model, and of the endpoint.</param>
    /// <param name="Name">Of the model.</param>
    /// <param name="Endpoint">Such as <c>flight-delay-eu</c>.</param>
    /// <param name="Version">What serves there from now on; null for nothing.</param>
    public sealed record Command(string Namespace, string Name, string Endpoint, string? Version) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Endpoint).IsName();
            RuleFor(c => c).FitsStream(NodeKind.Deployment, c => (c.Namespace, c.Endpoint), field: "endpoint");
            RuleFor(c => c.Version).Must(v => v is null || Names.CheckVersion(v) is null)
                .WithMessage("must be a version number or an alias.");
        }
    }

    public static Decision Decide(Model? state, Command c)
    {
        var node = NodeId.Model(c.Namespace, c.Name);
        if (!ModelRules.Writable(state, node, out var no))
            return no;

        var serving = state.Deployments.TryGetValue(c.Endpoint, out var now) ? now : (long?)null;
        if (c.Version is null)
            return serving is { } number ? Decision.Accept(new ModelUndeployed(c.Endpoint, number)) : Decision.Unchanged;

        return Datasets.VersionText.Resolve(c.Version, state.Latest, state.Aliases) switch
        {
            null => Decision.Refuse("version.not_found", $"'{node}' has no version '{c.Version}'."),
            { } wanted when wanted == serving => Decision.Unchanged,
            { } wanted => Decision.Accept(new ModelDeployed(c.Endpoint, wanted)),
        };
    }

    internal sealed class Handler(WritePath writes, States states, PolicyFollower policies, Gate gate)
        : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Model(c.Namespace, c.Name);

            // What the version inherits decides, and what was approved of it: so it is the version asked about that is deployed.
            var known = await states.LoadAsync<Model>(node.StreamId, ct);
            var wanted = c.Version is null || known is null
                ? null
                : Datasets.VersionText.Resolve(c.Version, known.Latest, known.Aliases);
            if (wanted is { } number && await policies.KnowAsync(node.WithVersion(number), ct) is { } late)
                return late;
            if (gate.Ask(Act.Deploy, wanted is { } meant ? node.WithVersion(meant) : node).Refusal is { } no)
                return no;
            if (known is not null && wanted is null && c.Version is { } text)
                return Problem.Of("version.not_found", $"'{node}' has no version '{text}'.");
            c = wanted is { } pinned ? c with { Version = pinned.ToString(CultureInfo.InvariantCulture) } : c;
            var deployment = NodeId.Deployment(c.Namespace, c.Endpoint);
            var written = await writes.DecideAsync<Model>(node.StreamId, state => Decide(state, c), ct);
            var serving = written.State is Model model && model.Deployments.TryGetValue(c.Endpoint, out var there) ? there : (long?)null;
            return written.ToOutcome(deployment, serving);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut(
                "/v1/models/{ns}/{name}/deployments/{endpoint}",
                async (Segment ns, Segment name, Segment endpoint, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, endpoint, body.Version), ct)).ToHttp())
            .Answers<Receipt>("DeployModel", "Say which model version serves at an endpoint");
        routes.MapDelete(
                "/v1/models/{ns}/{name}/deployments/{endpoint}",
                async (Segment ns, Segment name, Segment endpoint, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, endpoint, Version: null), ct)).ToHttp())
            .Answers<Receipt>("UndeployModel", "Say that a model no longer serves at an endpoint");
    }
}
