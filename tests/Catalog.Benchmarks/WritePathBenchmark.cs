using Catalog.Access;
using Catalog.Datasets;
using Catalog.Jobs;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Projections;
using Catalog.Server;
using Catalog.Storage.Objects;
using MediatR;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Benchmarks;

/// <summary>
/// The whole write path (request scope, validation, gate, files looked up, decision, group commit) beside a hand-written Npgsql transaction
/// that does the same reads and inserts on tables of the same shape, in the same PostgreSQL, round by round in turn.
/// </summary>
internal static class WritePathBenchmark
{
    private const int Rounds = 5;
    private static readonly int[] Writers = [1, 8, 32];

    public static async Task<int> RunAsync(string[] args)
    {
        var time = TimeSpan.FromSeconds(args is [var seconds] ? double.Parse(seconds) : 4);
        var folder = Directory.CreateTempSubdirectory("catalog-bench-");
        try
        {
            var options = new ServerOptions { DataFolder = folder.FullName, Url = "http://127.0.0.1:0" };
            await using var server = await CatalogServer.StartAsync(options);
            var database = server.Postgres?.ConnectionString
                ?? throw new InvalidOperationException("The benchmark runs on an embedded PostgreSQL.");
            var raw = await RawWriter.CreateAsync(database);

            // Asynchronous pages follow the log on one server of many; here, where the peer has none, they would be measured with the
            // writes.
            await server.Services.GetRequiredService<ProjectionLeader>().StopAsync(CancellationToken.None);
            Console.WriteLine(
                "| stored events | write | writers | catalog /s | p50 ms | p99 ms | raw /s | p50 ms | p99 ms | catalog / raw |");
            Console.WriteLine("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
            await WarmUpAsync(server.Services, raw);
            foreach (var stored in new[] { 10_000, 1_000_000 })
            {
                await raw.FillAsync(stored);
                foreach (var writers in Writers)
                {
                    var (events, commits) = (await RunEventsAsync(server.Services, writers), await CommitsAsync(server.Services, writers));
                    await CompareAsync(stored, "log metrics of a run", writers, time, events, raw.AppendRunEventAsync);
                    await CompareAsync(stored, "commit a version", writers, time, commits, raw.CommitVersionAsync);
                }
            }

            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>
    /// Until all of it is compiled for good: a server that has run for half a minute is what is measured, not its first seconds.
    /// </summary>
    private static async Task WarmUpAsync(IServiceProvider services, RawWriter raw)
    {
        var time = TimeSpan.FromSeconds(4);
        foreach (var writers in new[] { 1, 8 })
        {
            await Measure.RunAsync(writers, time, await RunEventsAsync(services, writers));
            await Measure.RunAsync(writers, time, await CommitsAsync(services, writers));
            await Measure.RunAsync(writers, time, raw.AppendRunEventAsync);
            await Measure.RunAsync(writers, time, raw.CommitVersionAsync);
        }
    }

    private static async Task CompareAsync(
        int stored, string what, int writers, TimeSpan time, Func<int, Task> catalog, Func<int, Task> raw)
    {
        await Measure.RunAsync(writers, TimeSpan.FromSeconds(1), catalog);
        await Measure.RunAsync(writers, TimeSpan.FromSeconds(1), raw);
        var (ours, theirs) = (new List<Load>(), new List<Load>());
        for (var round = 0; round < Rounds; round++)
        {
            ours.Add(await Measure.RunAsync(writers, time, catalog));
            theirs.Add(await Measure.RunAsync(writers, time, raw));
        }

        var (a, b) = (Measure.Median(ours), Measure.Median(theirs));
        Console.WriteLine(
            $"| {stored:N0} | {what} | {writers} | {a.PerSecond:N0} | {a.P50:N2} | {a.P99:N1} "
            + $"| {b.PerSecond:N0} | {b.P50:N2} | {b.P99:N1} | {a.PerSecond / b.PerSecond:N2} |");
    }

    private static async Task<Func<int, Task>> RunEventsAsync(IServiceProvider services, int writers)
    {
        var runs = new Guid[writers];
        for (var i = 0; i < writers; i++)
        {
            runs[i] = Guid.CreateVersion7();
            await SendAsync(services, new StartRun.Command(new StartRun.JobName("bench", $"job-{i}"), runs[i]));
        }

        return writer => SendAsync(
            services, new LogMetrics.Command(runs[writer], Guid.CreateVersion7(), [new("loss", 0.25, 1), new("auc", 0.75, 1)]));
    }

    private static async Task<Func<int, Task>> CommitsAsync(IServiceProvider services, int writers)
    {
        var objects = services.GetRequiredService<ContentStore>();
        var content = new string[2];
        for (var i = 0; i < content.Length; i++)
            content[i] = (await objects.StoreAsync(new MemoryStream([(byte)i]), sha256: null, CancellationToken.None)).Sha256;

        var names = new string[writers];
        var next = new int[writers];
        for (var i = 0; i < writers; i++)
        {
            names[i] = Guid.CreateVersion7().ToString("N");
            await SendAsync(services, new RegisterDataset.Command("bench", names[i], "bench"));
        }

        return writer =>
        {
            // Alternating content, so that each commit makes a version.
            var body = new CommitVersion.Body(Files: [new FileSource("part-0.bin", Uri: null, content[next[writer]++ % 2])]);
            return SendAsync(services, new CommitVersion.Command("bench", names[writer], body, Progress: null));
        };
    }

    private static async Task SendAsync<T>(IServiceProvider services, IRequest<Outcome<T>> request)
        where T : class
    {
        await using var scope = services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<Caller>().Become(Identity.Server);
        var outcome = await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request);
        if (!outcome.Succeeded)
            throw new InvalidOperationException(outcome.Problem.Detail);
    }
}
