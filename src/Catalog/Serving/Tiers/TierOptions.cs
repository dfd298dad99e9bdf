namespace Catalog.Serving.Tiers;

/// <summary>How long tiers are waited for, and when they are not asked any more.</summary>
public sealed record TierOptions
{
    /// <summary>For an answer of Redis, to a lookup in one view.</summary>
    public TimeSpan RedisTimeout { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>For a lookup in one view's file in the object store.</summary>
    public TimeSpan OfflineTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>After so many lookups in <see cref="Window"/>, a tier of which half failed is not asked for a while.</summary>
    public int LeastLookups { get; init; } = 5;

    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it is not asked then; after that, one lookup tries.</summary>
    public TimeSpan Break { get; init; } = TimeSpan.FromSeconds(2);

    internal TimeSpan TimeoutOf(ServingTier tier) => tier == ServingTier.Redis ? RedisTimeout : OfflineTimeout;
}
