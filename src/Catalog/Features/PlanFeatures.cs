using Catalog.Access;
using Catalog.FeatureServices;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Features;

/// <summary>Shows what applying a set of feature views and services would do. Nothing is changed, so whoever may read may ask.</summary>
public static class PlanFeatures
{
    /// <param name="Views">As they are to be; views that are not named stay as they are.</param>
    /// <param name="Services">As they are to be; services that are not named stay as they are.</param>
    public sealed record Query(IReadOnlyList<WantedFeatureView> Views, IReadOnlyList<WantedFeatureService>? Services = null)
        : IWantedSet, IRequest<Outcome<FeaturePlan>>;

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator() => Include(new WantedSetValidator());
    }

    internal sealed class Handler(States states, FeatureSources sources, ServiceGrounds grounds, Gate gate)
        : IRequestHandler<Query, Outcome<FeaturePlan>>
    {
        public async Task<Outcome<FeaturePlan>> Handle(Query q, CancellationToken ct)
        {
            var services = q.Services ?? [];
            foreach (var node in q.Views.SelectMany(v => (NodeId[])[v.Node(), v.Definition.Source.Dataset])
                .Concat(services.SelectMany(s => s.Definition.Views.Select(v => v.View).Prepend(s.Node()))))
            {
                if (gate.Ask(Act.Read, node).Refusal is { } no)
                    return no;
            }

            var warnings = await sources.CheckAsync(q.Views, ct);
            if (!warnings.Succeeded)
                return warnings.Problem;
            var others = await grounds.CheckAsync(q.Views, services, ct);
            return others.Succeeded ? await PlanAsync(q.Views, services, warnings.Value, others.Value, ct) : others.Problem;
        }

        private async Task<Outcome<FeaturePlan>> PlanAsync(
            IReadOnlyList<WantedFeatureView> wanted, IReadOnlyList<WantedFeatureService> services,
            IReadOnlyList<IReadOnlyList<string>> warnings, IReadOnlyDictionary<NodeId, FeatureView> others, CancellationToken ct)
        {
            var views = new List<(WantedFeatureView Wanted, FeatureView? State, IReadOnlyList<string> Warnings)>();
            foreach (var (i, view) in wanted.Index())
                views.Add((view, await states.LoadAsync<FeatureView>(view.Node().StreamId, ct), warnings[i]));
            if (views.Find(v => v.State is { Retired: true }).Wanted is { } retired)
                return Problem.Refused(FeatureViewRules.Retired(retired.Node()));

            var known = new KnownViews(views.Select(v => (v.Wanted, v.State)), others);
            var planned = new List<(WantedFeatureService, FeatureService?, IReadOnlyList<string>)>();
            foreach (var service in services)
            {
                if (known.Find(service) is var found && !found.Succeeded)
                    return found.Problem;
                var state = await states.LoadAsync<FeatureService>(service.Node().StreamId, ct);
                if (state is { Retired: true })
                    return Problem.Refused(FeatureServiceWrites.Retired(service.Node()));
                planned.Add((found.Value.Wanted, state, found.Value.Warnings));
            }

            return FeaturePlan.Of(views, planned);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/feature-views/plan",
                async (Query q, IMediator mediator, CancellationToken ct) => (await mediator.Send(q, ct)).ToHttp())
            .Answers<FeaturePlan>(
                "PlanFeatures", "Show what applying feature views and services would change",
                also: [ProblemKind.NotFound, ProblemKind.Unprocessable]);
}
