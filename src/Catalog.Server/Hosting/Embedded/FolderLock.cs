using System.Globalization;

namespace Catalog.Server.Hosting;

/// <summary>One server a data folder. The lock is the kernel's, so it ends with the process, however that ends; the file stays.</summary>
public sealed class FolderLock : IDisposable
{
    // EWOULDBLOCK on Linux and macOS, ERROR_SHARING_VIOLATION on Windows: what a held lock answers.
    private static readonly int Held = OperatingSystem.IsWindows() ? 32 : OperatingSystem.IsMacOS() ? 35 : 11;

    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Takes the folder for this process, or throws <see cref="HostingException"/> naming the process that has it.</summary>
    public static FolderLock Take(DataFolder data)
    {
        try
        {
            // On Unix only "none" is an exclusive lock; on Windows "read" lets the next one read who holds it.
            var share = OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None;
            var file = new FileStream(data.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, share);
            file.SetLength(0);
            file.Write(System.Text.Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return new FolderLock(file);
        }
        catch (IOException e) when ((e.HResult & 0xFFFF) == Held)
        {
            var holder = Holder(data) is { } id ? $"the server with process id {id}" : "another server";
            throw new HostingException(
                HostingException.DataInUse,
                $"The data folder '{data.Root}' is in use by {holder}: stop that one, or choose another folder with --data or "
                + "CATALOG_DATA.",
                e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw data.NotUsable(e);
        }
    }

    /// <summary>Who wrote its id last; whether it still runs is for the lock to say.</summary>
    public static int? Holder(DataFolder data)
    {
        try
        {
            using var file = OperatingSystem.IsWindows()
                ? new FileStream(data.LockFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)
                : Posix.OpenUnlocked(data.LockFile);
            if (file is null)
                return null;
            using var reader = new StreamReader(file);
            return int.TryParse(reader.ReadToEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal bool IsHeld => !_file.SafeFileHandle.IsClosed;

    public void Dispose() => _file.Dispose();
}
