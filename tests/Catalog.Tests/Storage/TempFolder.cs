namespace Catalog.Tests.Storage;

/// <summary>A folder of a test's own, named by its real path, gone afterwards.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder() => Path = Directory.CreateTempSubdirectory("catalog-test-").FullName;

    private TempFolder(string path) => Path = path;

    /// <summary>In memory where the system has such a place: for tests that make a great many files.</summary>
    public static TempFolder InMemory() => Directory.Exists("/dev/shm")
        ? new(Directory.CreateDirectory($"/dev/shm/catalog-test-{Guid.CreateVersion7():N}").FullName)
        : new();

    public string Path { get; }

    public string Join(string name) => System.IO.Path.Join(Path, name);

    public string Write(string name, string text)
    {
        var path = Join(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path) ?? Path);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
