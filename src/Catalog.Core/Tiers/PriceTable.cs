namespace Catalog.Tiers;

/// <summary>What the tiers cost, as the operator declares it: list prices differ by provider, region and contract.</summary>
/// <param name="Currency">A code such as <c>EUR</c>.</param>
/// <param name="Hot">Of local disk that the cache takes; null: nothing.</param>
/// <param name="Warm">Of the object store.</param>
/// <param name="Cold">Of the archive; null where there is none.</param>
public sealed record PriceTable(string Currency, TierPrice? Hot = null, TierPrice? Warm = null, TierPrice? Cold = null)
{
    /// <summary>The price of a tier; of one that was not declared, nothing.</summary>
    public TierPrice Of(Tier tier) => tier switch
    {
        Tier.Hot => Hot,
        Tier.Warm => Warm,
        Tier.Cold => Cold,
        _ => throw new ArgumentOutOfRangeException(nameof(tier), tier, $"The tiers are {TierWords.List}."),
    } ?? TierPrice.None;

    /// <summary>
    /// What it costs to keep bytes in a tier for a month. Hot bytes are kept twice: in the cache, and in the store behind it.
    /// </summary>
    public decimal StorageOf(Tier tier, long bytes) =>
        Of(tier).Storage(bytes) + (tier == Tier.Hot ? Of(Tier.Warm).Storage(bytes) : 0);
}

/// <summary>All of one tier, in the table's currency.</summary>
/// <param name="StoragePerGibMonth">Keeping a GiB (2^30 bytes) for a month.</param>
/// <param name="ReadPerGib">Reading a GiB, retrieval and traffic together.</param>
/// <param name="PerThousandReads">A thousand requests.</param>
public sealed record TierPrice(decimal StoragePerGibMonth, decimal ReadPerGib = 0, decimal PerThousandReads = 0)
{
    /// <summary>The most that any of the three may be.</summary>
    public const decimal Most = 1_000_000;

    private const decimal Gib = 1L << 30;

    public static TierPrice None { get; } = new(0);

    /// <summary>Whether each price is from nothing to <see cref="Most"/>.</summary>
    public bool IsSound() =>
        StoragePerGibMonth is >= 0 and <= Most && ReadPerGib is >= 0 and <= Most && PerThousandReads is >= 0 and <= Most;

    public decimal Storage(long bytes) => bytes / Gib * StoragePerGibMonth;

    public decimal Reads(long requests, long bytes) => (bytes / Gib * ReadPerGib) + (requests / 1_000m * PerThousandReads);
}
