using System.Globalization;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <content>What was decided with models.</content>
public sealed partial class ModelClient
{
    private const int PredictionsTogether = 1_000;

    /// <summary>Keeps what is decided with a model from here on, for so many days at least.</summary>
    /// <param name="name">Of the model.</param>
    /// <param name="retentionDays">183, which is six months, or more.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<Receipt> SwitchPredictionLogOnAsync(QualifiedName name, int retentionDays = 183, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Put, Route.Of(Root, name, "prediction-log"), new RetentionBody(retentionDays), ct);

    /// <summary>Takes no more of what is decided with a model; what was kept stays.</summary>
    public Task<Receipt> SwitchPredictionLogOffAsync(QualifiedName name, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Delete, Route.Of(Root, name, "prediction-log"), body: null, ct);

    /// <summary>What is kept of a model's predictions, what waits, and what was lost.</summary>
    public Task<PredictionLog> PredictionLogAsync(QualifiedName name, CancellationToken ct = default) =>
        _transport.GetAsync<PredictionLog>(Route.Of(Root, name, "prediction-log"), ct);

    /// <summary>
    /// Hands back what was decided, a thousand at a time: of each thousand all are kept, or none. What was accepted is durable. A call that
    /// failed can be made again: a request id is kept once.
    /// </summary>
    /// <param name="predictions">Of one model or several, each by the number of its version.</param>
    /// <param name="ct">Stops waiting.</param>
    public async Task<PredictionReceipt> LogPredictionsAsync(IEnumerable<Prediction> predictions, CancellationToken ct = default)
    {
        var (accepted, dropped) = (0, 0);
        foreach (var some in predictions.Chunk(PredictionsTogether))
        {
            var answer = await _transport.SendAsync<PredictionReceipt>(
                HttpMethod.Post, Route.Of("predictions"), new PredictionsBody(Array.ConvertAll(some, p => p.Written())), ct)
                .ConfigureAwait(false);
            (accepted, dropped) = (accepted + answer.Accepted, dropped + answer.Dropped);
        }

        return new PredictionReceipt(accepted, dropped);
    }

    /// <summary>Traces a decision down to the files that it rests on.</summary>
    /// <param name="name">Of the model.</param>
    /// <param name="requestId">As it was handed back.</param>
    /// <param name="day">On which it was (UTC): looked up faster, where it was long ago.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<TracedPrediction> PredictionAsync(
        QualifiedName name, string requestId, DateOnly? day = null, CancellationToken ct = default) =>
        _transport.GetAsync<TracedPrediction>(
            Route.Of(Root, name, "predictions", requestId).With("day", day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), ct);

    /// <summary>Makes a dataset version of the predictions that wait, now and not when they are due.</summary>
    public Task<SealedPredictions> SealPredictionsAsync(QualifiedName name, CancellationToken ct = default) =>
        _transport.SendAsync<SealedPredictions>(HttpMethod.Post, Route.Of(Root, name, "prediction-log", "seal"), body: null, ct);

    private sealed record RetentionBody(int RetentionDays);

    private sealed record PredictionsBody(IReadOnlyList<Prediction> Predictions);
}
