using System.Text.Json;
using Catalog.Cli;
using Catalog.Cli.Demo;
using Catalog.IntegrationTests.Hosting;
using Catalog.Sdk;
using Catalog.Server;

namespace Catalog.IntegrationTests.Demo;

/// <summary>The whole story, in this process: server, PostgreSQL, HTTP, training.</summary>
public sealed class DemoTests
{
    /// <summary>The champion reaches 0.649 on the last week of March 2001, the same on every machine; a guess reaches 0.5.</summary>
    private const double AucFloor = 0.64;

    [Fact]
    public async Task The_story_is_told_once_however_often_it_is_started()
    {
        await Requires.PostgresAsync();
        using var folder = new TemporaryFolder();
        await LeaveRunUnfinishedAsync(folder["data"], Story.LandingsJob, StepId.Of("reckon-landings/january", 1));
        await InterruptAsync(folder["data"], when: "Learning from");

        var told = await TellAsync(folder["data"]);
        Assert.Equal(["dataset:demo/flight-delay-rows", "dataset:demo/flights", "dataset:demo/landings"], told.Datasets);
        Assert.Equal(
            [
                "dataset:demo/flight-delay-rows@1", "dataset:demo/flight-delay-rows@2", "dataset:demo/flights@1", "dataset:demo/flights@2",
                "dataset:demo/flights@3", "dataset:demo/landings@1", "dataset:demo/landings@2",
            ],
            told.Versions);
        Assert.Equal(["model:demo/flight-delay@1", "model:demo/flight-delay@2"], told.Models);

        // And one for each training set, whose id the server made.
        Assert.Equal(7, told.Runs.Length);
        Assert.Superset(
            new[]
            {
                ("reckon-landings/january", 1), // was left running, and went on
                ("reckon-landings/quarter", 1),
                ("train-flight-delay/first", 1), // was interrupted
                ("train-flight-delay/first", 2),
                ("train-flight-delay/second", 1),
            }.Select(s => $"run:{StepId.Of(s.Item1, s.Item2)}").ToHashSet(),
            told.Runs.ToHashSet());
        Assert.InRange(told.Auc, AucFloor, 1);

        Assert.Equal("model:demo/flight-delay@2", told.Lineage[0]);
        Assert.Contains("dataset:demo/flights@3", told.Lineage);
        Assert.Contains("dataset:demo/flight-delay-rows@2", told.Lineage);
        Assert.Contains("dataset:demo/landings@2", told.Lineage);
        Assert.Contains("feature-view:demo/origin_delays@1", told.Lineage);

        await HearTheEndAsync(folder["data"]);
        var again = await TellAsync(folder["data"]);
        Assert.Equal(told with { Seconds = 0 }, again with { Seconds = 0 }, Answer.Comparer);
    }

    /// <summary>What is told at the end: a foreign job's report, what differs, and what is reached.</summary>
    private static async Task HearTheEndAsync(string folder)
    {
        await using var output = new StringWriter();
        Assert.Equal(ExitCodes.Done, await CatalogCommand.RunAsync(["demo", "--data", folder, "--exit"], Terminal(output, output)));

        var said = output.ToString();
        Assert.Contains(
            "job:demo/publish-report told that it read dataset:demo/flights and wrote dataset:reports/flight-delays.  (done before)",
            said,
            StringComparison.Ordinal);
        var report = $"run:{StepId.Of("publish-report", 1)}";
        Assert.Contains(
            $"dataset:reports/flight-delays@{report.Replace(':', '.')}\n└── {report}  output\n    └── dataset:demo/flights@3  input",
            Trimmed(said),
            StringComparison.Ordinal);
        Assert.Matches(@"job:demo/train-flight-delay +parameter trees +100 +200", said);
        Assert.Matches(@"dataset:demo/flights +version +1 +3", said);
        Assert.Contains("dataset:demo/flight-delay-rows@2 was made again from its inputs, bit for bit", said, StringComparison.Ordinal);
        Assert.Contains("demo-team owns dataset:demo/flight-delay-rows, dataset:demo/landings,", said, StringComparison.Ordinal);
    }

    private static string Trimmed(string text) => string.Join('\n', text.Split('\n').Select(l => l.TrimEnd()));

    /// <summary>As when the process is killed: a run that began and of which nothing more was heard.</summary>
    private static async Task LeaveRunUnfinishedAsync(string folder, QualifiedName job, Guid run)
    {
        await using var server = await CatalogServer.StartAsync(new ServerOptions { DataFolder = folder, Url = "http://127.0.0.1:0" });
        var (address, key) = LocalCatalog.Find(url: null, folder);
        await using var catalog = new CatalogClient(address, key);
        await catalog.Runs.StartAsync(job, new RunOptions { Id = run });
        await catalog.Runs.LogMetricsAsync(run, [new MetricPoint("rows", 1)]);
    }

    /// <summary>Ctrl-C, as soon as the demo says something.</summary>
    private static async Task InterruptAsync(string folder, string when)
    {
        using var interrupt = new CancellationTokenSource();
        await using var output = new Watched(text => text.Contains(when, StringComparison.Ordinal), interrupt.Cancel);
        var exitCode = await CatalogCommand.RunAsync(["demo", "--data", folder, "--exit"], Terminal(output, output), interrupt.Token);

        Assert.Equal(ExitCodes.Interrupted, exitCode);
    }

    private static async Task<Answer> TellAsync(string folder)
    {
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        var exitCode = await CatalogCommand.RunAsync(["demo", "--data", folder, "--json", "--exit"], Terminal(output, errors));

        Assert.True(exitCode == ExitCodes.Done, errors.ToString());
        var line = Assert.Single(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return JsonSerializer.Deserialize<Answer>(line, JsonSerializerOptions.Web) ?? throw new InvalidOperationException("No answer.");
    }

    private static Terminal Terminal(TextWriter output, TextWriter errors) => Cli.Terminal.System with
    {
        Out = output,
        Error = errors,
        OutIsTerminal = false,
        ErrorIsTerminal = false,
    };

    /// <summary>The answer as anybody reads it.</summary>
    private sealed record Answer(
        string[] Datasets, string[] Versions, string[] Runs, string[] Models, double Auc, string[] Lineage, double Seconds)
    {
        public static IEqualityComparer<Answer> Comparer { get; } = EqualityComparer<Answer>.Create(
            (a, b) => JsonSerializer.Serialize(a) == JsonSerializer.Serialize(b), a => a.Datasets.Length);
    }

    private sealed class Watched(Predicate<string> seen, Action then) : StringWriter
    {
        public override void Write(char value) => After(() => base.Write(value));

        public override void Write(string? value) => After(() => base.Write(value));

        public override void WriteLine(string? value) => After(() => base.WriteLine(value));

        private void After(Action write)
        {
            write();
            if (seen(ToString()))
                then();
        }
    }
}
