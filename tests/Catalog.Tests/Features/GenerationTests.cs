using Catalog.FeatureGenerations;
using Catalog.Features;
using Xunit;
using static Catalog.Tests.Features.Definitions;

namespace Catalog.Tests.Features;

/// <summary>Generations of a view: recorded, activated, taken back and dropped.</summary>
public sealed class GenerationTests
{
    private static readonly NodeId s_view = NodeId.FeatureView("demo", "delays");
    private static readonly Guid s_activation = Guid.CreateVersion7();
    private static readonly FeatureGenerationBuilt[] s_built = [.. Enumerable.Range(0, 30).Select(_ => Built(1))];

    [Fact]
    public void A_generation_is_recorded_once_and_only_of_what_the_version_is()
    {
        Given(built: 0).When(s => RecordGeneration.Decide(s, s_built[0])).Then(s_built[0])
            .When(s => RecordGeneration.Decide(s, s_built[0])).ThenUnchanged()
            .When(s => RecordGeneration.Decide(s, Built(1) with { DefinitionHash = Plain.Hash() }))
            .ThenRefused("feature_generation.definition_changed");
        Given(built: 0).When(s => RecordGeneration.Decide(s, Built(2))).ThenRefused("version.not_found");
        Scenario.Given<FeatureView>().When(s => RecordGeneration.Decide(s, s_built[0])).ThenRefused("feature_view.not_found");
    }

    [Fact]
    public void What_is_active_already_is_unchanged_and_one_serves_a_version_at_a_time()
    {
        var given = Given(built: 2).When(s => Activate(s, 0)).Then(Activated(0)).When(s => Activate(s, 0)).ThenUnchanged();

        Assert.Equal(s_built[0].Generation, given.State?.FindActive(1)?.Generation);
        given.When(s => Activate(s, 1)).Then(Activated(1));
        Assert.Equal(s_built[1].Generation, given.State?.FindActive(1)?.Generation);
        given.When(s => Activate(s, 0, 1)).ThenRefused("feature_generation.competing");
        given.When(s => Activate(s, 2)).ThenRefused("feature_generation.dropped");
    }

    [Fact]
    public void A_rollback_takes_the_last_activation_off_until_nothing_is_before()
    {
        var given = Given(built: 3).When(s => Activate(s, 0)).Then(Activated(0)).When(s => Activate(s, 1)).Then(Activated(1))
            .When(s => Activate(s, 2)).Then(Activated(2))
            .When(s => RollBack(s)).Then(RolledBack(2, 1))
            .When(s => RollBack(s)).Then(RolledBack(1, 0));

        given.When(s => RollBack(s)).ThenRefused("feature_generation.nothing_before");
        given.When(s => Activate(s, 2)).Then(Activated(2)).When(s => RollBack(s)).Then(RolledBack(2, 0));
        Given(built: 1).When(s => RollBack(s)).ThenRefused("feature_generation.nothing_before");
    }

    [Fact]
    public void An_activation_that_is_not_the_last_any_more_is_not_taken_back()
    {
        var given = Given(built: 2).When(s => Activate(s, 0)).Then(Activated(0)).When(s => Activate(s, 1)).Then(Activated(1));

        given.When(s => RollBackGenerations.Decide(s, s_view, [1], Guid.CreateVersion7(), reason: null))
            .ThenRefused("feature_generation.overtaken");
        given.When(s => RollBackGenerations.Decide(s, s_view, [1], s_activation, reason: null)).Then(RolledBack(1, 0));
    }

    [Fact]
    public void Going_back_is_possible_so_many_times_and_not_for_ever()
    {
        var given = Given(built: 30);
        for (var i = 0; i < 30; i++)
        {
            var (next, fact) = (i, Activated(i));
            given = given.When(s => Activate(s, next)).Then(fact);
        }

        for (var i = 29; i > 30 - ServingHistory.Most; i--)
            given = given.When(s => RollBack(s)).Then(RolledBack(i, i - 1));
        given.When(s => RollBack(s)).ThenRefused("feature_generation.nothing_before");
    }

    [Fact]
    public void What_serves_and_what_would_serve_again_is_not_dropped()
    {
        var given = Given(built: 3).When(s => Activate(s, 0)).Then(Activated(0)).When(s => Activate(s, 1)).Then(Activated(1))
            .When(s => Activate(s, 2)).Then(Activated(2));

        given.When(s => Drop(s, 2)).ThenRefused("feature_generation.in_use", "serves");
        given.When(s => Drop(s, 1)).ThenRefused("feature_generation.in_use", "rolled back");
        given.When(s => Drop(s, 0)).Then(new FeatureGenerationDropped(s_built[0].Generation, "Old.")).When(s => Drop(s, 0)).ThenUnchanged()
            .When(s => RollBack(s)).Then(RolledBack(2, 1))
            .When(s => RollBack(s)).ThenRefused("feature_generation.nothing_before");
    }

