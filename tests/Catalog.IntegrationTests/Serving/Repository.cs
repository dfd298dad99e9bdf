namespace Catalog.IntegrationTests.Serving;

/// <summary>Files of the repository that tests compare with.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>Compares byte by byte; <c>UPDATE_GOLDEN=1</c> writes the file instead.</summary>
    public static async Task MatchesGoldenAsync(string path, byte[] actual)
    {
        var golden = Path.Combine(Root, path);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(golden) ?? Root);
            await File.WriteAllBytesAsync(golden, actual);
            return;
        }

        Assert.True(File.Exists(golden), $"{path} is missing: make it with UPDATE_GOLDEN=1 and review it.");
        Assert.True(
            (await File.ReadAllBytesAsync(golden)).AsSpan().SequenceEqual(actual),
            $"{path} differs from what the server answers. If the change is meant, run this test with UPDATE_GOLDEN=1 and review the "
            + "difference.");
    }

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Catalog.sln")) ? folder
        : Path.GetDirectoryName(folder) is { } parent ? Find(parent)
        : throw new DirectoryNotFoundException("The tests do not run inside the repository.");
}
