using System.Reflection;
using Catalog.Cli.Printing;
using Catalog.Lineage;
using Catalog.Sdk;
using Catalog.Storage.Columnar;

namespace Catalog.Cli.Demo;

/// <summary>
/// The demo's story, from data to a model in service, in the order it is told. Each step is asked of the catalog over HTTP, through the
/// SDK. What was done before is found and kept: versions by their number, runs by ids made from the step.
/// </summary>
internal sealed class Story(CatalogClient catalog, OpenLineageReport report, TimeProvider clock, Narrator narrator)
{
    private const string Owner = "demo-team";
    private const string Champion = "champion";
    private static readonly QualifiedName FlightsName = "demo/flights";
    private static readonly QualifiedName LandingsName = "demo/landings";
    private static readonly QualifiedName ModelName = "demo/flight-delay";
    private static readonly string[] Months = ["2001-01", "2001-02", "2001-03"];
    private static readonly TrainingSettings Modest = new(Trees: 100, Leaves: 20, LearningRate: 0.2, MinimumRowsPerLeaf: 50, Seed: 1);
    private static readonly TrainingSettings Larger = Modest with { Trees = 200, Leaves = 30 };
    private readonly Steps _steps = new(catalog);

    public static QualifiedName LandingsJob { get; } = "demo/reckon-landings";

    public static QualifiedName TrainingJob { get; } = "demo/train-flight-delay";

    public async Task<Told> TellAsync(CancellationToken ct)
    {
        narrator.Chapter("Data, in versions that never change");
        await RegisterDataAsync(ct);
        for (var number = 1; number <= Months.Length; number++)
            await CommitMonthAsync(number, ct);
        await catalog.Datasets.TagAsync(FlightsName, "label", column: "delay", ct: ct);

        narrator.Chapter("Events, made by runs that are on record");
        var january = await ReckonLandingsAsync("january", number: 1, flights: 1, ct);
        var quarter = await ReckonLandingsAsync("quarter", number: 2, flights: 3, ct);

        narrator.Chapter("Features, defined once");
        await DefineFeaturesAsync(ct);

        narrator.Chapter("Training sets: each flight with what was known as it left");
        var firstRows = await JoinAsync(number: 1, flights: 1, january, new DateTime(2001, 1, 25), ct);
        var secondRows = await JoinAsync(number: 2, flights: 3, quarter, new DateTime(2001, 3, 25), ct);
        await ExplainAsync(secondRows, ct);

        narrator.Chapter("Models, trained on pinned versions");
        await RegisterModelAsync(ct);
        var first = await TrainAsync("first", firstRows, Modest, ct);
        var second = await TrainAsync("second", secondRows, Larger, ct);
        await PromoteAsync(second, ct);

        narrator.Chapter("Every file hashed again, and the training sets made again");
        await VerifyAsync(first, second, quarter, ct);
        await ProveAsync([firstRows, secondRows], ct);

        narrator.Chapter($"What {second.Model} came from");
        var lineage = await catalog.LineageAsync(second.Model, LineageDirection.Up, ct: ct);
        narrator.Show(LineageTree.Build(lineage));

        narrator.Chapter("A job of another tool, that speaks OpenLineage");
        await PublishReportAsync(second, ct);

        narrator.Chapter($"What differs between {first.Model} and {second.Model}");
        narrator.Show(LineageAnswers.Table(await catalog.Lineage.CompareAsync(first.Model, second.Model, ct: ct)));
        narrator.Line(
            $"Their AUC is {first.Auc:0.000} and {second.Auc:0.000}: "
                + $"each was tested on the last {TrainingRows.TestDays} days of its own data, which it was not trained on.");

        var wrong = NodeId.Dataset(FlightsName.Namespace, FlightsName.Name).WithVersion(1);
        narrator.Chapter($"What would have to be made again if {wrong} were wrong");
        await ShowImpactAsync(wrong, ct);

        narrator.Chapter("An analyst, who may do nothing until a policy says so");
        await new AnalystAccess(catalog, clock, narrator).TellAsync(FlightsName, Months.Length, ct);
        return new Told(first, second, lineage, await Holdings.ListAsync(catalog, FlightsName.Namespace, ct));
    }

