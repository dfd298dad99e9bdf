namespace Catalog.Storage.Files;

/// <summary>
/// Orders strings by Unicode code points, which is the order of their UTF-8 bytes: the order of manifests and of object stores. Ordinal
/// UTF-16 order differs where characters beyond U+FFFF meet those from U+E000 to U+FFFF.
/// </summary>
public sealed class CodePointOrder : IComparer<string>
{
    public static CodePointOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);

        var same = x.AsSpan().CommonPrefixLength(y);
        if (same == x.Length || same == y.Length)
            return x.Length.CompareTo(y.Length);
        return Weight(x[same]).CompareTo(Weight(y[same]));
    }

    private static int Weight(char c) => char.IsSurrogate(c) ? c + 0x1_0000 : c;
}
