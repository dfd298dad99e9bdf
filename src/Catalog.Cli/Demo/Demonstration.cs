using Catalog.Access;
using Catalog.Cli.Commands;
using Catalog.Sdk;
using Catalog.Server;
using Microsoft.Extensions.Logging;

namespace Catalog.Cli.Demo;

/// <summary>
/// Runs <c>catalog demo</c>: a server of its own inside this process, in a data folder of its own, and a <see cref="Story"/> told to it
/// over HTTP as any program would. Told again on the same folder, it finds what it did before and adds nothing.
/// </summary>
internal static class Demonstration
{
    /// <param name="options">Of the server; without a data folder it gets one beside the default one.</param>
    /// <param name="exit">End when the story is told.</param>
    public static async Task RunAsync(ServerOptions options, bool exit, Call call, CancellationToken ct)
    {
        var began = call.Terminal.Time.GetTimestamp();
        var folder = Path.GetFullPath(options.DataFolder ?? DemoFolder.Beside(LocalCatalog.DefaultDataFolder));
        var narrator = new Narrator(call);
        narrator.Chapter("A catalog of its own");
        narrator.Line($"Everything is kept in {folder}; delete that folder to be rid of it.");
        await using var server = await CatalogServer.StartAsync(
            options with { DataFolder = folder }, logging => ServerLog.ToStandardError(logging, LogLevel.Warning), ct);
        DemoFolder.Mark(folder);
        narrator.Line($"The server answers at {server.Address}, with a PostgreSQL of its own behind it.");

        var (address, key) = LocalCatalog.Find(server.Address.ToString(), folder);
        await using var catalog = new CatalogClient(address, key, new CatalogClientOptions { Purpose = Purpose.Training });
        using var foreign = new HttpClient { BaseAddress = address, DefaultRequestHeaders = { Authorization = new("Bearer", key) } };
        var told = await new Story(catalog, new OpenLineageReport(foreign), call.Terminal.Time, narrator).TellAsync(ct);
        var seconds = call.Terminal.Time.GetElapsedTime(began).TotalSeconds;
        if (call.Screen.IsJson)
            call.Screen.Json(DemoAnswer.Of(told, seconds));

        narrator.Chapter("What to try next");
        new NextSteps(folder, address, told.Second.Run.Id).Print(narrator, exit);
        narrator.Line("");
        narrator.Line($"Told in {seconds:0.0} seconds.");
        if (exit)
            return;

        narrator.Line("The server keeps running until Ctrl-C.");
        await server.WaitForShutdownAsync(ct);
    }
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
