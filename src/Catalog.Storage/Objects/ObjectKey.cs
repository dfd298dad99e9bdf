using System.Text;

namespace Catalog.Storage.Objects;

/// <summary>
/// The rules for object keys, the same for every store: 1 to 1,024 UTF-8 bytes in segments of 1 to 255 bytes separated by <c>/</c>; no
/// segment
/// <c>.</c> or <c>..</c>, no first segment starting with a dot (stores keep their own things there), no backslash, no control characters.
/// </summary>
public static class ObjectKey
{
    private const int MaxBytes = 1_024;
    private const int MaxSegmentBytes = 255;
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What is wrong with a key, as the end of a sentence; null when it is fine.</summary>
    public static string? Check(string key)
    {
        if (key.Length == 0)
            return "is empty";
        if (key.Length > MaxBytes || !TryCountBytes(key, out var bytes) || bytes > MaxBytes)
            return "is longer than 1,024 bytes or not valid Unicode";
        if (key.AsSpan().ContainsAny('\\', '\u2028', '\u2029') || key.Any(char.IsControl))
            return "holds a backslash or a control character";
        if (key[0] == '.')
            return "starts with a dot";

        foreach (var range in key.AsSpan().Split('/'))
        {
            var segment = key.AsSpan()[range];
            if (segment is "" or "." or "..")
                return "has an empty, '.' or '..' segment";
            if (StrictUtf8.GetByteCount(segment) > MaxSegmentBytes)
                return "has a segment longer than 255 bytes";
        }

        return null;
    }

    /// <exception cref="ObjectStoreException"><see cref="ObjectStoreError.InvalidKey"/></exception>
    internal static string Require(string key) => Check(key) is { } problem ? throw ObjectStoreException.InvalidKey(key, problem) : key;

    private static bool TryCountBytes(string key, out int bytes)
    {
        try
        {
            bytes = StrictUtf8.GetByteCount(key);
            return true;
        }
        catch (EncoderFallbackException)
        {
            bytes = 0;
            return false;
        }
    }
}