    private async Task RegisterDataAsync(CancellationToken ct)
    {
        var registered = await catalog.Datasets.RegisterAsync(
            FlightsName, new Registration(Owner, "Flights within the United States, January to March 2001; a third of them."), ct);
        await catalog.Datasets.DescribeAsync(
            FlightsName,
            new Description(Datasheet: new Datasheet(
                Licence: "Public domain: a work of the United States government",
                Origin: "US Bureau of Transportation Statistics, as packaged in the npm package vega-datasets 3.2.1 (flights-3m.parquet)",
                Collection: "Carriers' reports of on-time performance under 14 CFR Part 234; every third flight, in order of departure",
                LegalBasis: "Holds no personal data",
                IntendedUse: "Showing what a catalog does",
                KnownLimits: "The date is when a flight left, not when it should have; "
                    + "cancelled flights and carriers are missing; a few delays are errors of entry")),
            ct: ct);
        await catalog.Datasets.TagAsync(FlightsName, "public-domain", ct: ct);
        await catalog.Datasets.SetCompatibilityAsync(FlightsName, Compatibility.Backward, ct);
        narrator.Line(
            $"{registered.Node} has an owner, a datasheet and tags, and promises not to break its readers.", before: !registered.Changed);
    }

    /// <summary>Adds a month to the files of the version before. A version of the month's number is that month.</summary>
    private async Task CommitMonthAsync(int number, CancellationToken ct)
    {
        var before = (await catalog.Datasets.GetAsync(FlightsName, ct)).Latest >= number;
        if (!before)
        {
            var month = Months[number - 1];
            var commit = new NewVersion
            {
                Sources = [new VersionSource.Upload(Path.Combine(AppContext.BaseDirectory, "Demo", "Data", $"flights-{month}.parquet"))],
                Mode = CommitMode.Append,
                ExpectedParent = number - 1,
                Message = $"Adds {month}",
                Format = "parquet",
                IdempotencyKey = $"catalog demo/flights/{month}",
            };
            await catalog.Datasets.CommitAsync(FlightsName, commit, ct: ct);
        }

        var version = await catalog.Datasets.GetVersionAsync(FlightsName, number, ct);
        narrator.Line(
            $"{version.Node} {version.Message?.ToLowerInvariant()}: "
                + $"{Plain.Count(version.Rows)} rows in {Files(version.Files)}, {Plain.Bytes(version.Bytes)}.",
            before);
    }

    /// <summary>When it was known how late each flight was: a version of landings for a version of flights.</summary>
    private async Task<NodeId> ReckonLandingsAsync(string step, long number, long flights, CancellationToken ct)
    {
        await catalog.Datasets.RegisterAsync(
            LandingsName, new Registration(Owner, "Flights, with when it was known how late they were.", ["events"]), ct);
        var done = await _steps.OnceAsync($"reckon-landings/{step}", LandingsJob, Options(), async (run, made) =>
        {
            var left = await Flights.ReadAsync(await run.ReadAsync(FlightsName, flights, "source", ct), ct);
            await run.LogParameterAsync("late_after_minutes", Flight.LateAfterMinutes, ct);
            await _steps.LogMetricsAsync(run, [new("rows", left.Count)], ct);
            if (made.Count > 0)
                return;

            using var scratch = new Scratch();
            await using (var file = File.Create(scratch["landings.parquet"]))
                await TableWriter.WriteAsync(Landings.Of(left), file, ct);
            await run.WriteAsync(
                LandingsName, NewVersion.Of([scratch["landings.parquet"]]) with { ExpectedParent = number - 1 }, ct: ct);
        }, ct);

        var output = done.Run.Outputs?.First(n => n.Kind is NodeKind.Dataset) ?? throw Missing(done.Run, "a dataset");
        var landings = (long)(done.Run.Metrics?["rows"].Last ?? 0);
        narrator.Line($"{Read(done.Run)} and made {output}: {Plain.Count(landings)} landings.", done.Before);
        return output;
    }

    private async Task DefineFeaturesAsync(CancellationToken ct)
    {
        var views = AirportViews.All(Owner, NodeId.Dataset(LandingsName.Namespace, LandingsName.Name));
        var applied = await catalog.Features.ApplyAsync(views, ct: ct);
        foreach (var view in applied.Views)
        {
            narrator.Line(
                $"{view.View.WithVersion(view.Version)} has {AirportViews.Columns.Count / 2} features over windows of a day and a week.",
                before: view.Action == PlannedAction.Unchanged);
        }
    }

