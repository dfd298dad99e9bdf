namespace Catalog.Retention;

/// <summary>
/// How long the versions of a dataset are kept once they are not the newest any more. A version that is due goes when somebody has what is
/// due removed; its hashes and its history stay, its files do not.
/// </summary>
/// <param name="Days">So many days after the next version was made, a version is due.</param>
/// <param name="KeepLatest">So many of the newest versions are never due; the newest itself never is.</param>
public sealed record RetentionPolicy(int Days, int KeepLatest = 1)
{
    public const int MaxDays = 36_525;
    public const int MaxVersions = 1_000_000;

    /// <summary>What to say of a policy that is out of range, with the field; null when it is sound.</summary>
    public (string Field, string Message)? Check() => this switch
    {
        { Days: < 1 or > MaxDays } => ("days", $"must be from 1 to {MaxDays:N0} days."),
        { KeepLatest: < 1 or > MaxVersions } => ("keepLatest", $"must be from 1 to {MaxVersions:N0} versions."),
        _ => null,
    };

    /// <summary>Whether a version is due.</summary>
    /// <param name="age">Where it stands among the others.</param>
    /// <param name="now">When that is asked.</param>
    public bool IsDue(VersionAge age, DateTimeOffset now) =>
        !age.Aliased && age.Newer >= KeepLatest && age.SupersededAt is { } since && now - since >= TimeSpan.FromDays(Days);
}

/// <summary>What a policy looks at of a version.</summary>
/// <param name="SupersededAt">When the next version was made; null for the newest.</param>
/// <param name="Newer">How many versions of the same dataset are newer.</param>
/// <param name="Aliased">Whether an alias points to it.</param>
public sealed record VersionAge(DateTimeOffset? SupersededAt, long Newer, bool Aliased);
