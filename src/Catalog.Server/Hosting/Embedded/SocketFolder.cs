using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Catalog.Server.Hosting;

/// <summary>
/// The private folder of PostgreSQL's Unix socket: in the data folder, or, where that path cannot be a socket address (too long, most
/// often), a folder of a random name in the runtime or temporary folder. The data folder remembers that one, so that the next start can
/// remove it.
/// </summary>
internal sealed class SocketFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string NamePrefix = "catalog-";
    private static readonly int LongestPath = OperatingSystem.IsMacOS() ? 103 : 107;

    private readonly ILogger _logger;
    private readonly string _note;

    private SocketFolder(string path, string note, ILogger logger) => (Path, _note, _logger) = (path, note, logger);

    public string Path { get; }

    public static SocketFolder Make(DataFolder data, int port, SystemAccount? account, ILogger logger)
    {
        var note = System.IO.Path.Combine(data.Root, "socket.path");
        RemoveNoted(note, logger);
        var inside = System.IO.Path.Combine(data.Root, "socket");
        var path = Fits(inside, port) ? inside : Elsewhere(port);
        var folder = new SocketFolder(path, note, logger);
        Remove(path, logger);
        if (path != inside)
            File.WriteAllText(note, path);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return folder;
        }

        Directory.CreateDirectory(path, OwnerOnly);
        if (account is not null)
            Posix.ChangeOwner(path, account);
        return folder;
    }

    public void Dispose()
    {
        Remove(Path, _logger);
        RemoveNoted(_note, _logger);
    }

    // A connection string takes a comma for the next host and a colon for its port, in socket folders too.
    private static bool Fits(string folder, int port) =>
        !folder.Contains(',') && (OperatingSystem.IsWindows() || !folder.Contains(':')) &&
        System.Text.Encoding.UTF8.GetByteCount(System.IO.Path.Combine(folder, $".s.PGSQL.{port}")) <= LongestPath;

    private static string Elsewhere(int port)
    {
        var name = NamePrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        string?[] parents = Environment.IsPrivilegedProcess
            ? ["/run", "/tmp"]
            : [Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR"), System.IO.Path.GetTempPath(), "/tmp"];
        return parents.OfType<string>().Where(Directory.Exists).Select(p => System.IO.Path.Combine(p, name))
            .FirstOrDefault(p => Fits(p, port))
            ?? throw new HostingException(
                HostingException.PostgresFailed,
                "No folder with a path short enough for a Unix socket was found: set XDG_RUNTIME_DIR or TMPDIR to a short one.");
    }

    private static void RemoveNoted(string note, ILogger logger)
    {
        if (!File.Exists(note))
            return;
        var path = File.ReadAllText(note);
        if (System.IO.Path.GetFileName(path).StartsWith(NamePrefix, StringComparison.Ordinal))
            Remove(path, logger);
        File.Delete(note);
    }

    private static void Remove(string path, ILogger logger)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.LeftBehind(e, path);
        }
    }
}
