using System.Buffers;
using System.Globalization;
using System.Text;

namespace Catalog.Storage.Files;

/// <summary>
/// <c>file://</c> URIs (RFC 8089) and absolute paths, exactly: <see cref="ToPath"/> undoes <see cref="FromPath"/> for every name that is
/// valid Unicode, <c>%2F</c>, <c>#</c>, <c>?</c> and line breaks included. <see cref="Uri"/> is not used because it normalises.
/// </summary>
public static class FileUri
{
    private const string Scheme = "file:";
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // The unreserved characters of RFC 3986, the slash, and what partitioned folder names are made of.
    private static readonly SearchValues<byte> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/=,@:"u8);

    /// <summary>The URI of an absolute path.</summary>
    /// <exception cref="FileException"><see cref="FileException.BadName"/></exception>
    public static string FromPath(string path)
    {
        if (!path.StartsWith('/') || path.Contains('\0'))
            throw FileException.Because(FileException.BadName, path, "is not an absolute path");

        var text = new StringBuilder("file://", path.Length + 16);
        foreach (var b in Encode(path))
        {
            if (Plain.Contains(b))
                text.Append((char)b);
            else
                text.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    /// <summary>The path that a URI names: <c>file:///path</c>, <c>file://localhost/path</c> or <c>file:/path</c>.</summary>
    /// <exception cref="FileException"><see cref="FileException.BadName"/></exception>
    public static string ToPath(string uri)
    {
        if (!IsFileUri(uri))
            throw FileException.Because(FileException.BadName, uri, "is not a file:// URI");

        var rest = uri.AsSpan(Scheme.Length);
        if (rest.StartsWith("//"))
        {
            rest = rest[2..];
            var slash = rest.IndexOf('/');
            if (slash < 0 || (slash > 0 && !rest[..slash].Equals("localhost", StringComparison.OrdinalIgnoreCase)))
                throw FileException.Because(FileException.BadName, uri, "names another machine, or no path (write file:///path)");
            rest = rest[slash..];
        }

        if (!rest.StartsWith("/"))
            throw FileException.Because(FileException.BadName, uri, "does not hold an absolute path (write file:///path)");
        if (rest.ContainsAny('?', '#'))
            throw FileException.Because(FileException.BadName, uri, "holds '?' or '#', which a file URI writes as %3F and %23");
        return Decode(uri, rest);
    }

    /// <summary>Whether this is meant as a <c>file:</c> URI rather than a path.</summary>
    public static bool IsFileUri(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    private static byte[] Encode(string path)
    {
        try
        {
            return StrictUtf8.GetBytes(path);
        }
        catch (EncoderFallbackException e)
        {
            throw FileException.Because(FileException.BadName, path, "is not valid Unicode", e);
        }
    }

    private static string Decode(string uri, ReadOnlySpan<char> encoded)
    {
        try
        {
            var bytes = StrictUtf8.GetBytes(encoded.ToString());
            var length = 0;
            for (var i = 0; i < bytes.Length; i++)
            {
                if (bytes[i] != '%')
                {
                    bytes[length++] = bytes[i];
                    continue;
                }

                if (i + 2 >= bytes.Length
                    || !byte.TryParse(bytes.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var b))
                {
                    throw FileException.Because(FileException.BadName, uri, "holds a '%' that is not followed by two hex digits");
                }

                bytes[length++] = b;
                i += 2;
            }

            var path = StrictUtf8.GetString(bytes, 0, length);
            return path.Contains('\0') ? throw FileException.Because(FileException.BadName, uri, "holds a NUL") : path;
        }
        catch (Exception e) when (e is EncoderFallbackException or DecoderFallbackException)
        {
            throw FileException.Because(FileException.BadName, uri, "is not valid UTF-8 once decoded", e);
        }
    }
}
