using Catalog.Features;
using Xunit;
using static Catalog.Tests.Features.Definitions;

namespace Catalog.Tests.Features;

public sealed class FeatureRulesTests
{
    public static TheoryData<string> Cases => [.. s_wrong.Keys];

    /// <summary>Each definition, with the field that is wrong and a piece of the sentence.</summary>
    private static readonly Dictionary<string, Wrong> s_wrong = new(StringComparer.Ordinal)
    {
        ["no features"] = new(Delays.WithFeatures(), "features", "from 1 to 2000"),
        ["unknown type"] = new(Plain.WithFeatures(new Feature("a", "int", "a")), "features[0].type", "'int' is no type"),
        ["name twice"] = new(
            Plain.WithFeatures(new Feature("a", "int64", "a"), new Feature("a", "int64", "b")), "features[1].name", "already"),
        ["name empty"] = new(Plain.WithFeatures(new Feature("", "int64", "a")), "features[0].name", "must not be empty"),
        ["name of a key"] = new(Plain.WithFeatures(new Feature("airport", "string", "a")), "features[0].name", "a key has that name"),
        ["no column"] = new(Plain.WithFeatures(new Feature("a", "int64")), "features[0].column", "only a count needs none"),
        ["plain and aggregated"] = new(
            Delays.WithFeatures(Mean("m", "delay", 1), new Feature("carrier", "string", "carrier")), "features", "'carrier' is not"),
        ["count of another type"] = new(
            Delays.WithFeatures(new Feature("n", "int32", Column: null, Over(AggregateFunction.Count, 1))), "features[0].type", "int64"),
        ["sum of decimals"] = new(
            Delays.WithFeatures(new Feature("s", "decimal(18,2)", "fare", Over(AggregateFunction.Sum, 1))), "features[0].type", "float64"),
        ["mean of whole type"] = new(
            Delays.WithFeatures(new Feature("m", "int64", "delay", Over(AggregateFunction.Mean, 1))), "features[0].type", "float64"),
        ["greatest of json"] = new(
            Delays.WithFeatures(new Feature("m", "json", "delay", Over(AggregateFunction.Max, 1))),
            "features[0].type", "of 64 bits at most"),
        ["last of a list"] = new(
            Delays.WithFeatures(new Feature("m", "list(int64)", "delay", Over(AggregateFunction.Last, 1))),
            "features[0].type", "one value"),
        ["window of nothing"] = new(Delays.WithFeatures(Mean("m", "delay", 0)), "features[0].aggregation.window", "more than nothing"),
        ["window too long"] = new(Delays.WithFeatures(Mean("m", "delay", 36_526)), "features[0].aggregation.window", "100 years"),
        ["window of half a microsecond"] = new(
            Delays.WithFeatures(new Feature("m", "float64", "delay", new(AggregateFunction.Mean, TimeSpan.FromTicks(5)))),
            "features[0].aggregation.window", "whole microseconds, not 0.5us"),
        ["ttl of windows"] = new(Delays with { TimeToLive = TimeSpan.FromDays(1) }, "timeToLive", "must be left out"),
        ["ttl below nothing"] = new(Plain with { TimeToLive = TimeSpan.FromDays(-1) }, "timeToLive", "not -1d"),
        ["key that is a float"] = new(Delays.WithKey(new("airport", "float64", "origin")), "entities[0].keys[0].type", "told apart"),
        ["key without a name"] = new(Delays.WithKey(new("", "string", "origin")), "entities[0].keys[0].name", "must not be empty"),
        ["key without a column"] = new(Delays.WithKey(new("airport", "string", "")), "entities[0].keys[0].column", "must not be empty"),
        ["entity without keys"] = new(Delays with { Entities = [new Entity("airport", [])] }, "entities[0].keys", "a key at least"),
        ["entity twice"] = new(
            Delays with { Entities = [Delays.Entities[0], new("airport", [new("other", "string", "o")])] }, "entities[1].name", "already"),
        ["key twice"] = new(
            Delays with { Entities = [Delays.Entities[0], new("other", [new("airport", "string", "o")])] },
            "entities[1].keys[0].name", "already"),
        ["source with a version"] = new(
            Delays with { Source = Delays.Source with { Dataset = NodeId.Dataset("a", "b", 1) } }, "source.dataset", "without a version"),
        ["source that is a model"] = new(
            Delays with { Source = Delays.Source with { Dataset = NodeId.Model("a", "b") } }, "source.dataset", "not 'model:a/b'"),
        ["no event time"] = new(Delays with { Source = Delays.Source with { EventTime = "" } }, "source.eventTime", "must not be empty"),
        ["created as landed"] = new(
            Delays with { Source = Delays.Source with { CreatedTime = "landed" } }, "source.createdTime", "another column"),
        ["zone by another name"] = new(
            Delays with { Source = Delays.Source with { TimeZone = "Central Standard Time" } }, "source.timeZone", "IANA"),
        ["zone with a null"] = new(Delays with { Source = Delays.Source with { TimeZone = "a\0b" } }, "source.timeZone", "IANA"),
    };

    [Fact]
    public void What_may_be_has_no_faults()
    {
        Assert.Empty(FeatureRules.Check(Delays));
        Assert.Empty(FeatureRules.Check(Plain));
        Assert.Empty(FeatureRules.Check(Plain with { Entities = [], TimeToLive = null }));
        Assert.Empty(FeatureRules.Check(Plain.WithFeatures(
            new Feature("image", "embedding(512)", "image"), new Feature("tags", "list(string)", "tags"),
            new Feature("fare", "decimal(18,2)", "fare"), new Feature("at", "timestamp(us,UTC)", "at"))));
        Assert.Empty(FeatureRules.Check(Delays with
        {
            Entities =
            [
                new("route", [new("from", "string", "origin"), new("to", "string", "dest")]), new("day", [new("day", "date", "d")]),
            ],
        }));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_fault_is_told_with_its_field(string name)
    {
        var (definition, field, says) = s_wrong[name];

        var fault = Assert.Single(FeatureRules.Check(definition));

        Assert.Equal(field, fault.Field);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_told_at_once() =>
        Assert.Equal(
            ["entities[0].keys[0].type", "source.eventTime", "features[0].type", "timeToLive"],
            FeatureRules.Check(new FeatureDefinition(
                [new("a", [new("k", "json", "k")])], new(NodeId.Dataset("a", "b"), ""), [new("f", "?", "f")], TimeSpan.Zero))
                .Select(f => f.Field));

    private sealed record Wrong(FeatureDefinition Definition, string Field, string Says);
}