    [Fact]
    public void Going_back_past_what_was_dropped_leads_to_another()
    {
        var given = Given(built: 3).When(s => Activate(s, 0)).Then(Activated(0)).When(s => Activate(s, 1)).Then(Activated(1))
            .When(s => Activate(s, 0)).Then(Activated(0)).When(s => Activate(s, 2)).Then(Activated(2))
            .When(s => Drop(s, 1)).Then(new FeatureGenerationDropped(s_built[1].Generation, "Old."))
            .When(s => RollBack(s)).Then(RolledBack(2, 0));

        given.When(s => RollBack(s)).ThenRefused("feature_generation.nothing_before");
    }

    [Fact]
    public void A_retired_view_is_built_and_activated_no_more()
    {
        var given = Given(built: 1)
            .When(s => RetireFeatureView.Decide(s, new("demo", "delays", "Old."))).Then(new FeatureViewRetired("Old."));

        given.When(s => RecordGeneration.Decide(s, s_built[1])).ThenRefused("feature_view.retired");
        given.When(s => Activate(s, 0)).ThenRefused("feature_view.retired");
        given.When(s => RollBack(s)).ThenRefused("feature_view.retired");
        given.When(s => Drop(s, 0)).Then(new FeatureGenerationDropped(s_built[0].Generation, "Old."));
    }

    [Fact]
    public void Tiers_are_declared_beside_the_version()
    {
        var wanted = new WantedFeatureView("demo", "delays", "team", Delays, Tiers: ["memory", "redis", "offline"]);

        var given = Given(built: 0).When(s => ApplyFeatures.Decide(s, wanted))
            .Then(new FeatureViewServingDeclared(["memory", "redis", "offline"]))
            .When(s => ApplyFeatures.Decide(s, wanted with { Tiers = null })).ThenUnchanged()
            .When(s => ApplyFeatures.Decide(s, wanted)).ThenUnchanged();

        Assert.Equal(["memory", "redis", "offline"], given.State?.Tiers);
        var difference = Assert.Single(PlannedView.Of(given.State, wanted with { Tiers = ["offline"] }).Differences);
        Assert.Equal(("tiers", "memory, redis, offline", "offline"), (difference.Field, difference.From, difference.To));
    }

    [Theory]
    [InlineData("", "must name a tier at least: memory, redis, offline.")]
    [InlineData("disk", "must be of memory, redis, offline, not 'disk'.")]
    [InlineData("memory memory", "must name each tier once: 'memory' is there twice.")]
    [InlineData("offline memory", null)]
    public void Tiers_are_of_a_closed_list(string tiers, string? wrong) =>
        Assert.Equal(wrong, ServingTiers.Check(tiers.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    private static Given<FeatureView> Given(int built) => Scenario.Given<FeatureView>(
        [
            new FeatureViewRegistered("demo", "delays", "team", "", []), new FeatureViewDefined(1, Delays, Delays.Hash()),
            .. s_built.Take(built),
        ]);

    private static Decision Activate(FeatureView? state, params int[] generations) => ActivateGenerations.Decide(
        state, s_view, [.. generations.Select(g => s_built[g].Generation)], s_activation, "Morning.");

    private static Decision RollBack(FeatureView? state) => RollBackGenerations.Decide(state, s_view, [1], activation: null, reason: null);

    private static Decision Drop(FeatureView? state, int generation) =>
        DropGeneration.Decide(state, new(s_built[generation].Generation, "Old."));

    private static FeatureGenerationActivated Activated(int generation) =>
        new(1, s_built[generation].Generation, s_activation, "Morning.");

    private static FeatureGenerationRolledBack RolledBack(int from, int to) =>
        new(1, s_built[from].Generation, s_built[to].Generation, s_activation, Reason: null);

    private static FeatureGenerationBuilt Built(long number) => new(
        Guid.CreateVersion7(), number, Delays.Hash(), [new(NodeId.Dataset("demo", "flights", 1), new string('c', 64), 12)],
        new DateTimeOffset(2026, 11, 26, 6, 0, 0, TimeSpan.Zero), PushedThrough: 0, Base: null, Run: null, Rows: 10, Bytes: 100,
        new string('d', 64), "test 1");
}
