using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Catalog.Server.Hosting;

/// <summary>The signals PostgreSQL understands: INT is a fast stop, QUIT an immediate one (the next start recovers).</summary>
internal enum Signal
{
    None = 0,
    Int = 2,
    Quit = 3,
    Kill = 9,
}

/// <summary>The few system calls the base library has no name for.</summary>
[UnsupportedOSPlatform("windows")]
internal static class Posix
{
    private const int AtFdCwd = -100;
    private const uint StatxUidGid = 0x18;
    private const int CanEnter = 1;

    /// <summary>True if the signal was delivered, or would be for <see cref="Signal.None"/>.</summary>
    public static bool Send(int processId, Signal signal) => kill(processId, (int)signal) == 0;

    public static void ChangeOwner(string path, SystemAccount account)
    {
        if (chown(path, account.UserId, account.GroupId) != 0)
            throw new IOException($"'{path}' cannot be given to the system user '{account.Name}': {LastError()}");
    }

    /// <summary>Whether this process may pass through (or list) a folder.</summary>
    public static bool MayEnter(string folder) => access(folder, CanEnter) == 0;

    /// <summary>The owner's user id, or null where the kernel or C library cannot tell (only Linux has statx).</summary>
    public static uint? OwnerOf(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            // struct statx has one layout on every architecture: stx_uid is at byte 20 of 256.
            var buffer = new byte[256];
            return statx(AtFdCwd, path, 0, StatxUidGid, buffer) == 0 ? BitConverter.ToUInt32(buffer, 20) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    public static SystemAccount? UserNamed(string name) => ReadAccount(getpwnam(name));

    public static SystemAccount? UserWithId(uint id) => ReadAccount(getpwuid(id));

    /// <summary>Opens a file without the advisory lock every <see cref="FileStream"/> of ours would take.</summary>
    public static FileStream? OpenUnlocked(string path)
    {
        var handle = open(path, 0);
        return handle < 0 ? null : new FileStream(new SafeFileHandle(handle, ownsHandle: true), FileAccess.Read);
    }

    /// <summary>Makes what was created in or renamed into this folder survive a power failure.</summary>
    public static void SyncFolder(string folder) => Sync(folder, "folder");

    /// <summary>Makes the bytes of a file that was written by others survive a power failure.</summary>
    public static void SyncFile(string file) => Sync(file, "file");

    private static void Sync(string path, string kind)
    {
        using var handle = new SafeFileHandle(open(path, 0), ownsHandle: true);
        if (handle.IsInvalid || fsync((int)handle.DangerousGetHandle()) != 0)
            throw new IOException($"The {kind} '{path}' cannot be synced: {LastError()}", Marshal.GetLastPInvokeError());
    }

    // struct passwd starts with two pointers, then the user and group ids, on Linux and macOS alike (64 bit).
    private static SystemAccount? ReadAccount(nint entry) => entry == 0
        ? null
        : new SystemAccount(
            Marshal.PtrToStringUTF8(Marshal.ReadIntPtr(entry)) ?? "",
            (uint)Marshal.ReadInt32(entry, 2 * nint.Size),
            (uint)Marshal.ReadInt32(entry, (2 * nint.Size) + 4));

    private static string LastError() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int processId, int signal);

    [DllImport("libc", SetLastError = true)]
    private static extern int chown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint user, uint group);

    [DllImport("libc", SetLastError = true)]
    private static extern int access([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int mode);

    [DllImport("libc", SetLastError = true)]
    private static extern int statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] buffer);

    [DllImport("libc", SetLastError = true)]
    private static extern nint getpwnam([MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    [DllImport("libc", SetLastError = true)]
    private static extern nint getpwuid(uint id);

    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int handle);
}
