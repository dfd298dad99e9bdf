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

/// <summary>Shows what applying a set of feature views would do. Nothing is changed, so whoever may read may ask.</summary>
public static class PlanFeatures
{
    /// <param name="Views">As they are to be; views that are not named stay as they are.</param>
    public sealed record Query(IReadOnlyList<WantedFeatureView> Views) : IRequest<Outcome<FeaturePlan>>;

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            this.AreViews(q => q.Views);
            RuleForEach(q => q.Views).NotNull().SetValidator(new WantedFeatureView.Validator());
        }
    }

    internal sealed class Handler(States states, FeatureSources sources, Gate gate) : IRequestHandler<Query, Outcome<FeaturePlan>>
    {
        public async Task<Outcome<FeaturePlan>> Handle(Query q, CancellationToken ct)
        {
            foreach (var view in q.Views)
            {
                if ((gate.Ask(Act.Read, view.Node()).Refusal ?? gate.Ask(Act.Read, view.Definition.Source.Dataset).Refusal) is { } no)
                    return no;
            }

            var warnings = await sources.CheckAsync(q.Views, ct);
            if (!warnings.Succeeded)
                return warnings.Problem;
            var found = new List<FeatureView?>();
            foreach (var view in q.Views)
                found.Add(await states.LoadAsync<FeatureView>(view.Node().StreamId, ct));
            return q.Views.Where((_, i) => found[i] is { Retired: true }).FirstOrDefault() is { } retired
                ? Problem.Refused(FeatureViewRules.Retired(retired.Node()))
                : FeaturePlan.Of(q.Views, found, warnings.Value);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/feature-views/plan",
                async (Query q, IMediator mediator, CancellationToken ct) => (await mediator.Send(q, ct)).ToHttp())
            .Answers<FeaturePlan>(
                "PlanFeatures", "Show what applying feature views would change", also: [ProblemKind.NotFound, ProblemKind.Unprocessable]);
}
