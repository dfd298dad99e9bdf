namespace Catalog.Storage.Files;

/// <summary>
/// What a file in place was when it was hashed: where it really lies, and its status then. Tells whether it is still that file.
/// </summary>
public sealed record FileStamp
{
    internal FileStamp(string path, FileStatus status) => (Path, Status) = (path, status);

    /// <summary>Its real path, without symbolic links.</summary>
    public string Path { get; }

    /// <summary>The URI of <see cref="Path"/>.</summary>
    public string Uri => FileUri.FromPath(Path);

    internal FileStatus Status { get; }
}
