using Catalog.Jobs;
using Catalog.Lineage;
using Catalog.Models;
using Catalog.Platform.Projections;
using Catalog.Platform.Store;
using JasperFx.Events.Projections;
using Marten;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Catalog.Tests.Projections;

public sealed class ProjectionTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Pages_read_the_facts_they_are_made_of_and_no_others()
    {
        var options = Options();

        Assert.Equal(Owned<Run>(), Read("page_run"));
        Assert.Equal(Owned<Catalog.Datasets.Dataset>(), Read("page_dataset"));
        Assert.Equal(Owned<Job>(), Read("page_job"));
        Assert.Equal(Owned<Model>(), Read("page_model"));
        Assert.Equal(Owned<Catalog.Access.ApiKey>(), Read("page_key"));

        // Marten reads facts of its own, too.
        string[] Read(string name) => Sorted(
            Assert.Single(Followers(options), p => p.Name == name)
                .IncludedEventTypes.Where(t => t.Assembly == typeof(CatalogStore).Assembly));
    }

    [Fact]
    public void What_is_held_in_memory_of_runs_is_bounded_whatever_their_metrics()
    {
        var runs = Assert.Single(Followers(Options()), p => p.Name == "page_run");
        Assert.InRange(runs.Options.MaximumHopperSize, runs.Options.BatchSize, 200);
    }

    [Fact]
    public void No_fact_is_skipped()
    {
        var errors = Options().Projections.Errors;
        Assert.False(errors.SkipUnknownEvents || errors.SkipSerializationErrors || errors.SkipApplyErrors);
    }

    [Fact]
    public void A_page_that_stops_again_and_again_is_started_less_and_less_often()
    {
        var setbacks = new Setbacks(_clock);
        var starts = 0;
        for (var second = 0; second < 600; second++)
        {
            starts += setbacks.IsDue("page") ? 1 : 0;
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(starts, 20, 30);
        Assert.True(setbacks.IsDue("another"));
    }

    [Fact]
    public void A_page_that_ran_well_for_long_is_started_at_once()
    {
        var setbacks = new Setbacks(_clock);
        for (var i = 0; i < 10; i++)
        {
            Assert.True(setbacks.IsDue("page"));
            _clock.Advance(TimeSpan.FromSeconds(30));
        }

        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.True(setbacks.IsDue("page"));
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        Assert.True(setbacks.IsDue("page"));
    }

    [Fact]
    public void Pages_that_stay_behind_for_long_stand_still()
    {
        var standstill = new Standstill(_clock);
        Assert.False(standstill.IsSeen(reached: 5, end: 9));
        _clock.Advance(Standstill.Patience);
        Assert.False(standstill.IsSeen(reached: 5, end: 12));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(standstill.IsSeen(reached: 5, end: 12));
        Assert.False(standstill.IsSeen(reached: 6, end: 12));
        Assert.False(standstill.IsSeen(reached: 12, end: 12));
    }

    [Fact]
    public void Pages_that_nobody_looked_at_for_long_are_not_accused()
    {
        var standstill = new Standstill(_clock);
        Assert.False(standstill.IsSeen(reached: 9, end: 9));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(standstill.IsSeen(reached: 9, end: 10));
    }

    private static StoreOptions Options()
    {
        var database = new CatalogDatabase("Host=nowhere");
        var options = new StoreOptions();
        CatalogStore.Configure(options, database, TimeProvider.System);
        return options;
    }

    private static IEnumerable<ProjectionBase> Followers(StoreOptions options) =>
        options.Projections.All.OfType<ProjectionBase>().Where(p => p.Lifecycle == ProjectionLifecycle.Async);

    /// <summary>What was done here; what others told of the same streams is no page's.</summary>
    private static string[] Owned<TState>() => Sorted(CatalogStore.Facts.All
        .Where(f => f.Owner == typeof(TState) && f.Fact != typeof(OpenLineageReceived))
        .Select(f => f.Fact));

    private static string[] Sorted(IEnumerable<Type> types) => [.. types.Select(t => t.Name).Order(StringComparer.Ordinal)];
}
