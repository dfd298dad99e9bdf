using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary>
/// What <c>--in-place</c> and <c>--observed</c> name: files and folders of the server's machine, which may be another one than this.
/// </summary>
internal static class InPlaceSources
{
    /// <param name="paths">Absolute paths or URIs; relative paths only where <paramref name="sameMachine"/>.</param>
    /// <param name="glob">Which files of the folders.</param>
    /// <param name="prefix">Put before logical paths.</param>
    /// <param name="sameMachine">The server runs on this machine, so that it means the same by a path.</param>
    /// <exception cref="UsageException">A relative path, and the server is elsewhere.</exception>
    public static List<VersionSource> Of(IEnumerable<string> paths, string? glob, string? prefix, bool sameMachine) =>
    [
        .. paths.Select<string, VersionSource>(path => (IsFolder(path, glob, sameMachine), ToUri(path, sameMachine)) switch
        {
            (true, var uri) => new VersionSource.Folder(uri.TrimEnd('/'), glob, prefix),
            (false, var uri) => new VersionSource.InPlace(uri, prefix is null ? null : Join(prefix, LastPart(path))),
        }),
    ];

    /// <summary>A file that is seen from here is one; else an ending <c>/</c> or a glob says that a folder is meant.</summary>
    private static bool IsFolder(string path, string? glob, bool sameMachine)
    {
        var local = IsUri(path) ? LocalPath(path, sameMachine) : path;
        if (local is not null && File.Exists(local))
            return false;

        return glob is not null
            || path.EndsWith('/')
            || Path.EndsInDirectorySeparator(path)
            || (local is not null && Directory.Exists(local));
    }

    /// <summary>
    /// A <c>file://</c> URI, each part percent-encoded. A path from the root stays as it is written: this machine's rules need not be the
    /// server's.
    /// </summary>
    private static string ToUri(string path, bool sameMachine)
    {
        if (IsUri(path))
            return path;
        if (!path.StartsWith('/') && !sameMachine)
            throw new UsageException($"'{path}' is not a path of the server's machine: write it from the root on, or upload the files.");

        var whole = path.StartsWith('/') ? path : Path.GetFullPath(path).Replace('\\', '/');
        var parts = whole.Split('/').Select(part => part is [_, ':'] ? part : Uri.EscapeDataString(part));
        return (whole.StartsWith('/') ? "file://" : "file:///") + string.Join('/', parts);
    }

    private static bool IsUri(string path) => path.Contains("://", StringComparison.Ordinal);

    private static string? LocalPath(string uri, bool sameMachine) =>
        sameMachine && Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.IsFile ? parsed.LocalPath : null;

    private static string Join(string prefix, string name) => prefix.Length == 0 ? name : $"{prefix.TrimEnd('/')}/{name}";

    private static string LastPart(string path)
    {
        var last = Path.GetFileName(path);
        return IsUri(path) ? Uri.UnescapeDataString(last) : last;
    }
}
