using Catalog.Access;
using Catalog.Datasets;
using Catalog.Models;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Predictions;

/// <summary>
/// Says that what is decided with a model is kept, and for how long at least; or that no more is taken. The dataset that it is kept in
/// enters the catalog when it is switched on first.
/// </summary>
public static class DeclarePredictionLog
{
    /// <summary>Six months: what Regulation (EU) 2024/1689, Articles 19 and 26(6), ask for at least.</summary>
    public const int LeastDays = 183;

    public const int MostDays = 36_525;

    /// <param name="RetentionDays">From 183 to 36,525; 183 where left out.</param>
    public sealed record Body(int RetentionDays = LeastDays);

    /// <param name="RetentionDays">Null to take no more.</param>
    public sealed record Command(string Namespace, string Name, int? RetentionDays) : IRequest<Outcome<Receipt>>;

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.RetentionDays).InclusiveBetween(LeastDays, MostDays)
                .WithMessage($"must be from {LeastDays} days, which is six months, to {MostDays:N0}.");
            RuleFor(c => c.Name).Must(n => PredictionNames.Of(n).Length <= Names.MaxLength)
                .WithMessage($"is too long: the dataset '{PredictionNames.Of("…")}' must have at most {Names.MaxLength} characters.");
            RuleFor(c => c).FitsStream(NodeKind.Dataset, c => (c.Namespace, PredictionNames.Of(c.Name)));
        }
    }

    public static Decision Decide(Model? model, Dataset? dataset, Command c)
    {
        var node = NodeId.Model(c.Namespace, c.Name);
        return !ModelRules.Writable(model, node, out var no) ? no
            : c.RetentionDays is { } days ? SwitchOn(model, dataset, node, days)
            : model.PredictionLog is { IsOn: true } on ? Decision.Accept(new ModelPredictionLogSwitchedOff(on.RetentionDays))
            : Decision.Unchanged;
    }

    private static Decision SwitchOn(Model model, Dataset? dataset, NodeId node, int days)
    {
        var kept = PredictionNames.DatasetOf(node);
        if (dataset is { Retired: true })
            return Decision.Refuse("dataset.retired", $"'{kept}', which predictions would be kept in, was retired.");
        if (dataset is not null && model.PredictionLog is null)
        {
            return Decision.Refuse(
                "dataset.exists", $"'{kept}' is there already, and is not of predictions of '{node}': they would be kept in it.");
        }

        if (model.PredictionLog == new PredictionLogging(days, IsOn: true))
            return Decision.Unchanged;
        var on = new ModelPredictionLogSwitchedOn(days);
        return dataset is not null ? Decision.Accept(on) : Decision.Accept(on, new DatasetRegistered(
            kept.Namespace, kept.Name, model.Owner, $"What was decided with '{node}', as inference services handed it back.",
            ["predictions"]));
    }

    internal sealed class Handler(WritePath writes, DeclaredLogs logs, Gate gate) : IRequestHandler<Command, Outcome<Receipt>>
    {
        public async Task<Outcome<Receipt>> Handle(Command c, CancellationToken ct)
        {
            var node = NodeId.Model(c.Namespace, c.Name);
            var dataset = PredictionNames.DatasetOf(node);
            if ((gate.Ask(Act.Describe, node).Refusal ?? gate.Ask(Act.Register, dataset).Refusal) is { } no)
                return no;
            var written = await writes.DecideAsync<Model, Dataset>(node.StreamId, dataset.StreamId, (m, d) => Decide(m, d, c), ct);
            logs.Forget(node);
            return written.ToOutcome(node);
        }
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPut(
                "/v1/models/{ns}/{name}/prediction-log",
                async (Segment ns, Segment name, Body body, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, body.RetentionDays), ct)).ToHttp())
            .Answers<Receipt>("SwitchPredictionLogOn", "Keep what is decided with a model, and say for how long at least");
        routes.MapDelete(
                "/v1/models/{ns}/{name}/prediction-log",
                async (Segment ns, Segment name, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name, RetentionDays: null), ct)).ToHttp())
            .Answers<Receipt>("SwitchPredictionLogOff", "Take no more of what is decided with a model; what was kept stays");
    }
}