    /// <summary>A version of the training set for a version of flights.</summary>
    private async Task<NodeId> JoinAsync(long number, long flights, NodeId landings, DateTime testFrom, CancellationToken ct)
    {
        var version = NodeId.Dataset(FlightsName.Namespace, FlightsName.Name).WithVersion(flights);
        var made = NodeId.Dataset(TrainingRows.Name.Namespace, TrainingRows.Name.Name).WithVersion(number);
        var before = await LatestAsync(TrainingRows.Name, ct) >= number;
        if (!before)
            await catalog.TrainingSets.CreateAsync(TrainingRows.Name, TrainingRows.Spec(version, landings, testFrom, Owner), ct: ct);
        var set = await catalog.Datasets.GetVersionAsync(made, ct);
        narrator.Line(
            $"{set.Node} joins {version} to features of {landings}: {Plain.Count(set.Rows)} rows, "
                + $"of which those from {Day(testFrom)} are for the test.",
            before);
        return set.Node;
    }

    private async Task<long> LatestAsync(QualifiedName dataset, CancellationToken ct)
    {
        try
        {
            return (await catalog.Datasets.GetAsync(dataset, ct)).Latest;
        }
        catch (CatalogException e) when (e.Code == "dataset.not_found")
        {
            return 0;
        }
    }

    private async Task ExplainAsync(NodeId set, CancellationToken ct)
    {
        var row = await catalog.TrainingSets.ExplainAsync(set, row: 0, TrainingRows.Test, ct);
        var origin = row.Views[0];
        var latest = origin.Events[0];
        narrator.Line(
            $"Its first test flight left {row.Values["origin"]} on {row.Values["date"].GetDateTime():yyyy-MM-dd HH:mm}: "
                + $"a mean delay of {row.Values["origin__delay_mean_7d"].GetDouble():0.0} minutes in the week before,");
        narrator.Line($"of {origin.Count} landings, the latest of which is row {latest.Row} of {latest.Path} in {origin.Source}.");
    }

    private async Task ProveAsync(IReadOnlyList<NodeId> sets, CancellationToken ct)
    {
        foreach (var set in sets)
        {
            var outcome = await catalog.TrainingSets.VerifyAsync(set, ct: ct);
            if (!outcome.Verified)
            {
                var found = string.Join("; ", outcome.Findings.Select(f => $"{f.Version} {f.Path} {f.Problem}"));
                throw new CatalogException(null, "demo.not_verified", $"'{set}' is not what its recipe makes: {found}");
            }

            narrator.Line($"{outcome.Node} was made again from its inputs, bit for bit: {Plain.Count(outcome.Rows)} rows.");
        }
    }

    private async Task RegisterModelAsync(CancellationToken ct) => await catalog.Models.RegisterAsync(
        ModelName,
        new ModelRegistration(
            Owner, "Says, as a flight leaves, whether it will be more than 15 minutes late. Boosted trees (ML.NET FastTree)."),
        ct);

    private async Task<Trained> TrainAsync(string step, NodeId rows, TrainingSettings settings, CancellationToken ct)
    {
        var options = Options() with
        {
            Parameters = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["algorithm"] = "FastTree",
                ["trees"] = settings.Trees,
                ["leaves"] = settings.Leaves,
                ["learning_rate"] = settings.LearningRate,
                ["minimum_rows_per_leaf"] = settings.MinimumRowsPerLeaf,
                ["seed"] = settings.Seed,
                ["late_after_minutes"] = Flight.LateAfterMinutes,
                ["test_days"] = TrainingRows.TestDays,
            },
        };
        var done = await _steps.OnceAsync($"train-flight-delay/{step}", TrainingJob, options, async (run, made) =>
        {
            var version = await run.ReadAsync(rows, "train", ct);
            var train = await TrainingRows.ReadAsync(version, TrainingRows.Train, ct);
            var test = await TrainingRows.ReadAsync(version, TrainingRows.Test, ct);
            await run.LogParametersAsync(
                new Dictionary<string, object>(StringComparer.Ordinal) { ["train_rows"] = train.Count, ["test_rows"] = test.Count }, ct);

            narrator.Line(
                $"Learning from {Plain.Count(train.Count)} flights; {Plain.Count(test.Count)} of the days after are kept for the test …");
            using var scratch = new Scratch();
            var measured = await DelayClassifier.TrainAsync(train, test, settings, scratch["model.zip"], ct);
            await _steps.LogMetricsAsync(run, Points(measured), ct);
            if (made.Count == 0)
                await run.LogModelAsync(ModelName, scratch["model.zip"], ct: ct);
        }, ct);

