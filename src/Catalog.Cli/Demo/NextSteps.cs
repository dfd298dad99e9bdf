using Catalog.Sdk;

namespace Catalog.Cli.Demo;

/// <summary>Commands to go on with, written so that they work where the demo was started.</summary>
internal sealed class NextSteps(string folder, Uri address, Guid run)
{
    private const string Project = "src/Catalog.Cli";

    public void Print(Narrator narrator, bool ended)
    {
        if (ended)
        {
            narrator.Line("Start the server again, with all that is in it:");
            narrator.Line($"  {Command} serve --data {ThisProgram.Quoted(folder)}");
            narrator.Line("Then, in another terminal:");
        }
        else
        {
            narrator.Line($"Read the HTTP interface at {new Uri(address, "docs")}, or in another terminal:");
        }

        narrator.Line($"  {(OperatingSystem.IsWindows() ? "set" : "export")} {LocalCatalog.DataVariable}={ThisProgram.Quoted(folder)}");
        foreach (var line in Commands(run))
            narrator.Line($"  {Command} {line}");
    }

    /// <param name="run">The one that trained the champion.</param>
    internal static IReadOnlyList<string> Commands(Guid run) =>
    [
        "dataset show demo/flights",
        "dataset show demo/flights@3",
        "lineage down dataset:demo/flights@1",
        "lineage path dataset:demo/flights@3 deployment:demo/flight-delay",
        "lineage up dataset:reports/flight-delays",
        $"run show {run}",
        $"run metrics {run} --key auc",
        "model show demo/flight-delay@champion",
        "feature show demo/origin_delays",
        "trainingset show demo/flight-delay-rows@2",
        "trainingset explain demo/flight-delay-rows@2 --part test --row 0",
        "trainingset verify demo/flight-delay-rows@2",
    ];

    /// <summary>An installed tool is called by its name; in a clone the project is run; else this very program.</summary>
    private static string Command => Path.GetFileNameWithoutExtension(Environment.ProcessPath) switch
    {
        "catalog" => "catalog",
        _ when File.Exists(Path.Combine(Project, "Catalog.Cli.csproj")) => $"dotnet run --project {Project} --",
        _ => ThisProgram.InShell,
    };
}
