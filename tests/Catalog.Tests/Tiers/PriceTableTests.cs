using Catalog.Tiers;
using Xunit;

namespace Catalog.Tests.Tiers;

public sealed class PriceTableTests
{
    private const long Gib = 1L << 30;

    private static readonly PriceTable s_prices =
        new("EUR", new TierPrice(0.1m), new TierPrice(0.02m, 0.01m, 0.004m), new TierPrice(0.004m, 0.03m, 0.05m));

    [Fact]
    public void Storage_is_priced_by_the_gibibyte_and_month()
    {
        Assert.Equal(0.2m, s_prices.StorageOf(Tier.Warm, 10 * Gib));
        Assert.Equal(0.04m, s_prices.StorageOf(Tier.Cold, 10 * Gib));
        Assert.Equal(0.01m, s_prices.StorageOf(Tier.Warm, Gib / 2));
    }

    [Fact]
    public void Hot_bytes_are_kept_in_the_cache_and_behind_it() => Assert.Equal(1.2m, s_prices.StorageOf(Tier.Hot, 10 * Gib));

    [Fact]
    public void Reads_cost_by_their_bytes_and_their_number() =>
        Assert.Equal((0.03m * 2) + (0.05m * 3), s_prices.Of(Tier.Cold).Reads(requests: 3_000, bytes: 2 * Gib));

    [Fact]
    public void A_tier_without_a_price_costs_nothing() =>
        Assert.Equal(0, new PriceTable("EUR", Hot: null, Warm: null, Cold: null).StorageOf(Tier.Hot, Gib));

    [Theory]
    [InlineData(-1, 0, 0)]
    [InlineData(0, 1_000_001, 0)]
    [InlineData(0, 0, -0.001)]
    public void Prices_are_within_reason(double storage, double read, double requests) =>
        Assert.False(new TierPrice((decimal)storage, (decimal)read, (decimal)requests).IsSound());
}
