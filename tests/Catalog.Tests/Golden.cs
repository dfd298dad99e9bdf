using System.Text;
using Xunit;

namespace Catalog.Tests;

/// <summary>Golden files: compared byte by byte. <c>UPDATE_GOLDEN=1</c> writes them anew, for a person to review.</summary>
internal static class Golden
{
    public static bool Updating => Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1";

    public static void Check(string path, string text)
    {
        if (Updating)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? "");
            File.WriteAllBytes(path, Encoding.UTF8.GetBytes(text));
            return;
        }

        Assert.True(File.Exists(path), $"'{Path.GetRelativePath(Repository.Root, path)}' is missing: UPDATE_GOLDEN=1 writes it.");
        Assert.Equal(Encoding.UTF8.GetString(File.ReadAllBytes(path)), text);
    }
}
