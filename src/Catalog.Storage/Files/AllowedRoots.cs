using Microsoft.Win32.SafeHandles;

namespace Catalog.Storage.Files;

/// <summary>A regular file within an allowed root: its real path without symbolic links, the URI of that, and its size.</summary>
public sealed record AllowedFile(string Path, string Uri, long Bytes);

/// <summary>
/// The folders that may be read, and nothing else: paths and <c>file://</c> URIs are resolved to their real place, each symbolic link on
/// the way included, before they are compared. What lies outside is refused in the same words whether it exists or not.
/// </summary>
public sealed class AllowedRoots
{
    private const int MaxLinks = 40;
    private readonly string[] _roots;

    /// <param name="roots">Absolute paths of existing folders. None means that no file may be read.</param>
    /// <exception cref="ArgumentException">A root is relative or not a folder.</exception>
    public AllowedRoots(IEnumerable<string> roots) => _roots = [.. roots.Select(RealRoot).Distinct(StringComparer.Ordinal)];

    /// <summary>The roots' real paths.</summary>
    public IReadOnlyList<string> Roots => _roots;

    /// <summary>
    /// The first root that holds a folder, is it, or lies within it, links resolved; null when they have nothing in common.
    /// </summary>
    /// <param name="folder">An absolute path.</param>
    public string? FindOverlap(string folder)
    {
        var real = RealPath.Of(folder, MaxLinks);
        return Array.Find(_roots, root => IsWithin(root, real) || IsWithin(real, root));
    }

    /// <summary>The regular file that an absolute path or <c>file://</c> URI names.</summary>
    /// <exception cref="FileException">It is outside the roots, not there, not a regular file, or badly named.</exception>
    public AllowedFile ResolveFile(string pathOrUri)
    {
        var (path, status) = Resolve(pathOrUri);
        return status.Kind is FileKind.Regular
            ? new(path, FileUri.FromPath(path), status.Bytes)
            : throw FileException.Because(FileException.NotRegular, pathOrUri, "is not a regular file");
    }

    /// <summary>The real path of the folder that an absolute path or <c>file://</c> URI names.</summary>
    /// <exception cref="FileException">It is outside the roots, not there, not a folder, or badly named.</exception>
    public string ResolveFolder(string pathOrUri)
    {
        var (path, status) = Resolve(pathOrUri);
        return status.Kind is FileKind.Folder ? path : throw FileException.Because(FileException.NotRegular, pathOrUri, "is not a folder");
    }

    /// <summary>
    /// Opens a file for reading. Where the system can tell, what was opened is checked too, so a link changed in between gains nothing.
    /// </summary>
    /// <exception cref="FileException">As <see cref="ResolveFile"/>, or it cannot be read.</exception>
    public FileStream OpenRead(string pathOrUri)
    {
        var handle = OpenHandle(pathOrUri);
        return new(handle, FileAccess.Read, bufferSize: 0);
    }

    /// <summary>Reads from a file that was hashed before, and makes sure that it is the same file still.</summary>
    /// <param name="name">What to call the file in an error.</param>
    /// <exception cref="FileException"><see cref="FileException.Changed"/>; or as <see cref="OpenRead"/>.</exception>
    public async Task<T> ReadUnchangedAsync<T>(FileStamp stamp, string name, Func<Stream, Task<T>> readAsync)
    {
        await using var stream = OpenRead(stamp.Path);
        T answer;
        try
        {
            answer = await readAsync(stream);
        }
        catch (FileException) when (!IsUnchanged(stream.SafeFileHandle, stamp))
        {
            throw Changed(name);
        }

        return IsUnchanged(stream.SafeFileHandle, stamp) ? answer : throw Changed(name);
    }

    internal SafeFileHandle OpenHandle(string pathOrUri)
    {
        var path = ResolveFile(pathOrUri).Path;
        try
        {
            var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (Opened(handle) is not { } opened || Contain(opened))
                return handle;
            handle.Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileException.From(pathOrUri, e);
        }

        throw Outside(pathOrUri);
    }

    internal bool Contain(string realPath) => Array.Exists(_roots, root => IsWithin(root, realPath));

    internal (string Path, FileStatus Status) Resolve(string pathOrUri)
    {
        var path = FileUri.IsFileUri(pathOrUri) ? FileUri.ToPath(pathOrUri) : pathOrUri;
        if (!Path.IsPathRooted(path) || path.Contains('\0'))
            throw FileException.Because(FileException.BadName, pathOrUri, "is not an absolute path");

        try
        {
            var real = RealPath.Of(path, MaxLinks);
            if (!Contain(real))
                throw Outside(pathOrUri);
            return (real, FileStatus.Of(real) ?? throw FileException.Because(FileException.NotFound, pathOrUri, "is not there"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Contain(Path.GetFullPath(path)) ? FileException.From(pathOrUri, e) : Outside(pathOrUri);
        }
    }

    private static FileException Changed(string name) => FileException.Because(FileException.Changed, name, "changed after it was hashed");

    /// <summary>
    /// Whether the file at the path is the one that was hashed, and, where the system can tell, what was opened is that one too.
    /// </summary>
    private static bool IsUnchanged(SafeFileHandle opened, FileStamp stamp) =>
        FileStatus.Of(stamp.Path) == stamp.Status && (!OperatingSystem.IsLinux() || FileStatus.Of(Descriptor(opened)) == stamp.Status);

    private static string Descriptor(SafeFileHandle handle) => $"/proc/self/fd/{handle.DangerousGetHandle()}";

    private static FileException Outside(string pathOrUri) =>
        FileException.Because(
            FileException.OutsideRoots,
            pathOrUri,
            "is outside the folders that this catalog may read: start the server with --root, or upload it instead");

    private static bool IsWithin(string root, string path) =>
        path.StartsWith(root, StringComparison.Ordinal)
        && (path.Length == root.Length || Path.EndsInDirectorySeparator(root) || path[root.Length] == Path.DirectorySeparatorChar);

    private static string? Opened(SafeFileHandle handle) =>
        OperatingSystem.IsLinux() ? new FileInfo(Descriptor(handle)).LinkTarget : null;

    private static string RealRoot(string root)
    {
        if (!Path.IsPathFullyQualified(root))
            throw new ArgumentException($"The allowed root '{root}' is not an absolute path.", nameof(root));
        var real = RealPath.Of(root, MaxLinks);
        return Directory.Exists(real) ? real : throw new ArgumentException($"The allowed root '{root}' is not a folder.", nameof(root));
    }
}
