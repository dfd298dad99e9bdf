using System.CommandLine;
using System.Text.Json;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog feature materialize</c> and <c>verify</c>: what is served is made, and proved.</summary>
internal static class MaterializeVerbs
{
    public static Command Materialize()
    {
        var node = new ServedArgument();
        var from = new Option<string?>("--from")
        {
            Description = "Version of the dataset, a number or an alias (else latest)",
            HelpName = "version",
        };
        var at = LineageQuestionOptions.Time("--at", "Events up to there count, and windows end there (else now)");
        var full = new Option<bool>("--full") { Description = "Read all events, also where only some came since" };
        var idle = new Option<bool>("--no-activate") { Description = "Make it, and leave what serves as it is" };
        var reason = GenerationVerbs.Reason();
        var command = new Command("materialize", "Makes the values of a view, or of all views of a service, and serves them")
        {
            node, from, at, full, idle, reason,
        };
        return command.Answers(async (call, ct) =>
        {
            var options = new MaterializeOptions(
                call.Value(from), call.Value(at), call.Value(full), Activate: !call.Value(idle), call.Value(reason));
            var made = await call.WatchAsync(
                progress => call.Catalog.Features.Generations.MaterializeAsync(call.Required(node), options, progress, ct));
            Print(call.Screen, made);
            if (!options.Activate || made.Activated)
                return ExitCodes.Done;
            call.Terminal.Error.WriteLine($"catalog: {Plain.Line(made.NotActivated ?? "It does not serve.")}");
            return ExitCodes.Failed;
        });
    }

    public static Command Verify()
    {
        var what = new Argument<string>("view or generation")
        {
            Description = "namespace/name of a view, with @version (else the newest): what serves it is compared; or a generation's id",
        };
        var command = new Command("verify", "Compares a generation, value by value, with the join of training sets") { what };
        return command.Answers(async (call, ct) =>
        {
            var generation = await GenerationOfAsync(call, call.Required(what), ct);
            var outcome = await call.WaitAsync(
                "Verifying", () => call.Catalog.Features.Generations.VerifyAsync(generation, ct));
            Print(call.Screen, outcome);
            return outcome.Verified ? ExitCodes.Done : ExitCodes.Failed;
        });
    }

    private static async Task<Guid> GenerationOfAsync(Call call, string text, CancellationToken ct)
    {
        if (GenerationVerbs.FindId(text) is { } id)
            return id;
        if (!NodeArgument.TryRead(text, NodeKind.FeatureView, out var node, out var error))
            throw new UsageException(error);
        var view = await call.Catalog.Features.GetVersionAsync(node.Version is null ? node.WithVersion("latest") : node, ct);
        return view.Active ?? throw new CatalogException(
            status: null, "feature_generation.not_found", $"Nothing serves '{view.Node}' that could be verified: materialise it.");
    }

    private static void Print(Screen screen, MaterializedFeatures made)
    {
        if (screen.IsJson)
        {
            screen.Json(made);
            return;
        }

        screen.Table(
            made.Generations,
            new("VIEW", g => g.View.ToString()),
            new("GENERATION", g => g.Generation.ToString()),
            new("", g => g.Changed ? made.Activated ? "serves" : "made" : "as it was"),
            new("ROWS", g => screen.Count(g.Rows), Right: true),
            new("SIZE", g => screen.Bytes(g.Bytes), Right: true),
            new("AS OF", g => Plain.Time(g.AsOf)),
            new("SOURCES", g => string.Join(", ", g.Sources)),
            new("BASE", g => g.Base?.ToString()));
    }

    private static void Print(Screen screen, GenerationVerification outcome) => screen.Show(
        outcome,
        [
            ("generation", outcome.Generation.ToString()),
            ("view", outcome.View.ToString()),
            ("verified", outcome.Verified ? "yes: the same as the join of training sets" : "NO"),
            ("keys", screen.Count(outcome.Rows)),
            ("missing keys", outcome.Missing > 0 ? screen.Count(outcome.Missing) : null),
            ("keys too many", outcome.Extra > 0 ? screen.Count(outcome.Extra) : null),
            ("values that differ", outcome.Values > 0 ? screen.Count(outcome.Values) : null),
            .. outcome.Differences.Select(d => ("difference", (string?)Told(d))),
        ]);

    private static string Told(GenerationDifference d)
    {
        var key = string.Join(", ", d.Keys.Select(k => $"{k.Key}={k.Value}"));
        return d switch
        {
            { Expected: { } expected, Found: { } found } =>
                $"{key}: {string.Join(", ", d.Features.Select(f => $"{f} is {Cell(found, f)}, and should be {Cell(expected, f)}"))}",
            { Expected: null } => $"{key}: there should be no row",
            _ => $"{key}: there is no row",
        };
    }

    private static string Cell(IReadOnlyDictionary<string, JsonElement> values, string feature) =>
        values.TryGetValue(feature, out var value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : "nothing";
}
