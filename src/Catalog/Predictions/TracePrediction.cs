using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Access;
using Catalog.Datasets;
using Catalog.Models;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Platform.Writes;
using Marten;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Predictions;

/// <summary>Traces one decision: what was decided of whom, with which version of the model and which features, down to files.</summary>
public static class TracePrediction
{
    public sealed record Query(string Namespace, string Name, string RequestId, DateOnly? Day) : IRequest<Outcome<Answer>>;

    /// <param name="RequestId">The inference service's own.</param>
    /// <param name="Model">By number.</param>
    /// <param name="At">When it was decided.</param>
    /// <param name="LoggedAt">When it was taken.</param>
    /// <param name="LoggedBy">Whose key it came with.</param>
    /// <param name="Run">That it was decided for; null where none was named.</param>
    /// <param name="Keys">Of whom it was decided, by name.</param>
    /// <param name="Features">The values that the model saw, by name; null where they were not handed back.</param>
    /// <param name="Output">What was decided.</param>
    /// <param name="Receipt">Where the features came from; null where no receipt was handed back.</param>
    /// <param name="SealedIn">The dataset version that it came with; null while it waits.</param>
    /// <param name="File">The file of that version.</param>
    /// <param name="TrainedBy">The run that made the model's version.</param>
    /// <param name="ModelContentHash">Of the artifacts of the model's version.</param>
    /// <param name="TrainedOn">What that run read.</param>
    /// <param name="Generations">Of the features that it was decided with.</param>
    /// <param name="Versions">The dataset versions behind all this, each once, from near to far.</param>
    /// <param name="Truncated">Whether there are more than 100 of them.</param>
    public sealed record Answer(
        string RequestId, NodeId Model, DateTimeOffset At, DateTimeOffset LoggedAt, string LoggedBy, NodeId? Run,
        [property: JsonConverter(typeof(RawJson))] JsonElement Keys,
        [property: JsonConverter(typeof(RawJson))] JsonElement Features,
        [property: JsonConverter(typeof(RawJson))] JsonElement Output,
        SeenFeatures? Receipt, NodeId? SealedIn, string? File, NodeId? TrainedBy, string? ModelContentHash,
        IReadOnlyList<NodeId> TrainedOn, IReadOnlyList<TracedGeneration> Generations, IReadOnlyList<TracedVersion> Versions,
        bool Truncated);

    internal sealed class Handler(States states, IDocumentStore store, PredictionFiles files, PredictionChain chain, Gate gate)
        : IRequestHandler<Query, Outcome<Answer>>
    {
        public async Task<Outcome<Answer>> Handle(Query q, CancellationToken ct)
        {
            var model = NodeId.Model(q.Namespace, q.Name);
            var dataset = PredictionNames.DatasetOf(model);
            var kept = await states.LoadAsync<Dataset>(dataset.StreamId, ct);
            if ((gate.Ask(Act.Read, model).Refusal ?? gate.Ask(Act.ReadData, dataset, kept?.Tags ?? []).Refusal) is { } no)
                return no;
            if (await states.LoadAsync<Model>(model.StreamId, ct) is not { } known)
                return Problem.Of("model.not_found", $"There is no '{model}'.");
            if (known.PredictionLog is not null && await FindAsync(model, q, ct) is var (prediction, place))
                return await TellAsync(prediction, place, ct);
            return Problem.Of(
                "prediction.not_found",
                $"No prediction '{q.RequestId}' is kept of '{model}'{(q.Day is { } day ? $" that was taken on {day:yyyy-MM-dd}" : "")}.");
        }

        private async Task<(LoggedPrediction Prediction, PredictionPlace? Place)?> FindAsync(
            NodeId model, Query q, CancellationToken ct)
        {
            if (await PredictionTable.FindAsync(store, model, q.RequestId, ct) is not var (recent, number))
                return await files.FindAsync(model, q.RequestId, q.Day, ct);
            var place = number is { } version
                ? new PredictionPlace(
                    PredictionNames.DatasetOf(model).WithVersion(version),
                    SealPredictions.PathOf(DateOnly.FromDateTime(recent.LoggedAt.UtcDateTime), version))
                : null;
            return (recent, place);
        }

        private async Task<Answer> TellAsync(LoggedPrediction p, PredictionPlace? place, CancellationToken ct)
        {
            var seen = PredictionBatches.SeenBy(p);
            var told = await chain.FollowAsync(p.Model, seen, ct);
            return new Answer(
                p.RequestId, p.Model, p.At, p.LoggedAt, p.LoggedBy, p.Run is { } run ? NodeId.Run(run) : null, Parse(p.Keys),
                p.Features is { } features ? Parse(features) : default, Parse(p.Output), seen, place?.Version, place?.Path,
                told.TrainedBy, told.ModelContentHash, told.TrainedOn, told.Generations, told.Versions, told.Truncated);
        }

        private static JsonElement Parse(string json)
        {
            using var parsed = JsonDocument.Parse(json);
            return parsed.RootElement.Clone();
        }
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/v1/models/{ns}/{name}/predictions/{requestId}",
                async (Segment ns, Segment name, Segment requestId, QueryDay day, IMediator mediator, CancellationToken ct) =>
                    (await mediator.Send(new Query(ns, name, requestId, day.Value), ct)).ToHttp())
            .Answers<Answer>("TracePrediction", "Trace a decision from what was handed back to the bytes behind it");
}
