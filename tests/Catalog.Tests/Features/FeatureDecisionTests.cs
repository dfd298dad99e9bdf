using Catalog.Features;
using Xunit;
using static Catalog.Tests.Features.Definitions;

namespace Catalog.Tests.Features;

public sealed class FeatureDecisionTests
{
    private static readonly WantedFeatureView s_wanted = new("demo", "delays", "team", Delays, "Late.", ["a", "b"]);
    private static readonly FeatureViewRegistered s_registered = new("demo", "delays", "team", "Late.", ["a", "b"]);
    private static readonly FeatureViewDefined s_first = new(1, Delays, Delays.Hash());

    private static readonly FeatureDefinition s_longer =
        Delays.WithFeatures([.. Delays.Features, new Feature("taxi", "int64", "taxi", Over(AggregateFunction.Max, 1))]);

    [Fact]
    public void A_view_is_registered_with_its_first_version_and_applying_it_again_is_unchanged() =>
        Scenario.Given<FeatureView>()
            .When(s => ApplyFeatures.Decide(s, s_wanted)).Then(s_registered, s_first)
            .When(s => ApplyFeatures.Decide(s, s_wanted)).ThenUnchanged()
            .When(s => ApplyFeatures.Decide(s, s_wanted with { Description = null, Tags = null })).ThenUnchanged();

    [Fact]
    public void Features_at_the_end_extend_the_newest_version_and_another_window_makes_the_next()
    {
        var other = s_longer with { Source = s_longer.Source with { Ties = TieRule.First } };

        Scenario.Given<FeatureView>(s_registered, s_first)
            .When(s => ApplyFeatures.Decide(s, s_wanted with { Definition = s_longer }))
            .Then(new FeatureViewExtended(1, s_longer, s_longer.Hash()))
            .When(s => ApplyFeatures.Decide(s, s_wanted with { Definition = other })).Then(new FeatureViewDefined(2, other, other.Hash()))
            .When(s => ApplyFeatures.Decide(s, s_wanted with { Definition = s_longer }))
            .Then(new FeatureViewDefined(3, s_longer, s_longer.Hash()));
    }

    [Fact]
    public void Owner_description_and_tags_change_beside_the_version() =>
        Scenario.Given<FeatureView>(s_registered, s_first)
            .When(s => ApplyFeatures.Decide(s, s_wanted with { Owner = "other", Tags = ["b", "c"] }))
            .Then(new FeatureViewDescribed("other", "Late."), new FeatureViewTagged("c"), new FeatureViewUntagged("a"))
            .When(s => ApplyFeatures.Decide(s, s_wanted with { Owner = "other", Tags = [], Definition = s_longer }))
            .Then(
                new FeatureViewExtended(1, s_longer, s_longer.Hash()), new FeatureViewUntagged("b"), new FeatureViewUntagged("c"));

    [Fact]
    public void A_retired_view_takes_no_more_changes()
    {
        var given = Scenario.Given<FeatureView>(s_registered, s_first)
            .When(s => RetireFeatureView.Decide(s, new("demo", "delays", "Old."))).Then(new FeatureViewRetired("Old."))
            .When(s => RetireFeatureView.Decide(s, new("demo", "delays", "Older."))).ThenUnchanged();

        given.When(s => ApplyFeatures.Decide(s, s_wanted)).ThenRefused("feature_view.retired");
        given.When(s => TagFeatureView.Decide(s, new("demo", "delays", "x", Present: true))).ThenRefused("feature_view.retired");
    }

    [Fact]
    public void Tags_are_put_on_and_taken_off_once() =>
        Scenario.Given<FeatureView>(s_registered, s_first)
            .When(s => TagFeatureView.Decide(s, new("demo", "delays", "a", Present: true))).ThenUnchanged()
            .When(s => TagFeatureView.Decide(s, new("demo", "delays", "x", Present: true))).Then(new FeatureViewTagged("x"))
            .When(s => TagFeatureView.Decide(s, new("demo", "delays", "x", Present: false))).Then(new FeatureViewUntagged("x"))
            .When(s => TagFeatureView.Decide(s, new("demo", "delays", "x", Present: false))).ThenUnchanged();

    [Fact]
    public void What_is_not_there_cannot_be_tagged_or_retired()
    {
        Scenario.Given<FeatureView>().When(s => TagFeatureView.Decide(s, new("demo", "delays", "x", Present: true)))
            .ThenRefused("feature_view.not_found");
        Scenario.Given<FeatureView>().When(s => RetireFeatureView.Decide(s, new("demo", "delays", "Old.")))
            .ThenRefused("feature_view.not_found");
    }

    [Fact]
    public void A_plan_says_what_is_decided_and_its_hash_changes_with_what_it_says()
    {
        var state = Scenario.Fold<FeatureView>(s_registered, s_first);
        var described = Scenario.Fold<FeatureView>(s_registered, s_first, new FeatureViewDescribed("other", "Late."));
        var longer = s_wanted with { Definition = s_longer };

        Assert.Equal((PlannedAction.Create, 1), Planned(state: null, s_wanted));
        Assert.Equal((PlannedAction.Unchanged, 1), Planned(state, s_wanted));
        Assert.Equal((PlannedAction.Extend, 1), Planned(state, longer));
        Assert.Equal((PlannedAction.Describe, 1), Planned(described, s_wanted));
        Assert.Equal((PlannedAction.NewVersion, 2), Planned(state, s_wanted with { Definition = Plain }));
        string[] hashes =
        [
            Hash(state: null, s_wanted), Hash(state, s_wanted), Hash(state, longer), Hash(described, longer), Hash(described, s_wanted),
        ];
        Assert.Equal(hashes.Length, hashes.Distinct().Count());
        Assert.Equal(Hash(state, longer), Hash(state, longer with { Description = null }));
    }

    [Fact]
    public void An_entity_that_differs_from_an_earlier_one_is_a_conflict_whatever_its_columns()
    {
        EntityUse Use(string view, string type, string column) =>
            new("demo", new("airport", [new("airport", type, column)]), NodeId.FeatureView("demo", view));

        Assert.Null(EntityUses.FindConflict([Use("a", "string", "origin"), Use("b", "string", "dest")]));
        Assert.Null(EntityUses.FindConflict([Use("a", "string", "o"), Use("b", "int64", "o") with { Namespace = "other" }]));
        var conflict = EntityUses.FindConflict([Use("a", "string", "o"), Use("b", "string", "o"), Use("c", "int64", "o")]);
        Assert.Equal(("c", "a"), (conflict?.One.View.Name, conflict?.Other.View.Name));
    }

    private static (PlannedAction, long) Planned(FeatureView? state, WantedFeatureView view) =>
        PlannedView.Of(state, view) is var planned ? (planned.Action, planned.Version) : default;

    private static string Hash(FeatureView? state, WantedFeatureView view) => FeaturePlan.Of([(view, state, [])], []).Hash;
}
