namespace Catalog.Access;

/// <summary>
/// What is shown of a value instead of it. In the order of strength: where several statements mask a column, the strongest counts. A mask
/// that does not fit a column's type is <see cref="Null"/> there.
/// </summary>
public enum Mask
{
    /// <summary>The value itself.</summary>
    None,

    /// <summary>Of a text, its last four characters; a star stands for each before them. Of four or fewer only the stars.</summary>
    LastFour,

    /// <summary>Of a date or a time, the first moment of its year (UTC).</summary>
    Year,

    /// <summary>Of a number, the largest multiple of ten that is not above it.</summary>
    Bucket,

    /// <summary>Of a text, the word <c>REDACTED</c>.</summary>
    Redact,

    /// <summary>
    /// Of a text, bytes, a whole number of 64 bits or a UUID, as much as fits of its HMAC-SHA256 under a key of this catalog, in
    /// hexadecimal digits where it is a text: equal values stay equal, so that they can be counted and joined.
    /// </summary>
    Hash,

    /// <summary>Nothing.</summary>
    Null,
}

/// <summary>How masks are written: in lower case with hyphens, read in any case.</summary>
public static class Masks
{
    public static string List { get; } = string.Join(", ", Enum.GetValues<Mask>().Where(m => m != Mask.None).Select(Write));

    public static string Write(Mask mask) => mask switch
    {
        Mask.None => "none",
        Mask.LastFour => "last-four",
        Mask.Year => "year",
        Mask.Bucket => "bucket",
        Mask.Redact => "redact",
        Mask.Hash => "hash",
        Mask.Null => "null",
        _ => throw new ArgumentOutOfRangeException(nameof(mask), mask, "There is no such mask."),
    };

    /// <summary>The mask that a word stands for; null when it is none, and for <c>none</c>.</summary>
    public static Mask? Read(string? text) =>
        Enum.GetValues<Mask>().Where(m => m != Mask.None && string.Equals(Write(m), text, StringComparison.OrdinalIgnoreCase))
            .Select(m => (Mask?)m).FirstOrDefault();

    public static Mask Stronger(Mask a, Mask b) => a > b ? a : b;
}
