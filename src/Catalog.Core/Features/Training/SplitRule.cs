using System.Text.Json.Serialization;

namespace Catalog.Features.Training;

/// <summary>What decides which part a row belongs to.</summary>
public enum SplitBy
{
    /// <summary>The hash of some columns: rows that are equal in them belong together.</summary>
    Hash,

    /// <summary>The rows' time: parts follow each other.</summary>
    Time,
}

/// <summary>How rows are parted for training, validation and tests. The column <c>split</c> of a training set names a row's part.</summary>
/// <param name="By">What decides.</param>
/// <param name="Parts">Two at least, in order.</param>
/// <param name="Columns">
/// That are hashed, of whole numbers, texts, dates, UUIDs or truth: name what identifies a group (a customer, an aircraft) to keep it
/// in one part. For <see cref="SplitBy.Hash"/> only.
/// </param>
/// <param name="Seed">Another seed parts rows another way. For <see cref="SplitBy.Hash"/> only.</param>
/// <param name="Gap">
/// Rows less than this after the end of a part belong to none and are left out, so that what became known of the last rows of one part is
/// not learned from the first of the next. For <see cref="SplitBy.Time"/> only.
/// </param>
/// <param name="Disjoint">Columns whose values, taken together, must not be in two parts: checked while the set is made.</param>
public sealed record SplitRule(
    SplitBy By,
    IReadOnlyList<SplitPart> Parts,
    IReadOnlyList<string>? Columns = null,
    long Seed = 0,
    [property: JsonConverter(typeof(SpanJsonConverter))] TimeSpan? Gap = null,
    IReadOnlyList<string>? Disjoint = null)
{
    /// <summary>The column that names a row's part.</summary>
    public const string Column = "split";

    /// <summary>What is wrong with it, as a field and a sentence, or null.</summary>
    public (string Field, string Wrong)? Check()
    {
        if (Parts.Count is < 2 or > 100)
            return ("parts", "must be from 2 to 100 parts, such as train, validation and test.");
        if ((Columns ?? []).Concat(Disjoint ?? []).Any(string.IsNullOrEmpty))
            return (Columns?.Any(string.IsNullOrEmpty) == true ? "columns" : "disjoint", "must be names of columns.");
        if (Parts.Any(p => p is null))
            return ("parts", "must not be null.");
        if (Parts.FirstOrDefault(p => !SplitPart.IsName(p.Name)) is { } unnamed)
            return ("parts", $"must have names of lower-case letters, digits, '-' and '_', such as 'train', not '{unnamed.Name}'.");
        if (Parts.GroupBy(p => p.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any()) is { Key: var twice })
            return ("parts", $"must have different names: '{twice}' is there twice.");
        return By == SplitBy.Hash ? CheckHash() : CheckTime();
    }

    private (string, string)? CheckHash()
    {
        if (Columns is null or [])
            return ("columns", "must name the columns whose hash parts rows.");
        if (Gap is not null)
            return ("gap", "goes with splits by time.");
        if (Parts.FirstOrDefault(p => p.Share is not > 0 || p.Until is not null) is { } odd)
            return ("parts", $"by hash have a share greater than 0, and no 'until': see '{odd.Name}'.");
        return Parts.Sum(p => p.Share ?? 0) == 1
            ? null
            : ("parts", $"must have shares that are 1 together, not {Parts.Sum(p => p.Share ?? 0)}.");
    }

    private (string, string)? CheckTime()
    {
        if (Columns is not null)
            return ("columns", "go with splits by hash; time is the rows' own.");
        if (Gap is { Ticks: < 0 })
            return ("gap", "must not be negative.");
        if (Parts.FirstOrDefault(p => p.Share is not null) is { } odd)
            return ("parts", $"by time have no share: see '{odd.Name}'.");
        if (Parts.SkipLast(1).FirstOrDefault(p => p.Until is null) is { } open)
            return ("parts", $"by time end with 'until', but for the last: '{open.Name}' has none.");
        if (Parts[^1].Until is not null)
            return ("parts", $"by time have no 'until' in the last one, '{Parts[^1].Name}': it has all that is left.");
        return Parts.SkipLast(1).Zip(Parts.Skip(1).SkipLast(1)).Any(p => p.First.Until >= p.Second.Until)
            ? ("parts", "by time must end one after the other.")
            : null;
    }
}

/// <summary>A part of the rows.</summary>
/// <param name="Name">Such as <c>train</c>.</param>
/// <param name="Share">Of all rows, about: more than 0, all together 1.</param>
/// <param name="Until">The moment at which it ends, itself not included.</param>
public sealed record SplitPart(string Name, decimal? Share = null, DateTimeOffset? Until = null)
{
    internal static bool IsName(string? name) =>
        name is { Length: > 0 and <= 64 } && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');
}
