using Catalog.Datasets;
using Catalog.Retention;
using Xunit;
using Kept = Catalog.Retention.ExpireVersions.KeptVersion;

namespace Catalog.Tests.Retention;

/// <summary>A version goes when its time is over, unless something keeps it.</summary>
public sealed class RetentionTests
{
    private static readonly DateTimeOffset s_now = new(2027, 6, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Four versions; all but the newest were superseded 40, 30 and 20 days ago.</summary>
    private static readonly IReadOnlyList<Kept> s_kept =
        [new(1, 10, s_now.AddDays(-40)), new(2, 10, s_now.AddDays(-30)), new(3, 10, s_now.AddDays(-20)), new(4, 10, null)];

    [Theory]
    [InlineData(30, 1, "1 2")]
    [InlineData(31, 1, "1")]
    [InlineData(1, 1, "1 2 3")]
    [InlineData(1, 3, "1")]
    [InlineData(1, 4, "")]
    [InlineData(41, 1, "")]
    public void A_version_is_due_so_many_days_after_the_next_was_made(int days, int keepLatest, string due) =>
        Assert.Equal(due, Due(new RetentionPolicy(days, keepLatest)));

    [Fact]
    public void Without_a_policy_nothing_is_due() => Assert.Equal("", Numbers(ExpireVersions.Due(State(), s_kept, s_now)));

    [Fact]
    public void What_an_alias_points_to_stays() =>
        Assert.Equal("2", Due(new RetentionPolicy(30), new AliasSet("gold", 1)));

    [Fact]
    public void What_is_gone_does_not_go_again() =>
        Assert.Equal("2", Due(new RetentionPolicy(30), new VersionTombstoned(1, TombstoneCause.Retention, Successor: null, Erasure: null)));

    [Fact]
    public void What_is_due_is_tombstoned() => Given(new RetentionDeclared(new(30)))
        .When(d => ExpireVersions.Decide(d, s_kept, s_now))
        .Then(
            new VersionTombstoned(1, TombstoneCause.Retention, Successor: null, Erasure: null),
            new VersionTombstoned(2, TombstoneCause.Retention, Successor: null, Erasure: null))
        .When(d => ExpireVersions.Decide(d, s_kept, s_now))
        .ThenUnchanged();

    [Fact]
    public void A_hold_wins_until_it_is_released() => Given(new RetentionDeclared(new(30)), new HoldPlaced("case-4", "Asked for."))
        .When(d => ExpireVersions.Decide(d, s_kept, s_now))
        .ThenUnchanged()
        .When(d => ReleaseHold.Decide(d, new("demo", "flights", "case-4", "Closed.")))
        .Then(new HoldReleased("case-4", "Closed."))
        .When(d => ExpireVersions.Decide(d, s_kept.Take(1).ToList(), s_now))
        .Then(new VersionTombstoned(1, TombstoneCause.Retention, Successor: null, Erasure: null));

    [Fact]
    public void A_hold_is_placed_once() => Given()
        .When(d => PlaceHold.Decide(d, new("demo", "flights", "case-4", "Asked for.")))
        .Then(new HoldPlaced("case-4", "Asked for."))
        .When(d => PlaceHold.Decide(d, new("demo", "flights", "case-4", "Asked for.")))
        .ThenUnchanged();

    [Fact]
    public void A_hold_for_another_reason_needs_another_name()
    {
        PlaceHold.Decide(State(new HoldPlaced("case-4", "Asked for.")), new("demo", "flights", "case-4", "Else.")).Refuses("hold.exists");
        ReleaseHold.Decide(State(), new("demo", "flights", "case-4", "Closed.")).Refuses("hold.not_found", "case-4");
        PlaceHold.Decide(state: null, new("demo", "no", "case-4", "Asked for.")).Refuses("dataset.not_found");
    }

    [Fact]
    public void What_is_declared_again_changes_nothing() => Given()
        .When(d => DeclareRetention.Decide(d, new("demo", "flights", new RetentionPolicy(30))))
        .Then(new RetentionDeclared(new(30)))
        .When(d => DeclareRetention.Decide(d, new("demo", "flights", new RetentionPolicy(30))))
        .ThenUnchanged()
        .When(d => DeclareRetention.Decide(d, new("demo", "flights", Policy: null)))
        .Then(new RetentionWithdrawn());

    [Theory]
    [InlineData(0, 1, "days")]
    [InlineData(36_526, 1, "days")]
    [InlineData(30, 0, "keepLatest")]
    public void A_policy_out_of_range_names_the_field(int days, int keepLatest, string field) =>
        Assert.Equal(field, new RetentionPolicy(days, keepLatest).Check()?.Field);

    [Fact]
    public void No_alias_points_to_what_is_gone() => AliasVersion.Decide(
            State(new VersionTombstoned(1, TombstoneCause.Retention, Successor: null, Erasure: null)),
            new("demo", "flights", "gold", 1, ExpectedStreamVersion: null))
        .Refuses("version.expired", "dataset:demo/flights@1");

    /// <summary>The same files again are a version again, when those of the newest are gone.</summary>
    [Fact]
    public void What_the_newest_version_had_is_forgotten_with_it()
    {
        var state = State(new VersionTombstoned(4, TombstoneCause.Erasure, Successor: null, Guid.CreateVersion7()));

        Assert.Null(state?.LatestContent);
    }

    private static string Due(RetentionPolicy policy, params object[] facts) =>
        Numbers(ExpireVersions.Due(State([new RetentionDeclared(policy), .. facts]), s_kept, s_now));

    private static string Numbers(IEnumerable<Kept> versions) => string.Join(' ', versions.Select(v => v.Number));

    private static Given<Dataset> Given(params object[] facts) => Scenario.Given<Dataset>([.. Four(), .. facts]);

    private static Dataset? State(params object[] facts) => Scenario.Fold<Dataset>([.. Four(), .. facts]);

    private static IEnumerable<object> Four()
    {
        yield return new DatasetRegistered("demo", "flights", "team", "", []);
        for (var number = 1; number <= 4; number++)
        {
            yield return new VersionCommitted(
                number, number == 1 ? null : number - 1, $"content-{number}", $"manifest-{number}", 1, 10, Rows: null, Format: null,
                Schema: null, new(Catalog.Schemas.SchemaChangeLevel.None, []), Run: null, Message: null, IdempotencyKey: null,
                RequestDigest: null);
        }
    }
}
