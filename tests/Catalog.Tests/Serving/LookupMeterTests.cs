using System.Diagnostics.Metrics;
using Catalog.Serving;
using Catalog.Serving.Metrics;
using Catalog.Storage.Hot;
using Catalog.Tests.Hot;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Catalog.Tests.Serving;

public sealed class LookupMeterTests : IDisposable
{
    private static readonly string[] s_unended = ["rejected", "unavailable", "cancelled", "failed"];

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _clock = new();
    private readonly IMeterFactory _meters;
    private readonly LookupMeter _meter;

    public LookupMeterTests()
    {
        _meters = _services.GetRequiredService<IMeterFactory>();
        _meter = new(new ServingMeter(_meters), _clock);
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public void A_lookup_that_is_answered_is_measured_by_door_and_its_rows_by_what_became_of_them()
    {
        using var measured = new Measured(_meters);
        var view = Served.View("t", "view", HotViews.ByNumber with { TimeToLive = TimeSpan.FromHours(1) });
        Push(view, key: 1, time: 0);
        Push(view, key: 2, time: TimeSpan.FromHours(2).Ticks / TimeSpan.TicksPerMicrosecond);

        Look(view, now: TimeSpan.FromHours(2).Ticks / TimeSpan.TicksPerMicrosecond, 1, 2, 2, 3, 4, 5);

        Assert.Equal(
            [
                "catalog.serving.lookup.duration feature_service=none door=compact outcome=answered: 0.002",
                "catalog.serving.tier.answers feature_view=t/view@1 tier=memory: 1",
                "catalog.serving.rows feature_view=t/view@1 status=present: 2",
                "catalog.serving.rows feature_view=t/view@1 status=outside_max_age: 1",
                "catalog.serving.rows feature_view=t/view@1 status=not_found: 3",
            ],
            measured.Lines);
        Assert.Equal(TimeSpan.FromMilliseconds(2), _meter.Busy);
    }

    [Fact]
    public void A_lookup_that_is_not_answered_tells_of_no_rows()
    {
        using var measured = new Measured(_meters);
        var plan = Served.Plan(Served.State(Served.View("t", "view", HotViews.ByNumber)), "view:value");
        foreach (var outcome in (LookupOutcome[])
            [LookupOutcome.Rejected, LookupOutcome.Unavailable, LookupOutcome.Cancelled, LookupOutcome.Failed])
        {
            var read = new OnlineRead(_ => { });
            read.Begin(plan, now: 0);
            read.Measure(_meter, ServingDoor.Feast);
            read.Outcome = outcome;
            read.Dispose();
            read.Dispose();
        }

        _meter.Refuse(plan, ServingDoor.FeastGrpc);

        Assert.Equal(
            [
                .. s_unended.Select(o => $"catalog.serving.lookup.duration feature_service=none door=feast outcome={o}: 0"),
                "catalog.serving.refused feature_service=none door=feast_grpc: 1",
            ],
            measured.Lines);
    }

    [Fact]
    public void Measuring_allocates_nothing()
    {
        var view = Served.View("t", "view", HotViews.ByNumber);
        Push(view, key: 1, time: 0);
        var plan = Served.Plan(Served.State(view), "view:value");
        OnlineRead? pooled = null;
        var read = new OnlineRead(done => pooled = done);
        using var counting = new Counting(_meters);
        Many(1_000); // what is allocated once is allocated here

        var before = GC.GetAllocatedBytesForCurrentThread();
        Many(10_000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(11_000 * 4, counting.Measurements); // duration, tier, rows found and not
        Assert.Same(read, pooled);

        void Many(int lookups)
        {
            for (var i = 0; i < lookups; i++)
            {
                read.Begin(plan, now: 0);
                read.Measure(_meter, ServingDoor.Json);
                read.KeysOf(0).Add(1);
                read.KeysOf(0).Add(2);
                view.Overlay.Prefer(read.KeysOf(0), read.RoomFor(0));
                read.Outcome = LookupOutcome.Answered;
                read.Dispose();
            }
        }
    }

    [Fact]
    public void The_load_is_the_mean_of_what_was_in_flight_of_what_may_be()
    {
        var load = new ServingLoad(_meter, new Admission(new(4)), _clock);
        var view = Served.View("t", "view", HotViews.ByNumber);
        for (var i = 0; i < 1_000; i++)
            Look(view, now: 0, 1); // two milliseconds each: two of ten seconds

        _clock.Advance(TimeSpan.FromSeconds(8));
        load.Sample();

        Assert.Equal(0.2 / 4, load.Mean, 1e-9);
        _clock.Advance(TimeSpan.FromSeconds(10));
        load.Sample();
        Assert.Equal(0, load.Mean);
    }

    private void Look(HotView view, long now, params long[] keys)
    {
        var read = new OnlineRead(_ => { });
        read.Begin(Served.Plan(Served.State(view), "view:value"), now);
        read.Measure(_meter, ServingDoor.Compact);
        foreach (var key in keys)
            read.KeysOf(0).Add(key);
        view.Overlay.Prefer(read.KeysOf(0), read.RoomFor(0));
        _clock.Advance(TimeSpan.FromMilliseconds(2));
        read.Outcome = LookupOutcome.Answered;
        read.Dispose();
    }

    private static void Push(HotView view, long key, long time) => Served.Push(
        view, keys => keys.Add(key), time, (packer, layout) => packer.Set(layout.Slots[0], 1.5));

    /// <summary>Only counts.</summary>
    private sealed class Counting : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Counting(IMeterFactory meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Scope == meters)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((_, _, _, _) => Measurements++);
            _listener.SetMeasurementEventCallback<long>((_, _, _, _) => Measurements++);
            _listener.Start();
        }

        public int Measurements { get; private set; }

        public void Dispose() => _listener.Dispose();
    }
}
