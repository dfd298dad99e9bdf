using Catalog.Datasets;
using Catalog.Integrity;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Schemas;
using Xunit;
using static Catalog.Tests.Datasets.Flights;

namespace Catalog.Tests.Datasets;

/// <summary>Committing, observing and sealing versions.</summary>
public sealed class VersionDecisionTests
{
    private static readonly Run? s_running = Scenario.Fold<Run>(Started);

    [Fact]
    public void Versions_are_numbered_from_one_and_follow_each_other() =>
        Scenario.Given<Dataset>(Registered)
            .When(s => Commit(s, Content('a'))).Then(Committed(1, Content('a')))
            .When(s => Commit(s, Content('b'))).Then(Committed(2, Content('b')))
            .When(s => Observe(s)).Then(Observed(3))
            .When(s => Commit(s, Content('c'))).Then(Committed(4, Content('c')));

    [Fact]
    public void The_same_content_on_the_same_parent_is_the_same_version()
    {
        var dataset = Scenario.Given<Dataset>(Registered, Committed(1, Content('a')), Committed(2, Content('b')));

        dataset.When(s => Commit(s, Content('b'))).ThenUnchanged();
        dataset.When(s => Commit(s, Content('b'), new(ExpectedParent: 1))).ThenUnchanged();
        dataset.When(s => Commit(s, Content('b'), new(ExpectedParent: 2))).ThenUnchanged();
        dataset.When(s => Commit(s, Content('b', preparedOn: 1))).ThenUnchanged();
        dataset.When(s => Commit(s, Content('b'), new(ExpectedParent: 0))).ThenRefused("version.parent_conflict");
    }

    [Fact]
    public void Content_of_an_older_version_makes_a_new_one() =>
        Scenario.Given<Dataset>(Registered, Committed(1, Content('a')), Committed(2, Content('b')))
            .When(s => Commit(s, Content('a'))).Then(Committed(3, Content('a')));

