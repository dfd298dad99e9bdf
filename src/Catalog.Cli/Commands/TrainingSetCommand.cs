using System.CommandLine;
using System.Globalization;
using Catalog.Cli.Features;
using Catalog.Cli.Printing;
using Catalog.Features.Training;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog trainingset …</c>: training sets that can be proved.</summary>
internal static class TrainingSetCommand
{
    public static Command Create() => new Command("trainingset", "Training sets: rows with the features that held for each at its time")
    {
        Make(),
        Show(),
        Verify(),
        Explain(),
        Sql(),
    }.WithConnection();

    private static Command Make()
    {
        var file = new Argument<string>("file") { Description = "A YAML file that describes it" };
        return new Command("create", "Makes a training set on the server, by a point-in-time join") { file }.Does(async (call, ct) =>
        {
            var (name, spec) = TrainingSetFile.Read(call.Required(file));
            var made = await call.WatchAsync(progress => call.Catalog.TrainingSets.CreateAsync(name, spec, progress, ct));
            call.Screen.Show(
                made,
                ("training set", made.Changed ? made.Node.ToString() : $"{made.Node} (as it was)"),
                ("rows", string.Join(", ", made.Rows.Select(r => $"{r.Key} {Plain.Count(r.Value)}"))),
                ("left out", made.LeftOut > 0 ? Plain.Count(made.LeftOut) : null),
                ("content hash", made.ContentHash),
                ("recipe", made.Recipe),
                ("run", made.Run.ToString()));
        });
    }

    private static Command Show()
    {
        var set = NodeArgument.Dataset(versioned: true);
        var command = new Command("show", "Shows what a training set was made of");
        set.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var found = await call.Catalog.TrainingSets.GetAsync(Version(call, set), ct);
            var recipe = found.Recipe;
            call.Screen.Show(
                found,
                [
                    ("training set", found.Node.ToString()),
                    ("rows", $"{recipe.Rows.Dataset} as of {recipe.Rows.EventTime}"),
                    ("filter", recipe.Rows.Filter),
                    .. recipe.Views.Select(v => (
                        v.As ?? v.View.Name,
                        (string?)$"{v.View} on {v.Source}: {string.Join(", ", v.Features.Select(f => f.Column))}")),
                    ("known at", recipe.KnownAt is { } at ? Plain.Time(at) : null),
                    ("splits", recipe.Splits is { } splits ? Parts(splits) : null),
                    ("engine", recipe.Engine),
                    ("writer", $"{recipe.Writer} ({recipe.Options})"),
                    ("recipe", found.RecipeHash),
                ]);
        });
    }

    private static Command Verify()
    {
        var set = NodeArgument.Dataset(versioned: true);
        var command = new Command("verify", "Makes a training set again from its inputs, and compares it by hash");
        set.AddTo(command);
        return command.Answers(async (call, ct) =>
        {
            var outcome = await call.WatchAsync(p => call.Catalog.TrainingSets.VerifyAsync(Version(call, set), p, ct));
            call.Screen.Show(
                outcome,
                [
                    ("training set", outcome.Node.ToString()),
                    ("verified", Verified(outcome)),
                    ("rows", Plain.Count(outcome.Rows)),
                    ("content hash", outcome.ContentHash),
                    ("made again", outcome.Derived ?? "not made: an input is damaged, or gone"),
                    .. outcome.Erased.Select(v => ("erased", (string?)v.ToString())),
                    .. outcome.Findings.Select(f => ("found", (string?)Found(f))),
                ]);
            return outcome.Verified ? ExitCodes.Done : ExitCodes.Failed;
        });
    }

    private static string Verified(TrainingSetVerification outcome) => outcome.Extent switch
    {
        VerifiedExtent.Whole => "yes: made again, bit for bit",
        VerifiedExtent.ExceptErased => "verifiable except what was erased: what is left was made again, bit for bit",
        _ => "NO",
    };

    private static Command Explain()
    {
        var set = NodeArgument.Dataset(versioned: true);
        var row = new Option<long>("--row") { Description = "Of the part, from 0", Required = true };
        var part = new Option<string?>("--part") { Description = "Such as train, where rows are parted" };
        var command = new Command("explain", "Says where each value of a row came from") { row, part };
        set.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var found = await call.Catalog.TrainingSets.ExplainAsync(Version(call, set), call.Value(row), call.Value(part), ct);
            call.Screen.Show(
                found,
                [
                    ("row", $"{found.Row} of {found.Node}{(found.Part is { } p ? $", {p}" : "")}"),
                    ("from", found.From.ToString()),
                    .. found.Values.Select(v => (v.Key, (string?)v.Value.ToString())),
                    .. found.Views.SelectMany(Origins),
                ]);
        });
    }

    private static Command Sql()
    {
        var set = NodeArgument.Dataset(versioned: true);
        var dialect = SharedOptions.Choice<SqlDialect>("--dialect", "Of the engine (else duckdb)");
        var files = new Option<string?>("--files")
        {
            Description = "Where the engine finds inputs, as folders of namespace/name/version (else files in place where they are)",
            HelpName = "folder",
        };
        var command = new Command("sql", "Writes the same join as SQL, for an engine of your own") { dialect, files };
        set.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var engine = call.Value(dialect) ?? SqlDialect.DuckDb;
            var sql = await call.Catalog.TrainingSets.SqlAsync(Version(call, set), engine, call.Value(files), ct);
            if (call.Screen.IsJson)
                call.Screen.Json(new { sql });
            else
                call.Terminal.Out.Write(sql);
        });
    }

    private static string Parts(SplitRule splits) =>
        $"by {splits.By.ToString().ToLowerInvariant()}: {string.Join(", ", splits.Parts.Select(p => p.Name))}";

    private static string Found(TrainingSetFinding finding) =>
        $"{finding.Version}{(finding.Path.Length > 0 ? $" {finding.Path}" : "")} {finding.Problem}";

    private static NodeId Version(Call call, NodeArgument set) => call.Required(set).WithVersion(call.Version(set).Text);

    private static IEnumerable<(string, string?)> Origins(FeatureOrigin view)
    {
        var from = view.Count switch
        {
            0 => "no event",
            1 => "1 event",
            var many => $"{Plain.Count(many)} events",
        };
        yield return (view.As ?? view.View.Name, $"{view.View}: {from} of {view.Source}");
        foreach (var e in view.Events)
            yield return ("", string.Create(CultureInfo.InvariantCulture, $"{e.Path} row {e.Row}, {Plain.Time(e.EventTime)}"));
    }
}
