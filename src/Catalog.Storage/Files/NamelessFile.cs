namespace Catalog.Storage.Files;

/// <summary>Files without names, for what has to wait on a disk: they end with this process, however that ends.</summary>
public static class NamelessFile
{
    /// <summary>An empty file, to be written and read, without a buffer of its own. Where names cannot be taken away it has one.</summary>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="stem">What its name begins with while it has one.</param>
    /// <exception cref="IOException">The folder cannot be made or written.</exception>
    public static FileStream Open(string folder, string stem)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{stem}-{Guid.CreateVersion7():N}");
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = 0,
            Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose,
        });
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return file;
    }
}
