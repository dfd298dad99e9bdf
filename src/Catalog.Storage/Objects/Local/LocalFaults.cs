namespace Catalog.Storage.Objects.Local;

/// <summary>Turns what the file system throws into <see cref="ObjectStoreException"/>.</summary>
internal static class LocalFaults
{
    // errno values, which .NET keeps in HResult on Unix; 112 is ERROR_DISK_FULL and 19 ERROR_WRITE_PROTECT of Windows.
    private const int NotADirectory = 20;
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int NameTooLong = 36;
    private const int MacQuota = 69;
    private const int LinuxQuota = 122;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsWriteProtected = unchecked((int)0x80070013);

    public static void Guard(string key, Action action) => Guard(key, () =>
    {
        action();
        return true;
    });

    public static T Guard<T>(string key, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Translate(key, e);
        }
    }

    public static ObjectStoreException Translate(string key, Exception fault) => (fault, fault.InnerException ?? fault) switch
    {
        (FileNotFoundException or DirectoryNotFoundException, _) => ObjectStoreException.NotFound(key),
        (PathTooLongException, _) or (_, { HResult: NameTooLong }) =>
            ObjectStoreException.InvalidKey(key, "is too long for the file system"),
        (_, { HResult: NotADirectory }) => ObjectStoreException.InvalidKey(key, "lies beneath another object"),
        (_, { HResult: NoSpace or LinuxQuota or MacQuota or WindowsDiskFull }) =>
            new(ObjectStoreError.OutOfSpace, "The object store has no space left.", fault),
        (_, { HResult: ReadOnlyFileSystem or WindowsWriteProtected }) =>
            new(ObjectStoreError.ReadOnly, "The object store can be read only.", fault),
        (UnauthorizedAccessException, _) => new(ObjectStoreError.Denied, $"This process may not do that to '{key}'.", fault),
        _ => new(ObjectStoreError.Unavailable, $"The object store failed at '{key}': {fault.Message}", fault),
    };
}
