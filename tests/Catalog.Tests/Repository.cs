namespace Catalog.Tests;

/// <summary>The working tree that the tests were built from: some rules are about files.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string File(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>The C# files under a folder of the root, as paths relative to the root.</summary>
    public static IReadOnlyList<string> Sources(string folder) =>
    [
        .. Directory.EnumerateFiles(File(folder), "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal),
    ];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "Catalog.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No Catalog.sln in {AppContext.BaseDirectory} or above it.");
    }
}
