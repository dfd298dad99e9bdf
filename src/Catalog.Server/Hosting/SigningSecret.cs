using System.Security.Cryptography;

namespace Catalog.Server.Hosting;

/// <summary>
/// What this server signs addresses of objects and files with: 32 random bytes in <c>keys/url-signing.key</c>, made at the first start,
/// for its owner's eyes only. It must not change while addresses are good, and nothing is lost with it but those.
/// </summary>
internal static class SigningSecret
{
    private const int Bytes = 32;

    /// <exception cref="HostingException">The folder of keys cannot be read or written.</exception>
    public static byte[] Of(DataFolder data)
    {
        try
        {
            return Read(PathIn(data)) ?? Make(data);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw data.NotUsable(e);
        }
    }

    private static string PathIn(DataFolder data) => Path.Combine(data.Keys, "url-signing.key");

    // A file that is not whole is made anew.
    private static byte[]? Read(string path) => File.Exists(path) && File.ReadAllBytes(path) is { Length: Bytes } secret ? secret : null;

    private static byte[] Make(DataFolder data)
    {
        var secret = RandomNumberGenerator.GetBytes(Bytes);
        var pending = PathIn(data) + ".pending";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(pending, options))
        {
            file.Write(secret);
            file.Flush(flushToDisk: true);
        }

        File.Move(pending, PathIn(data), overwrite: true);
        return secret;
    }
}
