using Catalog.Features;
using Xunit;
using static Catalog.Tests.Features.Definitions;

namespace Catalog.Tests.Features;

public sealed class FeatureChangeTests
{
    private static readonly Feature s_taxi = new("taxi", "int64", "taxi", Over(AggregateFunction.Max, 1));

    public static TheoryData<string> Incompatible => [.. s_incompatible.Keys];

    /// <summary>Each change, with the field that it is told as.</summary>
    private static readonly Dictionary<string, (FeatureDefinition To, string Field)> s_incompatible = new(StringComparer.Ordinal)
    {
        ["window"] = (Delays.WithFeatures(Mean("delay_mean_7d", "delay", 8), Delays.Features[1]), "features.delay_mean_7d"),
        ["column"] = (Delays.WithFeatures(Mean("delay_mean_7d", "taxi", 7), Delays.Features[1]), "features.delay_mean_7d"),
        ["gone"] = (Delays.WithFeatures(Delays.Features[0]), "features.flights_1d"),
        ["order"] = (Delays.WithFeatures(Delays.Features[1], Delays.Features[0]), "features"),
        ["first instead of last"] = (Delays with { Source = Delays.Source with { Ties = TieRule.First } }, "source.ties"),
        ["dataset"] = (Delays with { Source = Delays.Source with { Dataset = NodeId.Dataset("demo", "other") } }, "source.dataset"),
        ["event time"] = (Delays with { Source = Delays.Source with { EventTime = "left" } }, "source.eventTime"),
        ["no created time"] = (Delays with { Source = Delays.Source with { CreatedTime = null } }, "source.createdTime"),
        ["zone"] = (Delays with { Source = Delays.Source with { TimeZone = null } }, "source.timeZone"),
        ["ttl"] = (Delays with { TimeToLive = TimeSpan.FromHours(1) }, "timeToLive"),
        ["type of a key"] = (Delays.WithKey(new("airport", "int64", "origin")), "entities.airport"),
        ["column of a key"] = (Delays.WithKey(new("airport", "string", "dest")), "entities.airport"),
    };

    [Fact]
    public void The_same_definition_changes_nothing()
    {
        var change = FeatureChange.Of(Delays, Delays with { Features = [.. Delays.Features] });

        Assert.True(change.IsNone && change.IsCompatible);
    }

    [Fact]
    public void Features_at_the_end_are_compatible()
    {
        var change = FeatureChange.Of(Delays, Delays.WithFeatures([.. Delays.Features, s_taxi]));

        Assert.True(change.IsCompatible);
        Assert.Equal(
            new FeatureDifference("features.taxi", From: null, "int64 = max(taxi) over 1d", Compatible: true),
            Assert.Single(change.Differences));
    }

    [Fact]
    public void A_feature_between_others_is_not()
    {
        var change = FeatureChange.Of(Delays, Delays.WithFeatures(Delays.Features[0], s_taxi, Delays.Features[1]));

        Assert.False(change.IsCompatible);
        Assert.Equal(["features.taxi", "features"], change.Differences.Select(d => d.Field));
    }

    [Theory]
    [MemberData(nameof(Incompatible))]
    public void Whatever_can_alter_a_value_is_incompatible(string name)
    {
        var (to, field) = s_incompatible[name];

        var change = FeatureChange.Of(Delays, to);

        Assert.False(change.IsCompatible);
        Assert.Equal(field, Assert.Single(change.Differences).Field);
        Assert.NotEqual(Delays.Hash(), to.Hash());
    }

    [Fact]
    public void A_difference_says_what_was_and_what_is_to_be()
    {
        var difference = Assert.Single(FeatureChange.Of(Plain, Plain with { TimeToLive = TimeSpan.FromHours(36) }).Differences);

        Assert.Equal(new FeatureDifference("timeToLive", "7d", "36h", Compatible: false), difference);
    }

    [Fact]
    public void Of_something_new_all_is_told_and_nothing_is_incompatible()
    {
        var change = FeatureChange.Of(before: null, Delays);

        Assert.True(change.IsCompatible);
        Assert.Contains(change.Differences, d => d is { Field: "features.flights_1d", From: null, To: "int64 = count() over 1d" });
        Assert.Contains(change.Differences, d => d is { Field: "entities.airport", To: "airport: string = origin" });
    }
}
