using Catalog.Access;
using Catalog.FeatureServices;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Models;

/// <summary>Says which feature service a version of a model is served.</summary>
public static class NameFeatureService
{
    /// <param name="Service">A feature service; its newest version unless one is named.</param>
    public sealed record Body(NodeId Service);

    /// <param name="Namespace">Of the model.</param>
    /// <param name="Name">Of the model.</param>
    /// <param name="Version">A number or an alias.</param>
    /// <param name="Service">A feature service, with or without a version.</param>
    public sealed record Command(string Namespace, string Name, string Version, NodeId Service) : IRequest<Outcome<Receipt>>;

    /// <param name="state">Of the model.</param>
    /// <param name="model">Its node.</param>
    /// <param name="version">A number or an alias.</param>
    /// <param name="service">By number.</param>
    public static Decision Decide(Model? state, NodeId model, string version, NodeId service) =>
        !ModelRules.Writable(state, model, out var no) ? no
        : Datasets.VersionText.Resolve(version, state.Latest, state.Aliases) is not { } number
            ? Decision.Refuse("version.not_found", $"'{model}' has no version '{version}'.")
        : state.FeatureServices.TryGetValue(number, out var named) && named == service ? Decision.Unchanged
        : Decision.Accept(new ModelFeaturesNamed(number, service));

    internal sealed class Handler(WritePath writes, FeatureServiceLookup services, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var model = NodeId.Model(c.Namespace, c.Name);
            if ((gate.Ask(Act.Describe, model).Refusal ?? gate.Ask(Act.Read, c.Service).Refusal) is { } no)
                return no;
            var service = await services.FindAsync(c.Service, ct);
            if (!service.Succeeded)
                return service.Problem;
            var written = await writes.DecideAsync<Model>(
                model.StreamId, state => Decide(state, model, c.Version, service.Value.Node), ct);
            var number = written.State is Model known
                ? Datasets.VersionText.Resolve(c.Version, known.Latest, known.Aliases)
                : null;
            return written.ToOutcome(number is { } found ? model.WithVersion(found) : model, number);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut(
                "/v1/models/{ns}/{name}/versions/{version}/feature-service",
                async (Segment ns, Segment name, Segment version, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, version, body.Service), ct)).ToHttp())
            .Answers<Receipt>("NameFeatureService", "Say which feature service a model version is served");
}
