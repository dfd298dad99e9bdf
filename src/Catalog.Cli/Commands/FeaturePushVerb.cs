using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Cli.Features;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog feature push</c>: rows that are served at once.</summary>
internal static class FeaturePushVerb
{
    private static readonly JsonSerializerOptions s_rows = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public static Command Create()
    {
        var view = NodeArgument.FeatureView(versioned: true);
        var file = new Option<string?>("--file")
        {
            Description = "A JSON file of rows: {\"rows\":[{\"keys\":{},\"eventTime\":\"\",\"features\":{}}]}",
        };
        var keys = ViewWords.Keys("A part of the key of one row, and its value: airport=ATL");
        var features = new Option<string[]>("--set")
        {
            Description = "A feature of the row, and its value: delay=12. What is not set has no value",
            AllowMultipleArgumentsPerToken = true,
        };
        var time = LineageQuestionOptions.Time("--event-time", "When it became so (else now)");
        var command = new Command("push", "Pushes rows that a view serves at once") { file, keys, features, time };
        view.AddTo(command);
        command.Validators.Add(result =>
        {
            var words = result.GetResult(keys) is not null || result.GetResult(features) is not null || result.GetResult(time) is not null;
            if (result.GetResult(file) is not null == words)
                result.AddError("Give rows as --file, or one row as --key and --set.");
        });
        return command.Does(async (call, ct) =>
        {
            var rows = call.Value(file) is { } path
                ? await ReadAsync(path, ct)
                : [await RowAsync(call, view, call.Value(keys), call.Value(features), call.Value(time), ct)];
            Print(call.Screen, await call.Catalog.Features.PushAsync(call.Name(view), rows, call.Version(view), ct));
        });
    }

    private static async Task<FeaturePush> RowAsync(
        Call call, NodeArgument view, string[]? keys, string[]? features, DateTimeOffset? time, CancellationToken ct)
    {
        var definition = await ViewWords.DefinitionAsync(call.Catalog, call.Name(view), call.Version(view), ct);
        return new FeaturePush(
            ViewWords.KeysOf(definition, keys), time ?? TimeProvider.System.GetUtcNow(), ViewWords.FeaturesOf(definition, features));
    }

    private static async Task<IReadOnlyList<FeaturePush>> ReadAsync(string path, CancellationToken ct)
    {
        if (!File.Exists(path))
            throw new CatalogException(status: null, "client.file_not_found", $"There is no file '{path}'.");
        await using var file = File.OpenRead(path);
        try
        {
            var body = await JsonSerializer.DeserializeAsync<RowsFile>(file, s_rows, ct);
            return body?.Rows ?? throw new JsonException("It must be an object with 'rows'.");
        }
        catch (JsonException e)
        {
            throw FileMistakes.At(new FilePlace(YamlFile.OfFeatures(path), (e.LineNumber ?? 0) + 1), e.Message.Split(" Path: ")[0]);
        }
    }

    private static void Print(Screen screen, PushReceipt receipt)
    {
        if (screen.IsJson)
            screen.Json(receipt);
        else
            screen.Line($"{receipt.View} {Plain.Bare(receipt.Rows)} {(receipt.Rows == 1 ? "row" : "rows")} pushed");
    }

    private sealed record RowsFile(IReadOnlyList<FeaturePush> Rows);
}
