using System.Text.Json;
using Catalog.Access;
using Catalog.Platform;
using Catalog.Platform.Http;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Predictions;

/// <summary>
/// Takes what an inference service decided, to be kept with the model. The answer says how many are durable now, and how many are lost
/// because there was no room for them or no database: of one request, all or none.
/// </summary>
public static class LogPredictions
{
    public const int MostPredictions = 1_000;

    /// <summary>Of the JSON of one prediction, in characters.</summary>
    public const int MostText = 16_384;

    /// <summary>How far ahead of this server's clock a prediction may say it was made: clocks differ a little.</summary>
    public static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(5);

    /// <param name="RequestId">The inference service's own; one that comes again within minutes is kept once, as it came first.</param>
    /// <param name="Model">By number: <c>model:demo/flight-delay@3</c>.</param>
    /// <param name="Keys">Of whom it was decided, as in the lookup; may be empty.</param>
    /// <param name="Output">What was decided: any JSON.</param>
    /// <param name="Receipt">What the lookup answered with that was asked for a receipt.</param>
    /// <param name="Features">The values that the model saw, by name; left out where the receipt is to tell them.</param>
    /// <param name="At">When it was decided; now where left out.</param>
    public sealed record Prediction(
        string RequestId, NodeId Model, IReadOnlyDictionary<string, JsonElement> Keys, JsonElement Output, FeatureReceipt? Receipt = null,
        IReadOnlyDictionary<string, JsonElement>? Features = null, DateTimeOffset? At = null);

    /// <param name="Views">As <c>POST /v1/features/read</c> answered, with <c>receipt</c>.</param>
    /// <param name="Stale">As it answered.</param>
    /// <param name="Row">Which row of the lookup this was decided with, from 0.</param>
    public sealed record FeatureReceipt(IReadOnlyList<ReceiptView> Views, bool Stale = false, int Row = 0);

    /// <param name="Node">The version of the feature view.</param>
    /// <param name="Tier">Which place answered.</param>
    /// <param name="EventTimes">By row.</param>
    /// <param name="Generation">That served the view.</param>
    /// <param name="Origins">By row: a dataset version, or <c>push</c>.</param>
    /// <param name="Run">That made the generation.</param>
    /// <param name="Positions">By row: the log position of the dataset version.</param>
    /// <param name="Filtered">Whether rows were left out that the caller could not see; not kept.</param>
    public sealed record ReceiptView(
        NodeId Node, string? Tier = null, IReadOnlyList<DateTimeOffset?>? EventTimes = null, NodeId? Generation = null,
        IReadOnlyList<string?>? Origins = null, NodeId? Run = null, IReadOnlyList<long?>? Positions = null, bool? Filtered = null);

    /// <param name="Predictions">From 1 to 1,000.</param>
    public sealed record Command(IReadOnlyList<Prediction> Predictions) : IRequest<Outcome<Answer>>;

    /// <param name="Accepted">That are durable now, and become part of a dataset version within minutes.</param>
    /// <param name="Dropped">That are lost, and were counted.</param>
    public sealed record Answer(int Accepted, int Dropped);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Predictions).Must(p => p.Count is > 0 and <= MostPredictions)
                .WithMessage($"must be from 1 to {MostPredictions:N0} predictions.");
            RuleForEach(c => c.Predictions).NotNull().SetValidator(new PredictionValidator());
        }
    }

    internal sealed class PredictionValidator : AbstractValidator<Prediction>
    {
        public PredictionValidator()
        {
            RuleFor(p => p.RequestId).IsName();
            RuleFor(p => p.Output).Must(o => o.ValueKind != JsonValueKind.Undefined).WithMessage("must be given.");
            When(p => p.Receipt is not null, () => RuleFor(p => p.Receipt).Custom((receipt, context) =>
            {
                if (receipt is not null && WrongReceipt(receipt) is { } wrong)
                    context.AddFailure($"{nameof(Prediction.Receipt)}.{wrong.Field}", wrong.Message);
            }));
        }

        private static (string Field, string Message)? WrongReceipt(FeatureReceipt receipt)
        {
            if (receipt.Row < 0)
                return ("row", "must be the number of a row of the lookup, from 0.");
            for (var i = 0; i < receipt.Views.Count; i++)
            {
                switch (receipt.Views[i])
                {
                    case null:
                        return ($"views[{i}]", "must not be null.");
                    case { Tier.Length: > Names.MaxLength }:
                        return ($"views[{i}].tier", "must be memory, redis or offline, as the lookup answered.");
                    case { EventTimes: { } times } when receipt.Row >= times.Count:
                        return ($"views[{i}].eventTimes", $"must have a time, or null, for row {receipt.Row}.");
                    case { Origins: { } origins } when receipt.Row >= origins.Count:
                        return ($"views[{i}].origins", $"must have a dataset version, 'push' or null for row {receipt.Row}.");
                    case { Positions: { } positions } when receipt.Row >= positions.Count:
                        return ($"views[{i}].positions", $"must have a log position, or null, for row {receipt.Row}.");
                }
            }

            return null;
        }
    }

    internal sealed class Handler(PredictionIntake intake, PredictionQueue queue, Gate gate) : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            foreach (var model in c.Predictions.Select(p => p.Model).Distinct())
            {
                if (gate.Ask(Act.Commit, model).Refusal is { } no)
                    return no;
            }

            var taken = await intake.TakeAsync(c.Predictions, ct);
            if (!taken.Succeeded)
                return taken.Problem;
            var kept = await queue.KeepAsync(taken.Value).WaitAsync(ct);
            return kept ? new Answer(taken.Value.Count, Dropped: 0) : new Answer(Accepted: 0, taken.Value.Count);
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/predictions",
                async (Command c, IMediator mediator, CancellationToken ct) => (await mediator.Send(c, ct)).ToAccepted())
            .AnswersAccepted<Answer>(
                "LogPredictions", "Hand back what was decided with a model", also: [ProblemKind.NotFound, ProblemKind.Unprocessable]);
}
