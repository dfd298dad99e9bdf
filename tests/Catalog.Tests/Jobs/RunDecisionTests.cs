using Catalog.Jobs;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Jobs;

public sealed class RunDecisionTests
{
    private static readonly Guid s_id = new("0198b2c4-7d1e-7a53-9c1f-2f60a4d1b3e7");
    private static readonly DateTimeOffset s_now = new(2026, 11, 24, 4, 22, 24, TimeSpan.Zero);
    private static readonly RunStarted s_started =
        new(s_id, NodeId.Job("demo", "train"), Parent: null, CodeRevision: null, RunLimits.None, RunLimits.None, []);
    private static readonly StartRun.Command s_start = new(new("demo", "train"));

    [Fact]
    public void The_first_run_of_a_job_brings_the_job() =>
        StartRun.Decide(run: null, job: null, s_id, s_start).Accepts(new JobRegistered("demo", "train"), s_started);

    [Fact]
    public void Later_runs_know_the_job() =>
        StartRun.Decide(run: null, Scenario.Fold<Job>(new JobRegistered("demo", "train")), s_id, s_start).Accepts(s_started);

    [Fact]
    public void What_is_known_at_the_start_is_kept()
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal) { ["trees"] = "200" };
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["image"] = "x" };

        StartRun.Decide(run: null, Scenario.Fold<Job>(new JobRegistered("demo", "train")), s_id, s_start with
        {
            CodeRevision = "9f2c1e7",
            Environment = environment,
            Parameters = parameters,
            Tags = ["nightly"],
            Parent = s_id,
        }).Accepts(new RunStarted(s_id, NodeId.Job("demo", "train"), s_id, "9f2c1e7", environment, parameters, ["nightly"]));
    }

    [Fact]
    public void Starting_a_run_again_is_unchanged_and_under_another_job_refused()
    {
        var run = Scenario.Fold<Run>(s_started);

        StartRun.Decide(run, job: null, s_id, s_start).IsUnchanged();
        StartRun.Decide(run, job: null, s_id, new(new("demo", "other"))).Refuses("run.exists", "job:demo/train");
        StartRun.Decide(Scenario.Fold<Run>(s_started, new RunCompleted()), job: null, s_id, s_start).IsUnchanged();
    }

    [Fact]
    public void An_input_is_recorded_once_for_each_role()
    {
        var (train, test) = (Input("train"), Input("test"));

        Scenario.Given<Run>(s_started)
            .When(r => RecordInput.Decide(r, s_id, train)).Then(train)
            .When(r => RecordInput.Decide(r, s_id, train)).ThenUnchanged()
            .When(r => RecordInput.Decide(r, s_id, train with { Requested = "latest" })).ThenUnchanged()
            .When(r => RecordInput.Decide(r, s_id, test)).Then(test)
            .When(r => RecordInput.Decide(r, s_id, Input(role: null))).Then(Input(role: null));
    }

    [Fact]
    public void An_alias_is_pinned_once_whatever_it_points_to_later()
    {
        var latest = Input("train") with { Requested = "latest" };
        var moved = Input("train", 2) with { Requested = "latest" };
        var run = Scenario.Given<Run>(s_started).When(r => RecordInput.Decide(r, s_id, latest)).Then(latest);

        run.When(r => RecordInput.Decide(r, s_id, moved)).ThenUnchanged();
        Assert.Equal(latest.Dataset, run.State?.FindInput(moved));
        run.When(r => RecordInput.Decide(r, s_id, moved with { Role = "test" })).Then(moved with { Role = "test" });
        run.When(r => RecordInput.Decide(r, s_id, Input("train", 2))).Then(Input("train", 2));
    }

    [Fact]
    public void Another_version_is_another_input() =>
        Scenario.Given<Run>(s_started, Input("train")).When(r => RecordInput.Decide(r, s_id, Input("train", 2))).Then(Input("train", 2));

    [Fact]
    public void A_parameter_is_said_once_and_stays() =>
        Scenario.Given<Run>(s_started with { Parameters = Values(("trees", "200")) })
            .When(r => Log(r, ("trees", "200"))).ThenUnchanged()
            .When(r => Log(r, ("trees", "200"), ("depth", "8"))).Then(new RunParametersLogged(Values(("depth", "8"))))
            .When(r => Log(r, ("depth", "8"), ("trees", "200"))).ThenUnchanged()
            .When(r => Log(r, ("depth", "9"), ("new", "1"))).ThenRefused("run.parameter_changed", "'depth' was logged as '8'");

    [Fact]
    public void Parameters_differ_by_case() =>
        Scenario.Given<Run>(s_started with { Parameters = Values(("trees", "200")) })
            .When(r => Log(r, ("Trees", "1"))).Then(new RunParametersLogged(Values(("Trees", "1"))));

    [Fact]
    public void Metrics_get_the_time_they_arrive_at_and_are_kept_in_utc()
    {
        var there = new DateTimeOffset(2026, 11, 24, 7, 0, 0, TimeSpan.FromHours(3));

        var batch = Guid.CreateVersion7();

        LogMetrics.Decide(Scenario.Fold<Run>(s_started), new(s_id, batch, [new("loss", double.NaN), new("loss", 0.5, 7, there)]), s_now)
            .Accepts(new RunMetricsLogged(batch, [new("loss", double.NaN, 0, s_now), new("loss", 0.5, 7, there.ToUniversalTime())]));
    }

    [Fact]
    public void Metrics_that_were_sent_again_are_logged_once_also_after_the_end()
    {
        var batch = Guid.CreateVersion7();

        Scenario.Given<Run>(s_started, Logged(batch), new RunCompleted())
            .When(r => LogMetrics.Decide(r, new(s_id, batch, [new("loss", 1)]), s_now)).ThenUnchanged()
            .When(r => LogMetrics.Decide(r, new(s_id, Guid.CreateVersion7(), [new("loss", 1)]), s_now))
            .ThenRefused("run.ended", "has ended");
    }

    [Fact]
    public void Of_batches_of_metrics_the_last_sixteen_are_remembered()
    {
        var batches = Enumerable.Range(0, 17).Select(_ => Guid.CreateVersion7()).ToList();
        var run = Scenario.Fold<Run>([s_started, .. batches.Select(Logged)]);

        Assert.Equal(batches[1..], run?.Batches);
    }

    private static RunMetricsLogged Logged(Guid batch) => new(batch, [new MetricPoint("loss", 1, 0, s_now)]);

    [Fact]
    public void A_tag_may_be_put_on_and_taken_off_after_the_end() =>
        Scenario.Given<Run>(s_started, new RunCompleted())
            .When(r => TagRun.Decide(r, new(s_id, "best", Present: true))).Then(new RunTagged("best"))
            .When(r => TagRun.Decide(r, new(s_id, "best", Present: true))).ThenUnchanged()
            .When(r => TagRun.Decide(r, new(s_id, "best", Present: false))).Then(new RunUntagged("best"))
            .When(r => TagRun.Decide(r, new(s_id, "best", Present: false))).ThenUnchanged();

    [Theory]
    [InlineData(RunState.Completed)]
    [InlineData(RunState.Failed)]
    [InlineData(RunState.Aborted)]
    public void A_run_ends_once(RunState end)
    {
        object fact = end switch
        {
            RunState.Completed => new RunCompleted(),
            RunState.Failed => new RunFailed("x"),
            _ => new RunAborted("x"),
        };
        var ended = Scenario.Given<Run>(s_started).When(r => EndRun.Decide(r, new(s_id, end, "x"))).Then(fact);

        Assert.Equal(end, ended.State?.State);
        ended.When(r => EndRun.Decide(r, new(s_id, end, "said otherwise"))).ThenUnchanged();
        foreach (var other in Enum.GetValues<RunState>().Where(s => s != end && s != RunState.Running))
            ended.When(r => EndRun.Decide(r, new(s_id, other, "y"))).ThenRefused("run.ended", end.ToString().ToLowerInvariant());
    }

    [Fact]
    public void A_run_that_has_ended_takes_no_more_but_what_was_said_is_still_so()
    {
        var ended = Scenario.Given<Run>(s_started with { Parameters = Values(("trees", "200")) }, Input("train"), new RunCompleted());

        ended.When(r => RecordInput.Decide(r, s_id, Input("train"))).ThenUnchanged();
        ended.When(r => Log(r, ("trees", "200"))).ThenUnchanged();
        ended.When(r => RecordInput.Decide(r, s_id, Input("test"))).ThenRefused("run.ended");
        ended.When(r => Log(r, ("depth", "8"))).ThenRefused("run.ended");
        ended.When(r => Log(r, ("trees", "201"))).ThenRefused("run.parameter_changed");
        ended.When(r => LogMetrics.Decide(r, new(s_id, Guid.CreateVersion7(), [new("loss", 1)]), s_now)).ThenRefused("run.ended");
    }

    [Fact]
    public void Nothing_is_decided_about_a_run_that_never_began()
    {
        Func<Run?, Decision>[] changes =
        [
            r => RecordInput.Decide(r, s_id, Input("train")),
            r => Log(r, ("a", "b")),
            r => LogMetrics.Decide(r, new(s_id, Guid.CreateVersion7(), [new("loss", 1)]), s_now),
            r => TagRun.Decide(r, new(s_id, "best", Present: true)),
            r => TagRun.Decide(r, new(s_id, "best", Present: false)),
            r => EndRun.Decide(r, new(s_id, RunState.Completed, Reason: null)),
        ];

        Assert.All(changes, change => Scenario.Given<Run>().When(change).ThenRefused("run.not_found", $"run:{s_id}"));
    }

    [Fact]
    public void Any_history_of_a_run_folds_and_ends_at_most_once()
    {
        var key = Gen.OneOf("a", "b", "c");
        var ask = Gen.OneOf(
            Gen.Select(key, key, (k, v) => Ask(r => Log(r, (k, v)))),
            Gen.Select(key, Gen.Bool, (tag, on) => Ask(r => TagRun.Decide(r, new(s_id, tag, on)))),
            Gen.Select(key, Gen.Long[1, 3], (role, number) => Ask(r => RecordInput.Decide(r, s_id, Input(role, number)))),
            Gen.Select(Gen.Guid, Gen.Double, (batch, value) =>
                Ask(r => LogMetrics.Decide(r, new(s_id, batch, [new("loss", value)]), s_now))),
            Gen.Enum<RunState>().Where(s => s != RunState.Running).Select(end => Ask(r => EndRun.Decide(r, new(s_id, end, "x")))));

        ask.Array[0, 40].Sample(asks =>
        {
            var facts = new List<object> { s_started };
            foreach (var one in asks)
            {
                if (one(Scenario.Fold<Run>(facts)) is Decision.Accepted accepted)
                    facts.AddRange(accepted.Facts);
            }

            var end = facts.FindIndex(f => f is RunCompleted or RunFailed or RunAborted);
            Assert.True(end < 0 || facts.Skip(end + 1).All(f => f is RunTagged or RunUntagged));
            Assert.Equal(end < 0, Scenario.Fold<Run>(facts)?.State == RunState.Running);
            Assert.Equal(
                facts.OfType<RunParametersLogged>().Sum(f => f.Values.Count),
                facts.OfType<RunParametersLogged>().SelectMany(f => f.Values.Keys).Distinct(StringComparer.Ordinal).Count());
        });
    }

    [Fact]
    public void A_parameter_that_a_log_holds_twice_still_folds()
    {
        var run = Scenario.Fold<Run>(
            s_started, new RunParametersLogged(Values(("trees", "1"))), new RunParametersLogged(Values(("trees", "2"))));

        Assert.Equal("2", run?.Parameters["trees"]);
    }

    private static Func<Run?, Decision> Ask(Func<Run?, Decision> ask) => ask;

    private static Decision Log(Run? run, params (string Key, string Value)[] values) =>
        LogParameters.Decide(run, new(s_id, Values(values)));

    private static RunInputRead Input(string? role, long number = 1) => new(NodeId.Dataset("demo", "flights", number), $"{number}", role);

    private static IReadOnlyDictionary<string, string> Values(params (string Key, string Value)[] values) =>
        values.ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal);
}
