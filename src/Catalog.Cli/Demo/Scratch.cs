namespace Catalog.Cli.Demo;

/// <summary>A folder for files on their way to the catalog, gone when they are there.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("catalog-demo-").FullName;

    public string this[string name] => Path.Combine(_folder, name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
