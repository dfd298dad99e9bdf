using Catalog.Access;
using Catalog.FeatureServices;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Catalog.Serving;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Features;

/// <summary>
/// Makes a set of feature views and services what they are wanted to be: all of them, or, where one cannot be, none. A change that can
/// alter a value makes a version beside the old one.
/// </summary>
public static class ApplyFeatures
{
    /// <param name="Views">As they are to be; views that are not named stay as they are.</param>
    /// <param name="ExpectedPlan">The hash of the plan that was shown: where another one would be carried out, nothing is.</param>
    /// <param name="Services">As they are to be; services that are not named stay as they are.</param>
    public sealed record Command(
        IReadOnlyList<WantedFeatureView> Views, string? ExpectedPlan = null, IReadOnlyList<WantedFeatureService>? Services = null)
        : IWantedSet, IRequest<Outcome<Answer>>;

    /// <param name="Hash">Of the plan that was carried out.</param>
    /// <param name="Views">What became of each view.</param>
    /// <param name="Services">What became of each service.</param>
    /// <param name="Changed">False when all was so already.</param>
    /// <param name="Position">Log position that includes it, for <c>atLeast</c>.</param>
    public sealed record Answer(
        string Hash, IReadOnlyList<PlannedView> Views, IReadOnlyList<PlannedFeatureService> Services, bool Changed, long Position);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            Include(new WantedSetValidator());
            RuleFor(c => c.ExpectedPlan).IsText(Limits.IdempotencyKey);
        }
    }

    public static Decision Decide(FeatureView? state, WantedFeatureView view)
    {
        if (state is { Retired: true })
            return FeatureViewRules.Retired(view.Node());
        var planned = PlannedView.Of(state, view);
        object[] facts = [.. Versions(state, view, planned), .. state is null ? [] : About(state, view), .. Tiers(state, view)];
        return facts.Length == 0 ? Decision.Unchanged : Decision.Accept(facts);
    }

    private static IEnumerable<object> Versions(FeatureView? state, WantedFeatureView view, PlannedView planned)
    {
        if (state is null)
        {
            yield return new FeatureViewRegistered(
                view.Namespace, view.Name, view.Owner, view.Description ?? "", [.. (view.Tags ?? []).Distinct(StringComparer.Ordinal)]);
        }

        if (planned.Action is PlannedAction.Create or PlannedAction.NewVersion)
            yield return new FeatureViewDefined(planned.Version, view.Definition, view.Definition.Hash());
        if (planned.Action is PlannedAction.Extend)
            yield return new FeatureViewExtended(planned.Version, view.Definition, view.Definition.Hash());
    }

    private static IEnumerable<object> Tiers(FeatureView? state, WantedFeatureView view)
    {
        if (view.Tiers is { } tiers && !tiers.SequenceEqual(state?.Tiers ?? ServingTiers.Default, StringComparer.Ordinal))
            yield return new FeatureViewServingDeclared(tiers);
    }

    private static IEnumerable<object> About(FeatureView state, WantedFeatureView view)
    {
        var described = new FeatureViewDescribed(view.Owner, view.Description ?? state.Description);
        if (described != new FeatureViewDescribed(state.Owner, state.Description))
            yield return described;
        foreach (var tag in (view.Tags ?? state.Tags).Except(state.Tags, StringComparer.Ordinal))
            yield return new FeatureViewTagged(tag);
        foreach (var tag in state.Tags.Except(view.Tags ?? state.Tags, StringComparer.Ordinal))
            yield return new FeatureViewUntagged(tag);
    }

    internal sealed class Handler(WritePath writes, FeatureSources sources, ServiceGrounds grounds, Turns turns, ServedViews served,
        Gate gate) : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            var services = c.Services ?? [];
            foreach (var (act, node, tags) in Asked(c.Views, services))
            {
                if (gate.Ask(act, node, tags).Refusal is { } no)
                    return no;
            }

            var applied = await ApplyAsync(c, services, ct);
            if (applied.Succeeded)
                await served.ReachAsync(state => Has(state, applied.Value), ct);
            return applied;
        }

        private static bool Has(ServedState state, Answer applied) =>
            applied.Views.All(v => state.FindView(v.View.WithVersion(v.Version)).Succeeded)
            && (applied.Services ?? []).All(s => state.FindService(s.Service.WithVersion(s.Version)).Succeeded);

        private async Task<Outcome<Answer>> ApplyAsync(Command c, IReadOnlyList<WantedFeatureService> services, CancellationToken ct)
        {
            await using var turn = await turns.TakeAsync(
                c.Views.Select(v => v.Namespace).Concat(services.Select(s => s.Namespace)).Select(Turn.Features), ct);
            var warnings = await sources.CheckAsync(c.Views, ct);
            if (!warnings.Succeeded)
                return warnings.Problem;
            var others = await grounds.CheckAsync(c.Views, services, ct);
            return others.Succeeded ? await ApplyAsync(c, services, warnings.Value, others.Value, ct) : others.Problem;
        }

        private static IEnumerable<(Act Act, NodeId Node, IReadOnlyCollection<string> Tags)> Asked(
            IReadOnlyList<WantedFeatureView> views, IReadOnlyList<WantedFeatureService> services)
        {
            foreach (var view in views)
            {
                yield return (Act.Register, view.Node(), [.. view.Tags ?? []]);
                yield return (Act.Read, view.Definition.Source.Dataset, []);
            }

            foreach (var service in services)
            {
                yield return (Act.Register, service.Node(), [.. service.Tags ?? []]);
                foreach (var served in service.Definition.Views)
                    yield return (Act.Read, served.View, []);
            }
        }

        private async Task<Outcome<Answer>> ApplyAsync(
            Command c, IReadOnlyList<WantedFeatureService> services, IReadOnlyList<IReadOnlyList<string>> warnings,
            IReadOnlyDictionary<NodeId, FeatureView> others, CancellationToken ct)
        {
            FeaturePlan? plan = null;
            var written = await writes.DecideAsync<FeatureView, FeatureService>(
                [.. c.Views.Select(v => v.Node().StreamId)],
                [.. services.Select(s => s.Node().StreamId)],
                (views, states) =>
                {
                    var known = new KnownViews(c.Views.Zip(views), others);
                    var grounded = services.Select(s => known.Find(s).Value).OfType<GroundedFeatureService>().ToList();
                    if (grounded.Count < services.Count)
                        return [Stale];
                    plan = FeaturePlan.Of(
                        [.. c.Views.Select((view, i) => (view, views[i], warnings[i]))],
                        [.. grounded.Select((g, i) => (g.Wanted, states[i], g.Warnings))]);
                    return c.ExpectedPlan is { } shown && shown != plan.Hash
                        ? [Stale]
                        :
                        [
                            .. c.Views.Select((view, i) => Decide(views[i], view)),
                            .. grounded.Select((g, i) => DefineFeatureService.Decide(states[i], g.Wanted)),
                        ];
                },
                ct);
            return (written.Decision, plan) switch
            {
                (Decision.Refused refused, _) => Problem.Refused(refused),
                (var decision, { } carriedOut) => new Answer(
                    carriedOut.Hash, carriedOut.Views, carriedOut.Services, decision is Decision.Accepted, written.Position),
                _ => throw new InvalidOperationException("A set of views was applied that nothing was decided about."),
            };
        }

        private static Decision Stale { get; } = Decision.Refuse(
            "feature_view.plan_stale",
            "The catalog has changed since the plan was made, and applying it would do something else than it showed: plan again.");
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/feature-views/apply",
                async (Command c, IMediator mediator, CancellationToken ct) => (await mediator.Send(c, ct)).ToHttp())
            .Answers<Answer>(
                "ApplyFeatures", "Make feature views and services what they are wanted to be",
                also: [ProblemKind.NotFound, ProblemKind.Unprocessable]);
}
