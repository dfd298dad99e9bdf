namespace Catalog.Sdk;

/// <summary>A version to be committed.</summary>
public sealed record NewVersion
{
    /// <summary>Where its files come from.</summary>
    public IReadOnlyList<VersionSource> Sources { get; init; } = [];

    /// <summary>Logical paths of the parent to leave out, when appending.</summary>
    public IReadOnlyList<string> Remove { get; init; } = [];

    public CommitMode Mode { get; init; } = CommitMode.Replace;

    /// <summary>The version this one follows (0 for the first); when another was committed meanwhile, the catalog refuses.</summary>
    public long? ExpectedParent { get; init; }

    public string? Message { get; init; }

    /// <summary><c>parquet</c> when every file is claimed to be Parquet.</summary>
    public string? Format { get; init; }

    /// <summary>Only refer to the files; they are read and hashed when the version is sealed.</summary>
    public bool Observed { get; init; }

    /// <summary>The run that made the files. Set by <see cref="ActiveRun"/>.</summary>
    public Guid? Run { get; init; }

    /// <summary>Commits with the same key make one version. Made anew for each call unless given.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>A version of files and folders on this machine, which are uploaded.</summary>
    public static NewVersion Of(params IEnumerable<string> paths) => new()
    {
        Sources = [.. paths.Select(p => new VersionSource.Upload(p))],
    };
}

public enum CommitMode
{
    /// <summary>The files are the whole version.</summary>
    Replace,

    /// <summary>The files come on top of the parent's.</summary>
    Append,
}

/// <summary>Where files of a new version come from. A string is an <see cref="Upload"/>.</summary>
public abstract record VersionSource
{
    private VersionSource() { }

    public static implicit operator VersionSource(string localPath) => new Upload(localPath);

    /// <summary>A file or folder on this machine, copied into the catalog's object store.</summary>
    /// <param name="LocalPath">The file; or a folder, whose files keep their paths below it.</param>
    /// <param name="Path">Logical path, or its beginning for a folder; null for the file's own name.</param>
    public sealed record Upload(string LocalPath, string? Path = null) : VersionSource;

    /// <summary>A file the server can reach, registered where it is.</summary>
    /// <param name="Location">A path on the server's machine or a <c>file://</c> URI.</param>
    /// <param name="Path">Logical path; null for the file's own name.</param>
    /// <param name="Sha256">What the file is expected to be; else the catalog answers <c>file.changed</c>.</param>
    public sealed record InPlace(string Location, string? Path = null, string? Sha256 = null) : VersionSource;

    /// <summary>A folder the server can reach, registered where it is.</summary>
    /// <param name="Location">A path on the server's machine or a <c>file://</c> URI.</param>
    /// <param name="Glob">Which files, e.g. <c>**/*.png</c>; null for all.</param>
    /// <param name="Prefix">Put before each file's path below the folder.</param>
    public sealed record Folder(string Location, string? Glob = null, string? Prefix = null) : VersionSource;

    /// <summary>An object uploaded before.</summary>
    public sealed record Stored(string Sha256, string Path, long? Bytes = null) : VersionSource;
}
