using Catalog.Integrity;

namespace Catalog.Storage.Files;

/// <summary>A file of a folder: its logical path in the dataset, the URI of its real place, its size.</summary>
public sealed record ListedFile(string Path, string Uri, long Bytes);

/// <summary>Expands a folder into the files that a glob names, within the allowed roots.</summary>
public sealed class FolderListing(AllowedRoots roots)
{
    private const int MaxFolders = 256;

    /// <summary>
    /// The files in the order of their logical paths (<see cref="LogicalPath.Order"/>). Symbolic links are followed where they lead into a
    /// root; a link that leads out, dangles or turns in a circle, and a pipe or device, are refused rather than left out. Hidden names
    /// are ordinary.
    /// </summary>
    /// <param name="folder">An absolute path or <c>file://</c> URI.</param>
    /// <param name="glob"><c>*</c>, <c>?</c> and <c>**</c>, such as <c>**/*.parquet</c>; null for all files.</param>
    /// <param name="prefix">Put before each logical path, with a slash; null or empty for none.</param>
    /// <exception cref="FileException">The folder, or something the glob names in it, is refused.</exception>
    public IReadOnlyList<ListedFile> Expand(string folder, string? glob, string? prefix, CancellationToken ct)
    {
        var root = roots.ResolveFolder(folder);
        var walk = new Walk(roots, new Glob(glob ?? "**"), string.IsNullOrEmpty(prefix) ? "" : prefix.TrimEnd('/') + '/', ct);
        try
        {
            walk.Into(root, "", depth: 1, [root]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileException.From(folder, e);
        }

        walk.Files.Sort((a, b) => LogicalPath.Compare(a.Path, b.Path));
        return walk.Files;
    }

    private sealed class Walk(AllowedRoots roots, Glob glob, string prefix, CancellationToken ct)
    {
        private static readonly EnumerationOptions Everything = new()
        {
            AttributesToSkip = FileAttributes.None,
            IgnoreInaccessible = false,
        };

        public List<ListedFile> Files { get; } = [];

        public void Into(string folder, string logical, int depth, IReadOnlyList<string> above)
        {
            ct.ThrowIfCancellationRequested();
            if (depth > MaxFolders)
                throw FileException.Because(FileException.Unreadable, folder, $"is more than {MaxFolders} folders deep");

            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Everything))
            {
                var path = logical + entry.Name;
                if (entry.LinkTarget is not null)
                    Follow(entry.FullName, path, depth, above);
                else if (entry is FileInfo)
                    Add(entry.FullName, path);
                else if (glob.CanNameBeneath(path))
                    Into(entry.FullName, path + '/', depth + 1, [.. above, entry.FullName]);
            }
        }

        private void Follow(string link, string path, int depth, IReadOnlyList<string> above)
        {
            var (named, beneath) = (glob.Matches(path), glob.CanNameBeneath(path));
            if (!named && !beneath)
                return;

            string target;
            FileStatus status;
            try
            {
                (target, status) = roots.Resolve(link);
            }
            catch (FileException) when (!named && LeadsToFile(link))
            {
                return;
            }

            if (status.Kind is not FileKind.Folder)
                Add(target, path);
            else if (above.Contains(target, StringComparer.Ordinal))
                throw FileException.Because(FileException.Unreadable, link, "is a link to a folder that holds it");
            else if (beneath)
                Into(target, path + '/', depth + 1, [.. above, target]);
        }

        // What a folder elsewhere holds cannot be known, so leaving it out would leave out files that the glob names. A file has nothing
        // beneath it.
        private static bool LeadsToFile(string link) => FileStatus.Of(link) is { Kind: not FileKind.Folder };

        private void Add(string real, string path)
        {
            if (!glob.Matches(path))
                return;
            if (FileStatus.Of(real) is not { } status)
                throw FileException.Because(
                    FileException.NotFound, real, "went away while its folder was read, or its name is not valid UTF-8");
            if (status.Kind is not FileKind.Regular)
                throw FileException.Because(FileException.NotRegular, real, "is not a regular file");
            Files.Add(new(prefix + path, FileUri.FromPath(real), status.Bytes));
        }
    }
}