        var model = done.Run.Outputs?.First(n => n.Kind is NodeKind.Model) ?? throw Missing(done.Run, "a model");
        var trained = new Trained(done.Run, model);
        narrator.Line($"{Read(done.Run)} and made {model}: AUC {trained.Auc:0.000} on days it had not seen.", done.Before);
        return trained;
    }

    private async Task PromoteAsync(Trained best, CancellationToken ct)
    {
        var number = new VersionRef(best.Model.Version ?? "").Number ?? throw Missing(best.Run, "a numbered model");
        var named = await catalog.Models.SetAliasAsync(ModelName, Champion, number, ct);
        var deployed = await catalog.Models.DeployAsync(ModelName, "flight-delay", Champion, ct);
        await catalog.Runs.TagAsync(best.Run.Id, Champion, ct);
        narrator.Line($"{best.Model} is the {Champion} and serves as {deployed.Node}.", before: !named.Changed && !deployed.Changed);
    }

    private async Task VerifyAsync(Trained first, Trained second, NodeId landings, CancellationToken ct)
    {
        var flights = NodeId.Dataset(FlightsName.Namespace, FlightsName.Name).WithVersion(Months.Length);
        foreach (var node in (NodeId[])[flights, landings, first.Model, second.Model])
        {
            var outcome = node.Kind is NodeKind.Model
                ? await catalog.Models.VerifyAsync(node, ct: ct)
                : await catalog.Datasets.VerifyAsync(node, ct: ct);
            if (!outcome.Verified)
                throw NotVerified(outcome);

            narrator.Line($"{outcome.Node} is as it was committed: {Files(outcome.Files)}, {Plain.Bytes(outcome.Bytes)}.");
        }
    }

    /// <summary>The report is published as soon as the champion is there.</summary>
    private async Task PublishReportAsync(Trained champion, CancellationToken ct)
    {
        var seen = catalog.Position;
        var position = await report.PublishAsync(champion.Run.EndedAt ?? champion.Run.StartedAt, ct) ?? 0;
        catalog.Include(position);
        narrator.Line(
            $"{OpenLineageReport.Job} told that it read {OpenLineageReport.Source} and wrote {OpenLineageReport.Report}.",
            before: position <= seen);
        narrator.Show(LineageTree.Build(await catalog.Lineage.TraceAsync(
            OpenLineageReport.Report, LineageDirection.Up, new LineageOptions { Kinds = [NodeKind.Dataset, NodeKind.Run] }, ct)));
    }

    private async Task ShowImpactAsync(NodeId version, CancellationToken ct)
    {
        var impact = await catalog.Lineage.ImpactAsync(version, ct: ct);
        foreach (var tree in ImpactTree.Build(impact))
            narrator.Show(tree);
        foreach (var line in LineageAnswers.Owners(impact))
            narrator.Line($"{line}.");
    }

    /// <summary><c>auc</c> is a series over the number of trees, whose last point is the whole model's.</summary>
    private static IEnumerable<MetricPoint> Points(Measured m) =>
    [
        .. m.AucByTrees.SkipLast(1).Select(p => new MetricPoint("auc", p.Auc, p.Trees)),
        new("auc", m.Auc, m.AucByTrees[^1].Trees),
        new("accuracy", m.Accuracy),
        new("majority_accuracy", m.MajorityAccuracy),
        new("log_loss", m.LogLoss),
    ];

    private static RunOptions Options() => new()
    {
        CodeRevision = Version(typeof(Story)),
        Environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["runtime"] = System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription,
            ["system"] = System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier,
            ["ml"] = $"ML.NET {Version(typeof(Microsoft.ML.MLContext))}",
        },
        Tags = ["demo"],
        Owner = Owner,
    };

    /// <summary>Of a type's package, with the commit where it says so.</summary>
    private static string? Version(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    private static string Files(long? count) => count == 1 ? "1 file" : $"{Plain.Count(count)} files";

    private static string Day(DateTime day) => day.ToString("yyyy-MM-dd");

    private static string Read(Run run) => $"{run.Job} read {string.Join(" and ", run.Inputs?.Select(i => i.Node.ToString()) ?? [])}";

    private static CatalogException Missing(Run run, string what) =>
        new(null, "demo.output_missing", $"'{run.Node}' is completed and has not made {what}.");

    private static CatalogException NotVerified(Verification outcome) => new(
        null,
        "demo.not_verified",
        $"'{outcome.Node}' is not what its manifest says: {string.Join("; ", outcome.Failures.Select(f => $"{f.Path} {f.Problem}"))}.");
}

/// <summary>A training run, and the model version it made.</summary>
internal sealed record Trained(Run Run, NodeId Model)
{
    public double Auc => Run.Metrics?["auc"].Last ?? double.NaN;
}

/// <summary>How the story ended.</summary>
internal sealed record Told(Trained First, Trained Second, LineageTrace Lineage, Holdings Holdings);
