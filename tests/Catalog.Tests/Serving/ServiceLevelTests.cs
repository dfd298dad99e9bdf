using System.Diagnostics.Metrics;
using Catalog.Features;
using Catalog.Serving;
using Catalog.Serving.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Catalog.Tests.Serving;

public sealed class ServiceLevelTests : IDisposable
{
    private static readonly TimeSpan s_target = TimeSpan.FromMilliseconds(5);

    private static readonly ServiceVersion s_service = new(NodeId.FeatureService("t", "live").WithVersion(1), [])
    {
        Availability = 0.999,
        LatencyTarget = s_target,
    };

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _clock = new();
    private readonly ServiceLevels _levels;
    private readonly ServiceLevel _level;

    public ServiceLevelTests()
    {
        _levels = new(new ServingMeter(_services.GetRequiredService<IMeterFactory>()), _clock);
        _level = _levels.Of(s_service.Node);
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Lookups_are_good_slow_or_failed_and_those_that_callers_spoil_are_neither()
    {
        _level.Count(LookupOutcome.Answered, s_target, s_target);
        _level.Count(LookupOutcome.Answered, s_target + TimeSpan.FromTicks(1), s_target);
        _level.Count(LookupOutcome.Answered, TimeSpan.FromSeconds(9), target: null);
        _level.Count(LookupOutcome.Unavailable, TimeSpan.Zero, s_target);
        _level.Count(LookupOutcome.Failed, TimeSpan.Zero, s_target);
        _level.CountRefused();
        _level.Count(LookupOutcome.Rejected, TimeSpan.Zero, s_target);
        _level.Count(LookupOutcome.Cancelled, TimeSpan.FromSeconds(9), s_target);

        Assert.Equal(new LevelCounts(InTime: 2, Slow: 1, Failed: 3), _level.Counts);
        Assert.Same(_level, _levels.Of(s_service.Node.WithVersion(2)));
    }

    [Fact]
    public void Each_promise_is_told_of_by_what_counts_for_it()
    {
        Count(inTime: 997, slow: 2, failed: 1);

        var levels = ObjectiveLevel.Of(s_service, _level, _levels.Now);

        Assert.Equal([ServiceObjective.Availability, ServiceObjective.Latency], levels.Select(l => l.Objective));
        Assert.Equal(new LevelWindow(TimeSpan.FromMinutes(5), 1_000, 1, 0.999, 0.001 / (1 - 0.999)), levels[0].Windows[0]);
        Assert.Equal(new LevelWindow(TimeSpan.FromHours(6), 999, 2, 997 / 999.0, 2 / 999.0 / (1 - 0.99)), levels[1].Windows[^1]);
        Assert.Equal((null, s_target), (levels[0].Within, levels[1].Within));
        Assert.Equal(0, levels[0].BudgetLeft ?? 1, 1e-9);
        Assert.Equal(1 - (2 / 9.99), levels[1].BudgetLeft ?? 0, 1e-9);
    }

    [Fact]
    public void Nothing_is_told_of_what_was_not_asked_or_not_promised()
    {
        var quiet = ObjectiveLevel.Of(s_service, _level, _levels.Now)[0];
        Assert.Equal(1, quiet.BudgetLeft);
        Assert.All(quiet.Windows, w => Assert.Equal((0, 0, null, null), (w.Lookups, w.Missed, w.Good, w.BurnRate)));

        Count(inTime: 3, slow: 0, failed: 1);
        var free = Assert.Single(ObjectiveLevel.Of(new ServiceVersion(s_service.Node, []), _level, _levels.Now));
        Assert.Equal((ServiceObjective.Availability, null, null), (free.Objective, free.Part, free.BudgetLeft));
        Assert.Equal(new LevelWindow(TimeSpan.FromHours(1), 4, 1, 0.75, BurnRate: null), free.Windows[2]);
    }

    [Fact]
    public void What_happened_before_a_window_is_not_in_it()
    {
        var (minutes, counted) = (0, new List<long>());
        for (; minutes < 7 * 60; minutes++)
        {
            Count(inTime: 1, slow: 0, failed: 0);
            for (var tick = 0; tick < 6; tick++)
            {
                _clock.Advance(TimeSpan.FromSeconds(10));
                _levels.Sample();
            }
        }

        foreach (var window in ObjectiveLevel.Of(s_service, _level, _levels.Now)[0].Windows)
            counted.Add(window.Lookups);

        Assert.Equal([5, 30, 60, 6 * 60], counted);
        _clock.Advance(TimeSpan.FromMinutes(4)); // no sample comes: windows are still those that end now
        Assert.Equal(1, ObjectiveLevel.Of(s_service, _level, _levels.Now)[0].Windows[0].Lookups);
        Assert.Equal(minutes, _level.Counts.InTime);
    }

    [Fact]
    public void Timers_that_come_early_or_late_change_a_window_by_no_more_than_that()
    {
        for (var i = 0; i < 360; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(i % 2 == 0 ? 9_500 : 10_500));
            Count(inTime: 1, slow: 0, failed: 0);
            _levels.Sample();
        }

        Assert.InRange(_level.Within(TimeSpan.FromMinutes(30), _levels.Now).InTime, 179, 181);
    }

    [Fact]
    public async Task No_lookup_is_lost_while_many_are_counted_and_looked_at()
    {
        const int Each = 20_000;
        using var over = new CancellationTokenSource();
        var looking = Task.Run(
            () =>
            {
                for (var before = 0L; !over.IsCancellationRequested;)
                {
                    var counts = _level.Counts;
                    Assert.True(counts.InTime >= before, "counts only grow");
                    before = counts.InTime;
                    _levels.Sample();
                }
            },
            TestContext.Current.CancellationToken);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () =>
            {
                for (var i = 0; i < Each; i++)
                    _level.Count(LookupOutcome.Answered, TimeSpan.Zero, s_target);
            },
            TestContext.Current.CancellationToken)));
        await over.CancelAsync();
        await looking;

        Assert.Equal(4 * Each, _level.Counts.InTime);
    }

    private void Count(int inTime, int slow, int failed)
    {
        for (var i = 0; i < inTime; i++)
            _level.Count(LookupOutcome.Answered, TimeSpan.Zero, s_target);
        for (var i = 0; i < slow; i++)
            _level.Count(LookupOutcome.Answered, s_target * 2, s_target);
        for (var i = 0; i < failed; i++)
            _level.Count(LookupOutcome.Unavailable, TimeSpan.Zero, s_target);
    }
}
