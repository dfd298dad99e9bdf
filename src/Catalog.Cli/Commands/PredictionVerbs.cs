using System.CommandLine;
using System.Globalization;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog model prediction-log</c> and <c>catalog model prediction</c>: what was decided with a model, and why.</summary>
internal static class PredictionVerbs
{
    private const int LeastDays = 183;
    private const int MostDays = 36_525;

    public static Command Log()
    {
        var model = NodeArgument.Model();
        var days = new Option<int?>("--retention-days")
        {
            Description = "Keep predictions from here on, for so many days at least: 183, which is six months, or more",
            HelpName = "days",
        }.Between(LeastDays, MostDays);
        var off = new Option<bool>("--off") { Description = "Take no more; what was kept stays" };
        var seal = new Option<bool>("--seal") { Description = "Make a dataset version of what waits, now" };
        var command = new Command("prediction-log", "Shows what is kept of a model's predictions, or switches that on or off")
        {
            days, off, seal,
        };
        model.AddTo(command);
        command.Validators.Add(result =>
        {
            if (new Option[] { days, off, seal }.Count(o => result.GetResult(o) is not null) > 1)
                result.AddError("--retention-days, --off and --seal do not go together.");
        });
        return command.Does(async (call, ct) =>
        {
            var (models, name) = (call.Catalog.Models, call.Name(model));
            if (call.Value(days) is { } retention)
                call.Screen.Receipt(await models.SwitchPredictionLogOnAsync(name, retention, ct), "keeps predictions");
            else if (call.Value(off))
                call.Screen.Receipt(await models.SwitchPredictionLogOffAsync(name, ct), "takes no more predictions");
            else if (call.Value(seal))
                Show(call.Screen, await models.SealPredictionsAsync(name, ct));
            else
                Show(call.Screen, await models.PredictionLogAsync(name, ct));
        });
    }

    public static Command Trace()
    {
        var model = NodeArgument.Model();
        var request = new Argument<string>("request-id") { Description = "As the inference service handed it back" }.NotEmpty();
        var day = UsageCommand.Day("--day", "The day of the prediction, in UTC: found faster, where it was long ago");
        var command = new Command("prediction", "Traces a prediction down to the files that it rests on") { request, day };
        model.AddTo(command);
        return command.Does(async (call, ct) => Show(
            call.Screen,
            await call.Catalog.Models.PredictionAsync(call.Name(model), call.Required(request), call.Value(day), ct)));
    }

    private static void Show(Screen screen, SealedPredictions made)
    {
        if (screen.IsJson)
            screen.Json(made);
        else
            screen.Line($"{made.Version?.ToString() ?? "no version"} {Plain.Bare(made.Predictions)} predictions sealed");
    }

    private static void Show(Screen screen, PredictionLog log) => screen.Show(
        log,
        ("model", log.Model.ToString()),
        ("predictions", log.Enabled ? "kept" : log.Dataset is null ? "not kept" : "not taken any more"),
        ("retention", log.RetentionDays is { } days ? string.Create(CultureInfo.InvariantCulture, $"{days} days at least") : null),
        ("dataset", log.Dataset?.ToString()),
        ("sealed", log.Sealed is { } version ? $"{screen.Count(log.Kept)}, in {version}, {Plain.Time(log.SealedAt)}" : "none"),
        ("waiting", log.Waiting == 0 ? "none" : $"{screen.Count(log.Waiting)}, since {Plain.Time(log.WaitingSince)}"),
        ("lost", log.Lost == 0 ? "none" : screen.Count(log.Lost)),
        ("on this server", $"{screen.Count(log.ThisServer.Lost)} lost since {Plain.Time(log.ThisServer.Since)}"));

    private static void Show(Screen screen, TracedPrediction p) => screen.Show(
        p,
        [
            ("request", p.RequestId),
            ("decided", $"{Plain.Time(p.At)}, with {p.Model}"),
            ("keys", p.Keys.GetRawText()),
            ("features", p.Features?.GetRawText()),
            ("output", p.Output.GetRawText()),
            ("handed back", $"{Plain.Time(p.LoggedAt)} by {p.LoggedBy}{(p.Run is { } run ? $" for {run}" : "")}"),
            ("kept in", p.SealedIn is { } version ? $"{version} {p.File}" : "no version yet: it waits to be sealed"),
            ("trained by", p.TrainedBy?.ToString()),
            .. p.TrainedOn.Select(t => ("  on", (string?)t.ToString())),
            .. (p.Receipt?.Views ?? []).SelectMany(v => Members(v, p.Generations)),
            .. p.Versions.SelectMany(Members),
            ("more", p.Truncated ? "the first 100 versions are shown; ask for the lineage of the model's version" : null),
        ]);

    private static IEnumerable<(string, string?)> Members(SeenView seen, IReadOnlyList<TracedGeneration> generations)
    {
        var row = seen.EventTime is { } time ? $"a row of {Plain.Time(time)}{(seen.Origin is { } from ? $", from {from}" : "")}" : "no row";
        yield return ("served", $"{seen.View}: {row}");
        if (generations.FirstOrDefault(g => g.Generation == seen.Generation && g.View == seen.View) is not { } generation)
            yield break;
        yield return ("  generation", $"{generation.Generation}, as of {Plain.Time(generation.AsOf)}");
        foreach (var source in generation.Sources)
            yield return ("  made of", source.ToString());
    }

    private static IEnumerable<(string, string?)> Members(TracedVersion version)
    {
        yield return ("version", version.Position is { } position
            ? string.Create(CultureInfo.InvariantCulture, $"{version.Version}, position {position} of the log")
            : version.Version.ToString());
        if (version.Run is { } run)
            yield return ("  by", run.ToString());
        foreach (var earlier in version.MadeOf)
            yield return ("  made of", earlier.ToString());
        foreach (var file in version.FirstFiles)
            yield return ("  file", $"{file.Path} {file.Sha256}");
        if (version.Files > version.FirstFiles.Count)
            yield return ("  files", $"{Plain.Files(version.Files)} in all");
    }
}
