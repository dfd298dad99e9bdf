using Catalog.Features;
using Catalog.FeatureServices;
using Xunit;
using static Catalog.Tests.Features.Definitions;

namespace Catalog.Tests.Features;

/// <summary>Services: what they must be, what changes them, and how they are decided together with views.</summary>
public sealed class FeatureServiceTests
{
    private static readonly NodeId s_delays = NodeId.FeatureView("demo", "delays");
    private static readonly NodeId s_carriers = NodeId.FeatureView("demo", "carriers");

    private static readonly FeatureServiceDefinition s_first =
        new([new ServedView(s_delays.WithVersion(1))], TimeSpan.FromMilliseconds(5), 0.999);

    private static readonly WantedFeatureService s_wanted = new("demo", "flight_delay", "team", s_first, "Served.", ["a"]);
    private static readonly FeatureServiceRegistered s_registered = new("demo", "flight_delay", "team", "Served.", ["a"]);
    private static readonly FeatureServiceDefined s_defined = new(1, s_first, s_first.Hash());

    [Fact]
    public void A_service_is_registered_with_its_first_version_and_asked_for_again_is_unchanged() =>
        Scenario.Given<FeatureService>()
            .When(s => DefineFeatureService.Decide(s, s_wanted)).Then(s_registered, s_defined)
            .When(s => DefineFeatureService.Decide(s, s_wanted)).ThenUnchanged()
            .When(s => DefineFeatureService.Decide(s, s_wanted with { Description = null, Tags = null })).ThenUnchanged();

    [Fact]
    public void Every_change_of_the_definition_makes_a_version_and_the_rest_none()
    {
        var second = s_first with { Views = [new ServedView(s_delays.WithVersion(2), ["flights_1d"])] };
        var third = second with { LatencyTarget = null };

        Scenario.Given<FeatureService>(s_registered, s_defined)
            .When(s => DefineFeatureService.Decide(s, s_wanted with { Definition = second }))
            .Then(new FeatureServiceDefined(2, second, second.Hash()))
            .When(s => DefineFeatureService.Decide(s, s_wanted with { Definition = third, Owner = "other", Tags = ["b"] }))
            .Then(
                new FeatureServiceDefined(3, third, third.Hash()), new FeatureServiceDescribed("other", "Served."),
                new FeatureServiceTagged("b"), new FeatureServiceUntagged("a"));
        Assert.Equal(3, new[] { s_first, second, third }.Select(d => d.Hash()).Distinct().Count());
    }

    [Fact]
    public void A_retired_service_takes_no_more_changes()
    {
        var given = Scenario.Given<FeatureService>(s_registered, s_defined)
            .When(s => RetireFeatureService.Decide(s, new("demo", "flight_delay", "Old."))).Then(new FeatureServiceRetired("Old."))
            .When(s => RetireFeatureService.Decide(s, new("demo", "flight_delay", "Older."))).ThenUnchanged();

        given.When(s => DefineFeatureService.Decide(s, s_wanted)).ThenRefused("feature_service.retired");
        given.When(s => TagFeatureService.Decide(s, new("demo", "flight_delay", "x", Present: true)))
            .ThenRefused("feature_service.retired");
        Scenario.Given<FeatureService>().When(s => TagFeatureService.Decide(s, new("demo", "flight_delay", "x", Present: true)))
            .ThenRefused("feature_service.not_found");
    }

    [Fact]
    public void Differences_are_told_field_by_field()
    {
        var other = new FeatureServiceDefinition(
            [new ServedView(s_carriers.WithVersion(1)), new ServedView(s_delays.WithVersion(2), ["flights_1d"])], Availability: 0.99);

        Assert.Equal(
            [
                "views.demo/delays: @1 → @2: flights_1d", "latencyTarget: 5ms → ", "availability: 0.999 → 0.99",
                "views.demo/carriers:  → @1",
            ],
            FeatureServiceChange.Of(s_first, other).Select(d => $"{d.Field}: {d.From} → {d.To}"));
        var turned = other with { Views = [other.Views[1], other.Views[0]] };
        Assert.Equal(["views"], FeatureServiceChange.Of(other, turned).Select(d => d.Field));
        Assert.Empty(FeatureServiceChange.Of(other, other with { Views = [.. other.Views] }));
    }

    [Fact]
    public void What_cannot_be_is_named_by_field()
    {
        Assert.Equal(["views"], Faults(new([])));
        Assert.Equal(
            ["views[1].view", "views[2].view", "latencyTarget", "availability"],
            Faults(new(
                [new(s_delays), new(s_delays.WithVersion(2)), new(NodeId.Dataset("demo", "flights"))], TimeSpan.Zero, Availability: 1)));
        Assert.Equal(
            ["views[0].features", "views[1].features"], Faults(new([new(s_delays, []), new(s_carriers, ["carrier", "carrier"])])));
        Assert.Empty(Faults(s_first));
    }

    [Fact]
    public void Features_must_be_there_and_keys_of_one_name_of_one_type()
    {
        var definition = new FeatureServiceDefinition([new(s_delays, ["flights_1d", "no_such"]), new(s_carriers)]);
        var other = Plain.WithKey(new EntityKey("airport", "int64", "origin_id"));

        Assert.Equal(
            [
                "views[0].features must be features of 'feature-view:demo/delays': 'no_such' is none; it has delay_mean_7d, flights_1d.",
                "views[1].view must have its key 'airport' in one type with the others: it is int64 in 'feature-view:demo/carriers' and "
                + "string in 'feature-view:demo/delays', and who asks gives one value.",
            ],
            FeatureServiceRules.Check(definition, [Delays, other]).Select(f => $"{f.Field} {f.Message}"));
        Assert.Empty(FeatureServiceRules.Check(new([new(s_delays), new(s_carriers)]), [Delays, Plain]));
    }

    [Fact]
    public void A_view_without_a_version_means_what_the_plan_leads_to()
    {
        var defined = new FeatureViewDefined(1, Delays, Delays.Hash());
        var delays = Scenario.Fold<FeatureView>(new FeatureViewRegistered("demo", "delays", "team", "", []), defined);
        var retired = Scenario.Fold<FeatureView>(
            new FeatureViewRegistered("demo", "carriers", "team", "", []), new FeatureViewDefined(1, Plain, Plain.Hash()),
            new FeatureViewRetired("Old.")) ?? throw new InvalidOperationException("It was registered.");
        var known = new KnownViews(
            [(new WantedFeatureView("demo", "delays", "team", Plain), delays)], [KeyValuePair.Create(s_carriers, retired)]);

        var found = known.Find(s_wanted with { Definition = new([new(s_delays), new(s_carriers)]) }).Value;
        Assert.Equal([s_delays.WithVersion(2), s_carriers.WithVersion(1)], found?.Wanted.Definition.Views.Select(v => v.View));
        Assert.Equal([Plain, Plain], found?.Views);
        Assert.Equal(["'feature-view:demo/carriers' was retired and takes no more changes."], found?.Warnings);
        Assert.Equal([Delays], known.Find(s_wanted).Value?.Views);
        Assert.Equal("version.not_found", Problem(s_delays.WithVersion(3)));
        Assert.Equal("feature_view.not_found", Problem(NodeId.FeatureView("demo", "none")));

        string? Problem(NodeId view) => known.Find(s_wanted with { Definition = new([new(view)]) }).Problem?.Code;
    }

    private static IEnumerable<string> Faults(FeatureServiceDefinition definition) =>
        FeatureServiceRules.Check(definition).Select(f => f.Field);
}
