using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Access;
using Catalog.Platform;

namespace Catalog.Predictions;

/// <summary>
/// Makes of what was handed back what is kept, and checks what the shape does not say: that the model keeps predictions and has the
/// version, that generations of a receipt are those of its views, and that it is not too much. A receipt is cut to the row that it is of.
/// </summary>
internal sealed class PredictionIntake(DeclaredLogs logs, Caller caller, TimeProvider clock)
{
    /// <summary>How predictions are written: on one line, letters as they are.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public async Task<Outcome<IReadOnlyList<LoggedPrediction>>> TakeAsync(
        IReadOnlyList<LogPredictions.Prediction> predictions, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var (taken, models) = (new List<LoggedPrediction>(predictions.Count), new HashSet<NodeId>());
        for (var i = 0; i < predictions.Count; i++)
        {
            var (prediction, field) = (predictions[i], $"predictions[{i}].");
            if (prediction.Model is not { Kind: NodeKind.Model, VersionNumber: not null })
                return Wrong($"{field}model", "must be a model with the number of its version, such as 'model:demo/flight-delay@3'.");
            if (models.Add(prediction.Model) && await logs.FindRefusalAsync(prediction.Model, ct) is { } no)
                return no;
            if (prediction.At > now + LogPredictions.MostAhead)
                return Wrong($"{field}at", $"must not be later than now ({now:O}).");
            if (await FindWrongAsync(prediction.Receipt, $"{field}receipt.", ct) is { } unknown)
                return unknown;
            if (Read(prediction, now) is not { } read)
                return Wrong($"{field}output", "or 'keys' or 'features' holds text that is not Unicode.");
            if (read.Keys.Length + (read.Features?.Length ?? 0) + read.Output.Length + (read.Receipt?.Length ?? 0) is var text
                && text > LogPredictions.MostText)
            {
                return Wrong(
                    $"predictions[{i}]",
                    $"must have at most {LogPredictions.MostText:N0} characters of keys, features, output and receipt, not {text:N0}.");
            }

            taken.Add(read);
        }

        return taken;
    }

    private async Task<Problem?> FindWrongAsync(LogPredictions.FeatureReceipt? receipt, string field, CancellationToken ct)
    {
        var views = receipt?.Views ?? [];
        for (var i = 0; i < views.Count; i++)
        {
            if (views[i].Node is not { Kind: NodeKind.FeatureView, VersionNumber: not null, Column: null } view)
                return Wrong($"{field}views[{i}].node", "must be the version of a feature view that the lookup answered with.");
            if (views[i].Origins?[receipt?.Row ?? 0] is { } origin && !IsOrigin(origin))
                return Wrong($"{field}views[{i}].origins", "must be dataset versions, 'push' or null, as the lookup answered.");
            if (views[i].Generation is not { } generation)
                continue;
            if (generation.Kind != NodeKind.Generation || !await logs.IsOfAsync(generation, view, ct))
            {
                return Problem.Field(
                    "prediction.receipt_unknown", $"{field}views[{i}].generation", $"There is no '{generation}' of '{view}'.");
            }
        }

        return null;
    }

    private static bool IsOrigin(string text) =>
        text == "push" || (NodeId.TryParse(text, out var node, out _) && node is { Kind: NodeKind.Dataset, VersionNumber: not null });

    private static Problem Wrong(string field, string message) => new(
        ProblemKind.Invalid, "request.invalid", $"{field}: {message}",
        new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] });

    /// <summary>Null where some text is not Unicode.</summary>
    private LoggedPrediction? Read(LogPredictions.Prediction p, DateTimeOffset now)
    {
        try
        {
            return new LoggedPrediction(
                p.Model, p.RequestId, p.At ?? now, now, caller.Identity.Principal, caller.Identity.Run, Text(p.Keys),
                p.Features is { } features ? Text(features) : null, Text(p.Output), p.Receipt is { } receipt ? Text(Seen(receipt)) : null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static SeenFeatures Seen(LogPredictions.FeatureReceipt receipt) => new(
        receipt.Stale,
        [
            .. receipt.Views.Select(v => new SeenView(
                v.Node, v.Tier, v.Generation, v.EventTimes?[receipt.Row], v.Origins?[receipt.Row], v.Positions?[receipt.Row])),
        ]);

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, Json);
}
