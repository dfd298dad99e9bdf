using Catalog.Tiers;
using Xunit;

namespace Catalog.Tests.Tiers;

public sealed class TierPolicyTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
    private static readonly VersionUse s_old = new(s_now.AddDays(-100), LastReadAt: null, RecentReads: 0, Newer: 5, Aliased: false);

    [Fact]
    public void What_was_neither_made_nor_read_for_long_is_cold()
    {
        var policy = new TierPolicy { ColdDays = 90 };

        Assert.Equal(new(Tier.Cold, "not made or read for 100 days"), policy.Choose(s_old, s_now));
        Assert.Equal(Tier.Warm, policy.Choose(s_old with { LastReadAt = s_now.AddDays(-89) }, s_now).Tier);
        Assert.Equal(
            new(Tier.Cold, "not read for 90 days"), policy.Choose(s_old with { LastReadAt = s_now.AddDays(-90) }, s_now));
        Assert.Equal(Tier.Warm, policy.Choose(s_old with { MadeAt = s_now.AddDays(-89) }, s_now).Tier);
    }

    [Fact]
    public void A_read_before_it_was_made_as_clocks_that_jump_tell_makes_it_no_older()
    {
        var policy = new TierPolicy { ColdDays = 90 };

        Assert.Equal(
            Tier.Warm, policy.Choose(s_old with { MadeAt = s_now.AddDays(-1), LastReadAt = s_now.AddDays(-200) }, s_now).Tier);
        Assert.Equal(Tier.Warm, policy.Choose(s_old with { MadeAt = s_now.AddDays(3) }, s_now).Tier);
    }

    [Fact]
    public void The_newest_versions_and_those_that_are_named_never_go_cold()
    {
        var policy = new TierPolicy { ColdDays = 90, KeepLatest = 3 };

        Assert.Equal(new(Tier.Warm, "among the 3 newest versions"), policy.Choose(s_old with { Newer = 2 }, s_now));
        Assert.Equal(Tier.Cold, policy.Choose(s_old with { Newer = 3 }, s_now).Tier);
        Assert.Equal(new(Tier.Warm, "an alias points to it"), policy.Choose(s_old with { Aliased = true }, s_now));
        Assert.Equal(Tier.Cold, (policy with { KeepLatest = 0 }).Choose(s_old with { Newer = 0 }, s_now).Tier);
    }

    [Fact]
    public void What_is_read_often_enough_is_hot_whatever_its_age()
    {
        var policy = new TierPolicy { HotDays = 7, HotReads = 3, ColdDays = 90 };

        Assert.Equal(new(Tier.Hot, "3 times read within 7 days"), policy.Choose(s_old with { RecentReads = 3 }, s_now));
        Assert.Equal(Tier.Cold, policy.Choose(s_old with { RecentReads = 2 }, s_now).Tier);
        Assert.Equal(Tier.Warm, new TierPolicy { HotDays = 7 }.Choose(s_old, s_now).Tier);
    }

    public static TheoryData<TierPolicy, string?> Policies => new()
    {
        { new TierPolicy { HotDays = 1 }, null },
        { new TierPolicy { ColdDays = 36_500, KeepLatest = 0 }, null },
        { new TierPolicy { HotDays = 7, ColdDays = 7 }, null },
        { new TierPolicy(), null },
        { new TierPolicy { HotDays = 0 }, "hotDays" },
        { new TierPolicy { HotDays = 36_501 }, "hotDays" },
        { new TierPolicy { ColdDays = 0 }, "coldDays" },
        { new TierPolicy { HotDays = 8, ColdDays = 7 }, "coldDays" },
        { new TierPolicy { ColdDays = 7, HotReads = 2 }, "hotReads" },
        { new TierPolicy { HotDays = 7, HotReads = 0 }, "hotReads" },
        { new TierPolicy { ColdDays = 7, KeepLatest = -1 }, "keepLatest" },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_policy_that_makes_no_sense_names_the_field(TierPolicy policy, string? field) =>
        Assert.Equal(field, policy.Check()?.Field);
}
