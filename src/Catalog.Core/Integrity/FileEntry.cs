namespace Catalog.Integrity;

/// <summary>
/// A file of a version: its logical path (<see cref="LogicalPath"/>), where its bytes lie, how many they are, how many rows they hold
/// (null where there are none to count), and their SHA-256. In an observed version, whose files were not read yet, the hash is empty.
/// </summary>
public sealed record FileEntry(string Path, string Uri, long Bytes, long? Rows, string Sha256);

/// <summary>Walks files that must come in the order of their paths, each path once, and refuses any other.</summary>
internal struct FileOrder
{
    private string? _last;

    public void Next(FileEntry file, bool hashed)
    {
        if (LogicalPath.Check(file.Path) is { } problem)
        {
            throw new ArgumentException($"The path '{file.Path}' {problem}.", nameof(file));
        }

        switch (LogicalPath.Compare(_last, file.Path))
        {
            case 0:
                throw new ArgumentException($"The path '{file.Path}' occurs twice.", nameof(file));
            case > 0:
                throw new ArgumentException(
                    $"Files come in the order of their paths: '{file.Path}' belongs before '{_last}'.", nameof(file));
        }

        if (file.Bytes < 0 || file.Rows < 0)
        {
            throw new ArgumentException($"The file '{file.Path}' must have a size and a row count of 0 or more.", nameof(file));
        }

        if (!Sha256.IsHash(file.Sha256) && (hashed || file.Sha256 is not ""))
        {
            throw new ArgumentException($"The file '{file.Path}' needs its SHA-256, 64 lower-case hexadecimal digits.", nameof(file));
        }

        _last = file.Path;
    }
}
