using Catalog.Access;
using Catalog.Sdk;
using Catalog.Server;

namespace Catalog.Cli.Demo;

/// <summary>
/// Runs <c>catalog demo</c>: a server of its own inside this process, in a data folder of its own, and a <see cref="Story"/> told to it over HTTP
/// as any program would. Told again on the same folder, it finds what it did before and adds nothing.
/// </summary>
internal static class Demonstration
{
    public static readonly Uri AnyPort = new("http://127.0.0.1:0");

    public static async Task<int> RunAsync(DemoSettings settings, Call call, CancellationToken ct)
    {
        var began = call.Terminal.Time.GetTimestamp();
        var folder = Path.GetFullPath(settings.DataFolder ?? LocalCatalog.DefaultDataFolder + "-demo");
        var narrator = new Narrator(call);
        narrator.Chapter("A catalog of its own");
        narrator.Line($"Everything is kept in {folder}; delete that folder to be rid of it.");
        await using var server = await StartAsync(settings, folder, ct);
        narrator.Line($"The server answers at {server.Address}, with a PostgreSQL of its own behind it.");

        var (address, key) = LocalCatalog.Find(server.Address.ToString(), folder);
        await using var catalog = new CatalogClient(address, key, new CatalogClientOptions { Purpose = Purpose.Training });
        var told = await new Story(catalog, narrator).TellAsync(ct);
        var seconds = call.Terminal.Time.GetElapsedTime(began).TotalSeconds;
        if (call.Screen.IsJson)
            call.Screen.Json(DemoAnswer.Of(told, seconds));

        var next = new NextSteps(folder, address, told);
        narrator.Chapter("What to try next");
        next.Print(narrator, settings.Exit);
        narrator.Line("");
        narrator.Line($"Told in {seconds:0.0} seconds.");
        if (settings.Exit)
            return ExitCodes.Done;

        narrator.Line("The server keeps running until Ctrl-C.");
        await server.WaitForShutdownAsync(ct);
        return ExitCodes.Done;
    }

    private static Task<CatalogServer> StartAsync(DemoSettings settings, string folder, CancellationToken ct) => CatalogServer.StartAsync(
        new ServerOptions
        {
            DataFolder = folder,
            Url = (settings.Listen ?? AnyPort).ToString(),
            PostgresBin = settings.PostgresBinaries,
        },
        ct: ct);
}

/// <summary>What <c>demo</c> was told; null stands for the default.</summary>
internal sealed record DemoSettings
{
    public string? DataFolder { get; init; }

    public Uri? Listen { get; init; }

    public string? PostgresBinaries { get; init; }

    public bool Exit { get; init; }
}

/// <summary>What <c>catalog demo --json</c> answers: what the catalog holds once the story is told.</summary>
/// <param name="Auc">Of the champion, on days it was not trained on.</param>
/// <param name="Lineage">The nodes that the champion came from, nearest first.</param>
internal sealed record DemoAnswer(
    IReadOnlyList<NodeId> Datasets,
    IReadOnlyList<NodeId> Versions,
    IReadOnlyList<NodeId> Runs,
    IReadOnlyList<NodeId> Models,
    double Auc,
    IReadOnlyList<NodeId> Lineage,
    double Seconds)
{
    public static DemoAnswer Of(Told told, double seconds) => new(
        told.Holdings.Datasets,
        told.Holdings.Versions,
        told.Holdings.Runs,
        told.Holdings.Models,
        told.Second.Auc,
        [.. told.Lineage.Nodes.Select(n => n.Id)],
        Math.Round(seconds, 3));
}
