using Catalog.Integrity;

namespace Catalog.Storage.Objects.Local;

/// <summary>
/// Walks a folder in the order of whole keys: a folder sorts as its name and a slash, so <c>a-b</c> comes before <c>a/b</c>.
/// </summary>
internal static class LocalListing
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    public static IEnumerable<ObjectInfo> Walk(string root, string hidden, string prefix, string? after)
    {
        var start = prefix[..(prefix.LastIndexOf('/') + 1)];
        if (start.Length > 0 && ObjectKey.Check(start[..^1]) is not null)
            return [];
        return WalkFolder(root, hidden + '/', start, prefix, after);
    }

    private static IEnumerable<ObjectInfo> WalkFolder(string root, string hidden, string folder, string prefix, string? after)
    {
        foreach (var entry in Entries(root, folder))
        {
            if (entry.Key == hidden || !CanHold(entry.Key, prefix, after))
                continue;

            if (entry.Bytes is { } bytes)
            {
                yield return new(entry.Key, bytes, Sha256: null);
                continue;
            }

            foreach (var beneath in WalkFolder(root, hidden, entry.Key, prefix, after))
                yield return beneath;
        }
    }

    private static bool CanHold(string key, string prefix, string? after)
    {
        var isFolder = key[^1] == '/';
        var fits = key.StartsWith(prefix, StringComparison.Ordinal) || (isFolder && prefix.StartsWith(key, StringComparison.Ordinal));
        return fits && (after is null
            || LogicalPath.Compare(key, after) > 0
            || (isFolder && after.StartsWith(key, StringComparison.Ordinal)));
    }

    private static List<(string Key, long? Bytes)> Entries(string root, string folder)
    {
        var path = Path.Join(root, folder);
        return LocalFaults.Guard(folder, () =>
        {
            List<(string Key, long? Bytes)> entries = [];
            var directory = new DirectoryInfo(path);
            if (!directory.Exists)
                return entries;

            foreach (var info in directory.EnumerateFileSystemInfos("*", Everything))
            {
                if (info is not FileInfo file)
                    entries.Add((folder + info.Name + '/', null));
                else if (file.Exists)
                    entries.Add((folder + info.Name, file.Length));
            }

            entries.Sort((a, b) => LogicalPath.Compare(a.Key, b.Key));
            return entries;
        });
    }
}
