using Catalog.Datasets;
using Catalog.Erasure;
using Catalog.Integrity;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Retention;
using Xunit;

namespace Catalog.Tests.Erasure;

/// <summary>All versions of a dataset are succeeded at once, and the newest stays the newest.</summary>
public sealed class SupersedeVersionsTests
{
    private static readonly NodeId s_node = NodeId.Dataset("demo", "flights");
    private static readonly Guid s_erasure = Guid.Parse("0198f0e2-0000-7000-8000-0000000000aa");
    private static readonly ErasureRun s_by = ErasureRun.Of(s_erasure, s_node, 1);

    [Fact]
    public void Successors_come_in_the_order_of_what_they_succeed_and_aliases_follow()
    {
        var facts = Facts(Decide(State(2, new AliasSet("gold", 1)), 2, [Of(1, "a"), Of(2, "b")], newest: null));

        Assert.Equal([(3L, 2L, "a"), (4L, 3L, "b")], Committed(facts));
        Assert.Equal([(1L, (long?)3), (2L, 4L)], facts.OfType<VersionTombstoned>().Select(f => (f.Number, f.Successor)));
        Assert.All(facts.OfType<VersionTombstoned>(), f => Assert.Equal((TombstoneCause.Erasure, s_erasure), (f.Cause, f.Erasure)));
        Assert.Equal([new AliasSet("gold", 3)], facts.OfType<AliasSet>());
        Assert.Equal([s_node.WithVersion(3), s_node.WithVersion(4)], facts.OfType<RunOutputRecorded>().Select(f => f.Node));
    }

    [Fact]
    public void What_was_newest_is_committed_again_behind_successors_of_older_versions()
    {
        var facts = Facts(Decide(State(3), 3, [Of(1, "a")], newest: Of(3, "newest")));

        Assert.Equal([(4L, 3L, "a"), (5L, 4L, "newest")], Committed(facts));
        Assert.Equal([1L], facts.OfType<VersionTombstoned>().Select(f => f.Number));
        Assert.Equal(5, Scenario.Fold<Dataset>([.. Past(3), .. facts])?.Latest);
    }

    [Fact]
    public void What_is_gone_already_is_left_alone()
    {
        var gone = new VersionTombstoned(1, TombstoneCause.Erasure, 2, s_erasure);

        Decide(State(2, gone), 2, [Of(1, "a")], newest: Of(2, "newest")).IsUnchanged();
        Assert.Equal([2L], Facts(Decide(State(2, gone), 2, [Of(1, "a"), Of(2, "b")], newest: null))
            .OfType<VersionTombstoned>().Select(f => f.Number));
    }

    [Fact]
    public void A_dataset_that_was_retired_or_promises_compatibility_is_no_exception()
    {
        var state = State(1, new CompatibilityDeclared(Compatibility.Backward), new DatasetRetired("Old."));

        Assert.NotEmpty(Facts(Decide(state, 1, [Of(1, "a")], newest: null)));
    }

    [Fact]
    public void Nothing_is_succeeded_where_it_is_held_or_has_moved()
    {
        Decide(State(1, new HoldPlaced("case-4", "Asked for.")), 1, [Of(1, "a")], newest: null).Refuses("dataset.held", "case-4");
        Decide(State(2), 1, [Of(1, "a")], newest: null).Refuses("catalog.busy");
        SupersedeVersions.Decide(state: null, Running(), s_node, 1, [Of(1, "a")], newest: null, s_by).Refuses("dataset.not_found");
        SupersedeVersions.Decide(State(1), run: null, s_node, 1, [Of(1, "a")], newest: null, s_by).Refuses("run.not_found");
    }

    [Fact]
    public void Each_dataset_has_a_run_of_its_own_and_the_same_again()
    {
        Assert.Equal(s_by, ErasureRun.Of(s_erasure, s_node, 1));
        Assert.NotEqual(s_by.Run, ErasureRun.Of(s_erasure, NodeId.Dataset("demo", "others"), 1).Run);
        Assert.NotEqual(s_by.Run, ErasureRun.Of(s_erasure, s_node, 2).Run);
    }

    private static Decision Decide(Dataset? state, long latest, IReadOnlyList<Succession> successions, Succession? newest) =>
        SupersedeVersions.Decide(state, Running(), s_node, latest, successions, newest, s_by);

    private static IReadOnlyList<object> Facts(Decision decision) => Assert.IsType<Decision.Accepted>(decision).Facts;

    private static IEnumerable<(long Number, long Parent, string Content)> Committed(IReadOnlyList<object> facts) =>
        facts.OfType<VersionCommitted>().Select(f => (f.Number, f.Parent ?? 0, f.ContentHash));

    private static Run? Running() => Scenario.Fold<Run>(new RunStarted(
        s_by.Run, NodeId.Job("catalog", "erasure"), Parent: null, CodeRevision: null, RunLimits.None, RunLimits.None, []));

    private static Succession Of(long number, string content) => new(
        number, new Content { ContentHash = content, Chunks = [], NewChunks = [], Files = 1, Bytes = 1 }, Inputs: null);

    private static Dataset? State(long versions, params object[] more) => Scenario.Fold<Dataset>([.. Past(versions), .. more]);

    private static IEnumerable<object> Past(long versions)
    {
        yield return new DatasetRegistered("demo", "flights", "team", "", []);
        for (var number = 1; number <= versions; number++)
        {
            yield return new VersionCommitted(
                number, number == 1 ? null : number - 1, $"content-{number}", $"manifest-{number}", 1, 10, Rows: null, Format: null,
                Schema: null, new(Catalog.Schemas.SchemaChangeLevel.None, []), Run: null, Message: null, IdempotencyKey: null,
                RequestDigest: null);
        }
    }
}
