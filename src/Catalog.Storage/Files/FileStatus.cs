using System.Runtime.InteropServices;

namespace Catalog.Storage.Files;

internal enum FileKind
{
    Regular,
    Folder,
    Other,
}

/// <summary>
/// What a file is at one moment. Two equal statuses around a read mean that nothing wrote to it, as far as the file system tells.
/// </summary>
/// <param name="ModifiedTicks">When it was last written, in the finest unit the system has.</param>
/// <param name="Identity">The inode, where there are any: a file that was replaced by another is another file.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FileStatus(FileKind Kind, long Bytes, long ModifiedTicks, ulong Identity)
{
    /// <summary>Follows symbolic links; null when nothing is there.</summary>
    public static FileStatus? Of(string path)
    {
        if (OperatingSystem.IsLinux())
            return Posix.Status(path);

        var info = new FileInfo(path);
        if (info.Exists)
            return new(FileKind.Regular, info.Length, info.LastWriteTimeUtc.Ticks, 0);
        return Directory.Exists(path) ? new(FileKind.Folder, 0, 0, 0) : null;
    }
}
