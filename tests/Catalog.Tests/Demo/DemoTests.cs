using Catalog.Cli;
using Catalog.Cli.Demo;
using Catalog.Sdk;
using Xunit;

namespace Catalog.Tests.Demo;

/// <summary>The parts of the demo that need no server.</summary>
public sealed class DemoTests
{
    [Fact]
    public void A_step_has_one_id_an_attempt()
    {
        var id = StepId.Of("origin-delays", 1);

        Assert.Equal(Guid.Parse("512d4ce8-de45-81b4-bb15-f421fae1df7d"), id);
        Assert.Equal(8, id.Version);
        Assert.NotEqual(id, StepId.Of("origin-delays", 2));
    }

    [Fact]
    public void The_last_days_are_kept_for_the_test()
    {
        var split = Flights.Split([.. Enumerable.Range(1, 31).SelectMany(d => Day(d))]);

        Assert.Equal(new DateTime(2001, 1, 25), split.TestFrom);
        Assert.Equal((48, 14), (split.Train.Count, split.Test.Count));
        Assert.All(split.Train, f => Assert.True(f.Date < split.TestFrom));

        static Flight[] Day(int day) =>
        [
            new(new DateTime(2001, 1, day), 0, 100, "AAA", "BBB"),
            new(new DateTime(2001, 1, day, 23, 59, 0), 0, 100, "AAA", "BBB"),
        ];
    }

    [Fact]
    public void An_airport_is_known_by_the_flights_that_left_it()
    {
        var origins = OriginDelays.Compute([Flight("AAA", 16), Flight("AAA", 15), Flight("AAA", -1), Flight("BBB", 60)]);

        Assert.Equal(new AirportRecord(3, 10, 1 / 3.0), origins["AAA"]);
        Assert.Equal(new AirportRecord(1, 60, 1), origins["BBB"]);
        Assert.Equal(new AirportRecord(0, 22.5, 0.5), origins["an airport nobody left"]);
        Assert.Equal(origins["AAA"], OriginDelays.Of(origins.ToTable())["AAA"]);
    }

    [Theory]
    [InlineData(new[] { 0.1, 0.2, 0.8, 0.9 }, new[] { false, false, true, true }, 1)]
    [InlineData(new[] { 0.9, 0.8, 0.2, 0.1 }, new[] { false, false, true, true }, 0)]
    [InlineData(new[] { 0.5, 0.5, 0.5, 0.5 }, new[] { false, true, false, true }, 0.5)]
    [InlineData(new[] { 0.1, 0.4, 0.35, 0.8 }, new[] { false, false, true, true }, 0.75)]
    public void The_area_under_the_curve_is_the_share_of_pairs_in_order(double[] scores, bool[] isPositive, double auc) =>
        Assert.Equal(auc, LearningCurve.Auc(scores, isPositive), 12);

    [Fact]
    public void A_folder_of_the_demo_is_used_again_and_any_other_is_left_alone()
    {
        var folder = Directory.CreateTempSubdirectory("catalog").FullName;

        Assert.Equal($"{folder}-demo", DemoFolder.Beside(folder));
        Assert.Equal($"{folder}-demo", DemoFolder.Beside($"{folder}-demo/"));
        DemoFolder.Mark(folder);
        Assert.Equal(folder, DemoFolder.Beside(folder));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Every_command_that_is_proposed_can_be_parsed()
    {
        var root = CatalogCommand.Create();

        Assert.All(NextSteps.Commands(StepId.Of("any", 1)), c => Assert.Empty(root.Parse($"{c} --data /some/folder").Errors));
    }

    private static Flight Flight(string origin, int delay) => new(new DateTime(2001, 1, 1), delay, 100, origin, "CCC");
}
