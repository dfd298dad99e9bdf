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
    public void A_flight_is_known_once_it_has_landed_whatever_the_clocks_of_the_airports_say()
    {
        var flight = new Flight(new DateTime(2001, 1, 1, 8, 0, 0), 16, 751, "AAA", "BBB");

        var landings = Landings.Of([flight, flight with { Delay = 15 }]);

        Assert.Equal(new DateTime(2001, 1, 1, 16, 11, 0), landings.Column<DateTime>("known")[0]);
        Assert.Equal([1, 0], landings.Column<int>("late"));
        Assert.Equal("BBB", landings.Column<string>("destination")[0]);
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
}
