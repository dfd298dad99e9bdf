using System.Text;

namespace Catalog.Integrity;

/// <summary>
/// The path of a file within a version: relative, parts separated by <c>/</c>, independent of where the bytes lie.
/// Paths are ordered by code point, which is the order of their UTF-8 bytes.
/// </summary>
public static class LogicalPath
{
    /// <summary>The longest path, in UTF-8 bytes.</summary>
    public const int MaxBytes = 1_024;

    public static IComparer<string> Order { get; } = Comparer<string>.Create(Compare);

    /// <summary>What is wrong with a path, worded to follow its label ("Path must not be empty"), or null when it may be used.</summary>
    public static string? Check(string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return "must not be empty";
        }

        if (path.Length > MaxBytes || Encoding.UTF8.GetByteCount(path) > MaxBytes)
        {
            return $"must have at most {MaxBytes} bytes in UTF-8";
        }

        if (path[0] == '/')
        {
            return "must be relative, without a leading '/'";
        }

        if (path.Contains('\\', StringComparison.Ordinal))
        {
            return "must separate its parts by '/', not by '\\'";
        }

        foreach (var range in path.AsSpan().Split('/'))
        {
            if (path.AsSpan(range) is "" or "." or "..")
            {
                return "must not have empty, '.' or '..' parts";
            }
        }

        return Names.CheckCharacters(path);
    }

    /// <summary>
    /// Compares by code point. UTF-16 order differs where a surrogate meets U+E000 to U+FFFF, so those change places first.
    /// </summary>
    public static int Compare(string? a, string? b)
    {
        if (a is null || b is null)
        {
            return (a is null ? 0 : 1) - (b is null ? 0 : 1);
        }

        var same = a.AsSpan().CommonPrefixLength(b);
        return same == a.Length || same == b.Length ? a.Length - b.Length : Weight(a[same]) - Weight(b[same]);
    }

    private static int Weight(char c) => c switch
    {
        < '\ud800' => c,
        < '\ue000' => c + 0x2000,
        _ => c - 0x800,
    };
}
