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

/// <summary>
/// Takes an activation back: what served before serves again. Of a view, it is the last activation of one of its versions; of a service,
/// the last one of any of its views, with all that was activated together with it.
/// </summary>
public static class RollBackGenerations
{
    /// <summary>So often it is looked anew at what is to be taken back, where somebody activates something meanwhile.</summary>
    private const int Tries = 3;

    /// <param name="Node">A view or a service; the newest version of it unless one is named.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Command(NodeId Node, string? Reason = null) : IRequest<Outcome<SwitchedGenerations>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() => RuleFor(c => c.Reason).IsText(Limits.Prose);
    }

    /// <param name="state">Of a view.</param>
    /// <param name="view">Its node.</param>
    /// <param name="numbers">Versions of it.</param>
    /// <param name="activation">
    /// What is to be taken back, which must be the last of each version. Null for the last, whichever.
    /// </param>
    /// <param name="reason">Why.</param>
    public static Decision Decide(FeatureView? state, NodeId view, IReadOnlyList<long> numbers, Guid? activation, string? reason)
    {
        if (!FeatureViewRules.Writable(state, view, out var no))
            return no;
        var facts = new List<object>();
        foreach (var number in numbers)
        {
            switch (state.ServingOf(number))
            {
                case [.., var last] when activation is { } wanted && last.Activation != wanted:
                    return Overtaken(view.WithVersion(number));
                case [.., var before, var last]:
                    facts.Add(new FeatureGenerationRolledBack(number, last.Generation, before.Generation, last.Activation, reason));
                    break;
                default:
                    return Decision.Refuse(
                        "feature_generation.nothing_before",
                        $"Nothing served '{view.WithVersion(number)}' before what serves it now, so there is nothing to go back to.");
            }
        }

        return Decision.Accept([.. facts]);
    }

    private static Decision.Refused Overtaken(NodeId version) => new(
        RollbackTargets.Overtaken,
        $"Another generation was activated for '{version}' at this moment: look at what serves now, and ask again.");

    internal sealed class Handler(WritePath writes, RollbackTargets targets, ServedViews served, Gate gate)
        : IRequestHandler<Command, Outcome<SwitchedGenerations>>
    {
        public async Task<Outcome<SwitchedGenerations>> Handle(Command c, CancellationToken ct)
        {
            if (gate.Ask(Act.Deploy, c.Node).Refusal is { } no)
                return no;
            for (var tried = 1; ; tried++)
            {
                var switched = await TryAsync(c, ct);
                if (switched.Succeeded)
                    await served.ReachAsync(switched.Value, ct);
                if (switched.Problem?.Code != RollbackTargets.Overtaken || tried == Tries)
                    return switched;
            }
        }

        private async Task<Outcome<SwitchedGenerations>> TryAsync(Command c, CancellationToken ct)
        {
            var found = await targets.FindAsync(c.Node, ct);
            if (!found.Succeeded)
                return found.Problem;
            return found.Value.Views.Select(v => gate.Ask(Act.Deploy, v.View).Refusal).OfType<Problem>().FirstOrDefault() is { } no
                ? no
                : await RollBackAsync(found.Value, c.Reason, ct);
        }

        private async Task<Outcome<SwitchedGenerations>> RollBackAsync(RollbackTarget target, string? reason, CancellationToken ct)
        {
            IReadOnlyList<SwitchedGeneration> switched = [];
            Guid? activation = null;
            var written = await writes.DecideAsync<FeatureView>(
                [.. target.Views.Select(v => v.View.StreamId)],
                states =>
                {
                    Decision[] decisions =
                        [.. target.Views.Select((v, i) => Decide(states[i], v.View, v.Numbers, target.Activation, reason))];
                    switched = [.. decisions.SelectMany((d, i) => Shown(d, target.Views[i].View))];
                    activation = decisions.SelectMany(Facts).Select(f => (Guid?)f.Activation).FirstOrDefault();
                    return decisions;
                },
                ct);
            return written.Decision switch
            {
                Decision.Refused refused => Problem.Refused(refused),
                var decision => new SwitchedGenerations(activation, switched, decision is Decision.Accepted, written.Position),
            };
        }

        private static IEnumerable<FeatureGenerationRolledBack> Facts(Decision decision) =>
            (decision as Decision.Accepted)?.Facts.OfType<FeatureGenerationRolledBack>() ?? [];

        private static IEnumerable<SwitchedGeneration> Shown(Decision decision, NodeId view) => Facts(decision).Select(f =>
            new SwitchedGeneration(view.WithVersion(f.Number), NodeId.Generation(f.To), NodeId.Generation(f.From)));
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/feature-generations/rollback",
                async (Command c, IMediator mediator, CancellationToken ct) => (await mediator.Send(c, ct)).ToHttp())
            .Answers<SwitchedGenerations>(
                "RollBackGenerations", "Serve what served a view or a service before", also: ProblemKind.NotFound);
}
