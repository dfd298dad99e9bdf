namespace Catalog.Tiers;

/// <summary>
/// Which tier the versions of a dataset belong in, by their age and by how they are read. What no rule names is warm; so
/// a policy without days keeps everything warm.
/// </summary>
/// <param name="HotDays">
/// A version is hot while it was read at least <paramref name="HotReads"/> times within so many days; null: never.
/// </param>
/// <param name="HotReads">How many requests within <paramref name="HotDays"/> make a version hot.</param>
/// <param name="ColdDays">A version is cold once it was neither made nor read for so many days; null: never.</param>
/// <param name="KeepLatest">So many of the newest versions never go cold.</param>
public sealed record TierPolicy(int? HotDays = null, int HotReads = 1, int? ColdDays = null, int KeepLatest = 1)
{
    public const int MaxDays = 36_500;
    public const int MaxReads = 1_000_000_000;
    public const int MaxVersions = 1_000_000;

    /// <summary>What to say of a policy that contradicts itself or is out of range, with the field; null when it is sound.</summary>
    public (string Field, string Message)? Check() => this switch
    {
        { HotDays: < 1 or > MaxDays } => ("hotDays", $"must be from 1 to {MaxDays:N0} days."),
        { ColdDays: < 1 or > MaxDays } => ("coldDays", $"must be from 1 to {MaxDays:N0} days."),
        { HotReads: < 1 or > MaxReads } => ("hotReads", $"must be from 1 to {MaxReads:N0} requests."),
        { HotDays: null, HotReads: > 1 } => ("hotReads", "needs 'hotDays': the days within which the requests are counted."),
        { KeepLatest: < 0 or > MaxVersions } => ("keepLatest", $"must be from 0 to {MaxVersions:N0} versions."),
        { HotDays: { } hot, ColdDays: { } cold } when hot > cold =>
            ("coldDays", $"must be at least 'hotDays' ({hot}): what was read so lately is hot."),
        _ => null,
    };

    /// <summary>The tier that a version belongs in.</summary>
    /// <param name="use">How old it is and how it is read.</param>
    /// <param name="now">When that is asked.</param>
    public TierChoice Choose(VersionUse use, DateTimeOffset now)
    {
        if (HotDays is { } hot && use.RecentReads >= HotReads)
            return new(Tier.Hot, $"{Times(use.RecentReads)} read within {Days(hot)}");
        if (ColdDays is not { } cold)
            return new(Tier.Warm, "no rule makes it cold");
        if (use.Newer < KeepLatest)
            return new(Tier.Warm, KeepLatest == 1 ? "the newest version" : $"among the {KeepLatest} newest versions");
        if (use.Aliased)
            return new(Tier.Warm, "an alias points to it");
        var idle = now - (use.LastReadAt is { } read && read > use.MadeAt ? read : use.MadeAt);
        var since = use.LastReadAt is null ? "made or read" : "read";
        return idle >= TimeSpan.FromDays(cold)
            ? new(Tier.Cold, $"not {since} for {Days((int)Math.Min(idle.TotalDays, int.MaxValue))}")
            : new(Tier.Warm, $"made or read within {Days(cold)}");
    }

    private static string Days(int days) => days == 1 ? "1 day" : $"{days} days";

    private static string Times(long times) => times == 1 ? "once" : $"{times} times";
}

/// <summary>What a policy looks at of a version.</summary>
/// <param name="MadeAt">When it was committed.</param>
/// <param name="LastReadAt">When its data was last read; null when that is not known to have happened.</param>
/// <param name="RecentReads">Requests for its data within the policy's <see cref="TierPolicy.HotDays"/>.</param>
/// <param name="Newer">How many versions of the same dataset are newer.</param>
/// <param name="Aliased">Whether an alias points to it.</param>
public sealed record VersionUse(DateTimeOffset MadeAt, DateTimeOffset? LastReadAt, long RecentReads, long Newer, bool Aliased);

/// <param name="Tier">Where to be.</param>
/// <param name="Reason">Why, as part of a sentence.</param>
public sealed record TierChoice(Tier Tier, string Reason);
