namespace Catalog.Cli.Demo;

/// <summary>The data folder of the demo: never that of a catalog in use, and the same one whenever the demo is started.</summary>
internal static class DemoFolder
{
    private const string Ending = "-demo";
    private const string MarkName = "made-by-demo.txt";

    /// <summary>The demo's folder beside a catalog's; or that folder itself, where it is a demo's already.</summary>
    public static string Beside(string folder)
    {
        var plain = Path.TrimEndingDirectorySeparator(folder);
        return plain.EndsWith(Ending, StringComparison.Ordinal) || File.Exists(Path.Combine(plain, MarkName)) ? plain : plain + Ending;
    }

    /// <summary>Leaves word that a demo was told here.</summary>
    public static void Mark(string folder) =>
        File.WriteAllText(Path.Combine(folder, MarkName), "This folder was made by 'catalog demo' and may be deleted.\n");
}