    [Fact]
    public void Content_of_an_observed_version_is_not_known_so_a_commit_makes_a_new_one() =>
        Scenario.Given<Dataset>(Registered, Committed(1, Content('a')), Observed(2))
            .When(s => Commit(s, Content('a'))).Then(Committed(3, Content('a')));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(long.MaxValue)]
    public void Another_parent_than_expected_is_a_conflict(long expected)
    {
        var dataset = Scenario.Given<Dataset>(Registered, Committed(1, Content('a')), Committed(2, Content('b')));

        dataset.When(s => Commit(s, Content('c'), new(ExpectedParent: expected))).ThenRefused("version.parent_conflict", "at version 2");
        dataset.When(s => Observe(s, new(ExpectedParent: expected, Observed: true))).ThenRefused("version.parent_conflict", "at version 2");
    }

    [Fact]
    public void The_first_version_follows_nothing() =>
        Scenario.Given<Dataset>(Registered).When(s => Commit(s, Content('a'), new(ExpectedParent: 0))).Then(Committed(1, Content('a')));

    [Fact]
    public void Files_added_to_a_version_that_was_overtaken_are_added_anew() =>
        Scenario.Given<Dataset>(Registered, Committed(1, Content('a')), Committed(2, Content('b')))
            .When(s => Commit(s, Content('c', preparedOn: 1))).ThenRefused("catalog.busy");

    [Fact]
    public void A_caller_who_expected_the_overtaken_version_hears_of_the_conflict() =>
        Scenario.Given<Dataset>(Registered, Committed(1, Content('a')), Committed(2, Content('b')))
            .When(s => Commit(s, Content('c', preparedOn: 1), new(ExpectedParent: 1))).ThenRefused("version.parent_conflict");

    [Fact]
    public void Message_key_and_digest_are_kept_with_the_version() =>
        Commit(Scenario.Fold<Dataset>(Registered), Content('a'), new(Message: "Why", IdempotencyKey: "k"), digest: "d")
            .Accepts(Committed(1, Content('a'), message: "Why", key: "k") with { RequestDigest = "d" });

    [Fact]
    public void A_version_made_by_a_run_is_an_output_of_the_run()
    {
        var state = Scenario.Fold<Dataset>(Registered);

        Commit(state, Content('a'), new(Run: RunId), s_running)
            .Accepts(Committed(1, Content('a'), run: RunId), new RunOutputRecorded(Node.WithVersion(1)));
        Observe(state, new(Run: RunId, Observed: true), s_running).Accepts(Observed(1, RunId), new RunOutputRecorded(Node.WithVersion(1)));
    }

    [Fact]
    public void A_run_that_makes_a_version_again_gets_it_as_output_once()
    {
        var state = Scenario.Fold<Dataset>(Registered, Committed(1, Content('a')));
        var output = new RunOutputRecorded(Node.WithVersion(1));

        Commit(state, Content('a'), new(Run: RunId), s_running).Accepts(output);
        Commit(state, Content('a'), new(Run: RunId), Scenario.Fold<Run>(Started, output)).IsUnchanged();
    }

    [Fact]
    public void A_run_that_has_ended_or_never_began_makes_nothing()
    {
        var state = Scenario.Fold<Dataset>(Registered);

        Commit(state, Content('a'), new(Run: RunId), run: null).Refuses("run.not_found");
        Commit(state, Content('a'), new(Run: RunId), Scenario.Fold<Run>(Started, new RunCompleted())).Refuses("run.ended");
        Observe(state, new(Run: RunId, Observed: true), run: null).Refuses("run.not_found");
        Observe(state, new(Run: RunId, Observed: true), Scenario.Fold<Run>(Started, new RunFailed("x"))).Refuses("run.ended");
    }

    [Fact]
    public void The_change_of_schema_is_recorded_against_the_newest_schema()
    {
        var (one, two) = (Schema(Required("a")), Schema(Required("a"), Optional("b")));
        var change = SchemaComparison.Compare(one, two);

        Assert.Equal(SchemaChangeLevel.Minor, change.Level);
        Scenario.Given<Dataset>(Registered, Committed(1, Content('a', one)), Observed(2))
            .When(s => Commit(s, Content('b', two))).Then(Committed(3, Content('b', two), change));
    }

    [Fact]
    public void A_breaking_change_is_refused_where_compatibility_is_promised()
    {
        var (one, two) = (Schema(Required("a"), Required("b")), Schema(Required("a", "string")));
        var dataset = Scenario.Given<Dataset>(
            Registered, Committed(1, Content('a', one)), new CompatibilityDeclared(Compatibility.Backward));

        dataset.When(s => Commit(s, Content('b', two))).ThenRefused("schema.breaking", "column 'b' removed");
        dataset.When(s => Commit(s, Content('c'))).ThenRefused("schema.breaking");
    }

    [Fact]
    public void A_breaking_change_is_recorded_where_nothing_is_promised()
    {
        var (one, two) = (Schema(Required("a"), Required("b")), Schema(Required("a")));

        Scenario.Given<Dataset>(Registered, Committed(1, Content('a', one)))
            .When(s => Commit(s, Content('b', two))).Then(Committed(2, Content('b', two), SchemaComparison.Compare(one, two)));
    }

    [Fact]
    public void An_observed_version_is_sealed_once()
    {
        var schema = Schema(Required("a"));
        var content = Content('a', schema);

        Scenario.Given<Dataset>(Registered, Observed(1))
            .When(s => Seal(s, 1, content)).Then(new VersionSealed(
                1, content.ContentHash, ManifestHash.Compute(content.RootOn(parent: null, run: null, message: null)),
                1, 10, 5, schema, SchemaChange.None))
            .When(s => Seal(s, 1, content)).ThenUnchanged()
            .When(s => Seal(s, 2, content)).ThenUnchanged()
            .When(s => Commit(s, content)).ThenUnchanged();
    }

    [Fact]
    public void A_committed_version_has_nothing_to_seal() =>
        Scenario.Given<Dataset>(Registered, Committed(1, Content('a'))).When(s => Seal(s, 1, Content('b'))).ThenUnchanged();

    [Fact]
    public void Sealing_the_newest_version_keeps_the_promise_and_sealing_an_older_one_may_not_undo_what_came_later()
    {
        var (wide, narrow) = (Schema(Required("a"), Required("b")), Schema(Required("a")));
        var promise = new CompatibilityDeclared(Compatibility.Backward);

        Scenario.Given<Dataset>(Registered, Committed(1, Content('a', wide)), promise, Observed(2))
            .When(s => Seal(s, 2, Content('b', narrow), wide)).ThenRefused("schema.breaking", "column 'b' removed");

        var later = Scenario.Given<Dataset>(Registered, Observed(1), Committed(2, Content('b', wide)), promise)
            .When(s => Seal(s, 1, Content('a', narrow)));
        var made = Assert.IsType<Decision.Accepted>(Seal(later.State, 1, Content('a', narrow)));
        Assert.Equal(wide, Dataset.Fold(later.State, made.Facts[0])?.Schema);
    }

    [Fact]
    public void Sealing_compares_with_what_came_before_and_not_with_what_came_after()
    {
        var (narrow, wide) = (Schema(Required("a")), Schema(Required("a"), Optional("b")));
        var dataset = Scenario.Given<Dataset>(
            Registered, Committed(1, Content('a', narrow)), Observed(2), Committed(3, Content('c', wide)));

        var made = Assert.IsType<Decision.Accepted>(Seal(dataset.State, 2, Content('b', narrow), before: narrow));

        Assert.Equal(SchemaChange.None, Assert.IsType<VersionSealed>(made.Facts[0]).SchemaChange);
    }

    [Fact]
    public void What_an_older_version_is_sealed_with_is_what_the_next_is_compared_with()
    {
        var (wide, narrow) = (Schema(Required("a"), Required("b")), Schema(Required("a")));
        var dataset = Scenario.Given<Dataset>(Registered, Observed(1), Observed(2));

        var first = Assert.IsType<Decision.Accepted>(Seal(dataset.State, 1, Content('a', wide)));
        var state = Dataset.Fold(dataset.State, first.Facts[0]);

        Assert.Equal(wide, state?.Schema);
        Commit(state, Content('c', narrow)).Accepts(Committed(3, Content('c', narrow), SchemaComparison.Compare(wide, narrow)));
    }

    [Fact]
    public void A_version_is_not_sealed_against_what_was_seen_before_an_earlier_one_was_sealed() =>
        Scenario.Given<Dataset>(Registered, Observed(1), Observed(2))
            .When(s => Seal(s, 1, Content('a')))
            .Then(Sealed(1, Content('a')))
            .When(s => Seal(s, 2, Content('b'), before: null, observed: [1])).ThenRefused("catalog.busy");

    [Fact]
    public void A_key_stands_for_a_version_that_was_there_already()
    {
        var dataset = Scenario.Fold<Dataset>(Registered, Committed(1, Content('a')));
        var repeated = new CommitRepeated(1, "k", "d");

        Commit(dataset, Content('a'), new(IdempotencyKey: "k"), digest: "d").Accepts(repeated);
        Commit(dataset, Content('a'), new(Run: RunId, IdempotencyKey: "k"), s_running, digest: "d")
            .Accepts(repeated, new RunOutputRecorded(Node.WithVersion(1)));
        Assert.Same(dataset, Dataset.Fold(dataset, repeated));
    }

    private static VersionSealed Sealed(long number, Content content) => new(
        number, content.ContentHash, ManifestHash.Compute(content.RootOn(number == 1 ? null : number - 1, run: null, message: null)),
        content.Files, content.Bytes, content.Rows, content.Schema, SchemaChange.None);
}
