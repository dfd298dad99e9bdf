using System.Runtime.InteropServices;
using Catalog.Storage.Files;
using Microsoft.Win32.SafeHandles;

namespace Catalog.Storage;

/// <summary>The few system calls that .NET has no name for. Where they are missing, the nearest thing .NET has is done instead.</summary>
internal static partial class Posix
{
    private const int ExistsAlready = 17;
    private const int NotPermitted = 1;
    private const int NoEntry = 2;
    private const int NoAccess = 13;
    private const int NotADirectory = 20;
    private const int ReadOnly = 0;
    private const int CurrentFolder = -100;
    private const uint BasicStats = 0x7ff;
    private const int KindMask = 0xf000;
    private const int RegularMode = 0x8000;
    private const int FolderMode = 0x4000;

    /// <summary>Gives a file a second, final name and leaves the first; false when the name is taken. Never replaces anything.</summary>
    public static bool TryPlace(string source, string target)
    {
        if (!OperatingSystem.IsWindows())
        {
            if (Link(source, target) == 0)
                return true;
            var error = Marshal.GetLastPInvokeError();
            if (error == ExistsAlready)
                return false;
            if (File.Exists(target) || Directory.Exists(target))
                return false;
        }

        // A file system without hard links: the check and the rename are two steps here, so racing writers of other content could both win.
        try
        {
            File.Move(source, target, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(target) || Directory.Exists(target))
        {
            return false;
        }
    }

    /// <summary>Makes the names in a folder durable.</summary>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;

        using var handle = Open(folder, ReadOnly);
        if (handle.IsInvalid || Sync(handle) != 0)
            throw new IOException(
                $"The folder '{folder}' cannot be synced: {Marshal.GetLastPInvokeErrorMessage()}.", Marshal.GetLastPInvokeError());
    }

    /// <summary>
    /// Kind, size, time of writing and inode in one call, links followed; null when nothing is there. statx(2) has one layout on every
    /// architecture, and tells a pipe from a file without opening it (opening a pipe waits for its writer).
    /// </summary>
    public static FileStatus? Status(string path)
    {
        if (Statx(CurrentFolder, path, 0, BasicStats, out var status) == 0)
        {
            var kind = (status.Mode & KindMask) switch
            {
                RegularMode => FileKind.Regular,
                FolderMode => FileKind.Folder,
                _ => FileKind.Other,
            };
            return new(kind, (long)status.Size, (status.ModifiedSeconds * 1_000_000_000) + status.ModifiedNanoseconds, status.Inode);
        }

        return Marshal.GetLastPInvokeError() switch
        {
            NoEntry or NotADirectory => null,
            NotPermitted or NoAccess => throw new UnauthorizedAccessException($"Access to the path '{path}' is denied."),
            var error => throw new IOException($"{Marshal.GetPInvokeErrorMessage(error)}: '{path}'", error),
        };
    }

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, out StatxBuffer status);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string source, string target);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle handle);
}
