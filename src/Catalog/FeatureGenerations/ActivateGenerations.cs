using Catalog.Access;
using Catalog.Features;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Catalog.Serving;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.FeatureGenerations;

/// <summary>Serves generations in place of those that serve now: all of them at once, or, where one cannot be, none.</summary>
public static class ActivateGenerations
{
    private const int Most = 500;

    /// <param name="Generations">Their ids: one of each version of a view.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Command(IReadOnlyList<Guid> Generations, string? Reason = null) : IRequest<Outcome<SwitchedGenerations>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Generations).Must(g => g.Count is > 0 and <= Most).WithMessage($"must be from 1 to {Most} generations.");
            RuleFor(c => c.Generations).Must(g => g.Distinct().Count() == g.Count).WithMessage("must name each generation once.");
            RuleFor(c => c.Reason).IsText(Limits.Prose);
        }
    }

    /// <param name="state">Of the view that the generations are of.</param>
    /// <param name="view">Its node.</param>
    /// <param name="generations">Some that were built for it.</param>
    /// <param name="activation">Shared by all that is activated together.</param>
    /// <param name="reason">Why.</param>
    public static Decision Decide(FeatureView? state, NodeId view, IReadOnlyList<Guid> generations, Guid activation, string? reason)
    {
        if (!FeatureViewRules.Writable(state, view, out var no))
            return no;
        var facts = new List<object>();
        var numbers = new Dictionary<long, Guid>();
        foreach (var generation in generations)
        {
            if (state.FindGeneration(generation) is not { } built)
            {
                return Decision.Refuse(
                    "feature_generation.dropped",
                    $"'{NodeId.Generation(generation)}' was dropped, and its bytes may be gone: build another.");
            }

            if (!numbers.TryAdd(built.Number, generation))
                return Competing(view.WithVersion(built.Number), generation, numbers[built.Number]);
            if (state.FindActive(built.Number)?.Generation != generation)
                facts.Add(new FeatureGenerationActivated(built.Number, generation, activation, reason));
        }

        return facts.Count == 0 ? Decision.Unchanged : Decision.Accept([.. facts]);
    }

    private static Decision Competing(NodeId version, Guid one, Guid other) => Decision.Refuse(
        "feature_generation.competing",
        $"'{NodeId.Generation(other)}' and '{NodeId.Generation(one)}' are both of '{version}', which one serves at a time: "
        + "name one of them.");

    internal sealed class Handler(WritePath writes, GenerationLookup lookup, ServedViews served, TimeProvider clock, Gate gate)
        : IRequestHandler<Command, Outcome<SwitchedGenerations>>
    {
        public async Task<Outcome<SwitchedGenerations>> Handle(Command c, CancellationToken ct)
        {
            foreach (var generation in c.Generations)
            {
                if (gate.Ask(Act.Deploy, NodeId.Generation(generation)).Refusal is { } no)
                    return no;
            }

            var found = await lookup.FindAsync(c.Generations, ct);
            if (!found.Succeeded)
                return found.Problem;
            var views = found.Value.GroupBy(g => g.View, g => g.Built.Generation, StringComparer.Ordinal).ToList();
            foreach (var view in views)
            {
                if (gate.Ask(Act.Deploy, NodeId.Parse(view.Key)).Refusal is { } no)
                    return no;
            }

            var switched = await ActivateAsync(found.Value, views, c.Reason, ct);
            if (switched.Succeeded)
                await served.ReachAsync(switched.Value, ct);
            return switched;
        }

        private async Task<Outcome<SwitchedGenerations>> ActivateAsync(
            IReadOnlyList<FeatureGenerationPage> generations, IReadOnlyList<IGrouping<string, Guid>> views, string? reason,
            CancellationToken ct)
        {
            var activation = Guid.CreateVersion7(clock.GetUtcNow());
            IReadOnlyDictionary<string, FeatureView?> before = new Dictionary<string, FeatureView?>(StringComparer.Ordinal);
            var written = await writes.DecideAsync<FeatureView>(
                [.. views.Select(v => v.Key)],
                states =>
                {
                    before = views.Zip(states).ToDictionary(v => v.First.Key, v => v.Second, StringComparer.Ordinal);
                    return [.. views.Select((v, i) => Decide(states[i], NodeId.Parse(v.Key), [.. v], activation, reason))];
                },
                ct);
            return written.Decision switch
            {
                Decision.Refused refused => Problem.Refused(refused),
                var decision => new SwitchedGenerations(
                    decision is Decision.Accepted ? activation : null,
                    [.. generations.Select(g => Shown(g, before[g.View]))],
                    decision is Decision.Accepted,
                    written.Position),
            };
        }

        private static SwitchedGeneration Shown(FeatureGenerationPage page, FeatureView? before) => new(
            NodeId.Parse(page.View).WithVersion(page.Number),
            NodeId.Generation(page.Built.Generation),
            before?.FindActive(page.Number) is { } active ? NodeId.Generation(active.Generation) : null);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/feature-generations/activate",
                async (Command c, IMediator mediator, CancellationToken ct) => (await mediator.Send(c, ct)).ToHttp())
            .Answers<SwitchedGenerations>(
                "ActivateGenerations", "Serve generations of feature values in place of others, all at once", also: ProblemKind.NotFound);
}
