using Catalog.Access;
using Catalog.Models;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Predictions;

/// <summary>Makes a dataset version of the predictions of a model that wait, now and not when they are due.</summary>
public static class SealPredictionLog
{
    public sealed record Command(string Namespace, string Name) : IRequest<Outcome<Answer>>;

    /// <param name="Version">The newest of the dataset; null where nothing was ever sealed.</param>
    /// <param name="Predictions">That were sealed now.</param>
    public sealed record Answer(NodeId? Version, long Predictions);

    internal sealed class Handler(SealPredictions predictions, States states, Gate gate) : IRequestHandler<Command, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Command c, CancellationToken ct)
        {
            var model = NodeId.Model(c.Namespace, c.Name);
            if ((gate.Ask(Act.Commit, model).Refusal ?? gate.Ask(Act.Commit, PredictionNames.DatasetOf(model)).Refusal) is { } no)
                return no;
            if (await states.LoadAsync<Model>(model.StreamId, ct) is not { } known)
                return Problem.Of("model.not_found", $"There is no '{model}'.");
            if (known.PredictionLog is null)
                return Problem.Of("prediction_log.off", $"'{model}' does not keep predictions, and never did.");
            var made = await predictions.SealAsync(model, ct);
            return made.Succeeded ? new Answer(made.Value.Version, made.Value.Predictions) : made.Problem;
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(
                "/v1/models/{ns}/{name}/prediction-log/seal",
                async (Segment ns, Segment name, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Command(ns, name), ct)).ToHttp())
            .Answers<Answer>(
                "SealPredictions", "Make a dataset version of the predictions that wait", also: ProblemKind.Unprocessable);
}
