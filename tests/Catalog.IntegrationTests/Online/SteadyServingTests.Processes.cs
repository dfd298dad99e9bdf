using System.Diagnostics;
using System.Globalization;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Catalog.IntegrationTests.Online;

/// <summary>The same with servers that are processes of their own and have little memory, and a PostgreSQL that does not answer.</summary>
public sealed partial class SteadyServingTests
{
    private const long LittleMemory = 256 << 20;
    private static readonly TimeSpan s_stopped = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Little_memory_a_stopped_PostgreSQL_a_dead_Redis_and_a_killed_materialisation_make_no_answer_wrong()
    {
        await Requires.PostgresAsync();
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["files"]);
        await using var redis = await RedisServer.StartAsync();
        await using var postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = folder["database"] }, NullLogger.Instance, TestContext.Current.CancellationToken);
        Func<string, Task<ServerProcess>> start = name => StartAsync(folder, name, postgres, redis);
        using var first = await start("a");
        using var second = await start("b");
        var key = await KeyFile.ReadAsync(folder["a"]);
        using var one = Asked.At(first.Address, key);
        using var two = Asked.At(second.Address, key);
        var trips = await Departures.RegisterAsync(first.Address, key, folder["files"]);
        var activations = await MakeAsync(one, trips);
        foreach (var asked in (Asked[])[one, two])
            await Eventually.True(async () => (await PostAsync(asked, trips)).ToString().Contains("\"PRESENT\"", Plain), "served");

        using var over = new CancellationTokenSource();
        var asking = ((Asked[])[one, two, one, two]).Select(asked => AskAsync(asked, trips, over.Token)).ToList();
        await ChangeAsync([one, two], trips, activations, async flip =>
        {
            if (flip == Flips / 5)
                await redis.KillAsync();
            else if (flip == Flips * 2 / 5)
                await StopAsync(postgres.ProcessId);
            else if (flip == Flips * 3 / 5)
                await redis.StartAgainAsync();
            else if (flip == Flips * 4 / 5)
                await KillMaterialisationAsync(start, folder, key, trips);
        });
        await over.CancelAsync();

        Assert.All(await Task.WhenAll(asking), generations => Assert.Equal([0, 1], generations.Order()));
        await IsVerifiedAsync(one, trips);
    }

    /// <summary>A server of its own process; all of them share one folder of objects.</summary>
    private static async Task<ServerProcess> StartAsync(TemporaryFolder folder, string name, EmbeddedPostgres postgres, RedisServer redis)
    {
        var objects = Directory.CreateDirectory(folder["objects"]).FullName;
        Directory.CreateDirectory(folder[name]);
        Directory.CreateSymbolicLink(Path.Combine(folder[name], "objects"), objects);
        return await ServerProcess.StartAsync(
            folder[name], folder["files"], postgres.ConnectionString, redis: redis.Address, heapBytes: LittleMemory);
    }

    /// <summary>What it would make is of another hour, and would show. It has begun when the first file is there.</summary>
    private static async Task KillMaterialisationAsync(
        Func<string, Task<ServerProcess>> start, TemporaryFolder folder, string key, Departures trips)
    {
        using var third = await start("c");
        using var asked = Asked.At(third.Address, key);
        var node = $"feature-service:{trips.Latest.Namespace}/both";
        var making = asked.MaterializeAsync(new { node, full = true, asOf = new DateTimeOffset(Departures.Start.AddHours(15)) });
        var hot = Path.Combine(folder["c"], "hot");
        await Eventually.True(
            () => making.IsCompleted || (Directory.Exists(hot) && Directory.EnumerateFiles(hot, "*.part").Any()), "it began");
        await third.KillAsync();
        Assert.NotNull(await Record.ExceptionAsync(() => making));
    }

    /// <summary>Goes to and fro by activating, taking back, and making anew, at one server and the other.</summary>
    private static async Task ChangeAsync(
        Asked[] servers, Departures trips, IReadOnlyList<Guid[]> activations, Func<int, Task> before)
    {
        for (var flip = 0; flip < Flips; flip++)
        {
            await before(flip);
            var asked = servers[flip / 2 % 2];
            await Eventually.True(async () => await ChangeAsync(asked, trips, activations, flip) is 200 or 201, $"flip {flip}");
        }
    }

    private static async Task<int> ChangeAsync(Asked asked, Departures trips, IReadOnlyList<Guid[]> activations, int flip)
    {
        var node = $"feature-service:{trips.Latest.Namespace}/both";
        var asOf = new DateTimeOffset(Departures.Start.AddHours(flip % 20 == 7 ? 11 : 22));
        var (status, _) = (flip % 10) switch
        {
            3 => await asked.PostAsync("v1/feature-generations/rollback", new { node }),
            7 => await asked.PostAsync("v1/feature-generations", new { node, full = true, asOf }),
            _ => await asked.PostAsync("v1/feature-generations/activate", new { generations = activations[flip % 2] }),
        };
        return status;
    }

    /// <summary>Every process of a PostgreSQL is held for a minute: it answers nothing, and its connections stay open.</summary>
    private static async Task StopAsync(int postmaster)
    {
        var watch = Stopwatch.StartNew();
        int[] all = [postmaster, .. ChildrenOf(postmaster)];
        await SignalAsync("-STOP", all);
        try
        {
            await Eventually.True(() => watch.Elapsed > s_stopped, "a minute", s_stopped * 2);
        }
        finally
        {
            await SignalAsync("-CONT", all);
        }
    }

    private static IEnumerable<int> ChildrenOf(int parent)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var id) || !File.Exists(Path.Combine(folder, "stat")))
                continue;

            // pid (name) state parent …: a name may hold blanks and brackets.
            var status = File.ReadAllText(Path.Combine(folder, "stat"));
            if (status[(status.LastIndexOf(')') + 2)..].Split(' ')[1] == parent.ToString(CultureInfo.InvariantCulture))
                yield return id;
        }
    }

    private static async Task SignalAsync(string signal, int[] processes)
    {
        using var kill = Process.Start("kill", [signal, .. processes.Select(p => p.ToString(CultureInfo.InvariantCulture))]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What serves in the end is, value by value, what the join of training sets gives.</summary>
    private static async Task IsVerifiedAsync(Asked asked, Departures trips)
    {
        await foreach (var generation in trips.Catalog.Features.Generations.ListAsync(new(trips.Latest.Namespace, "left")))
        {
            if (!generation.Active)
                continue;
            var (status, body) = await asked.PostAsync($"v1/feature-generations/{generation.Node.Name}/verify", new { });
            Assert.True(status == 200 && body.GetProperty("verified").GetBoolean(), body.ToString());
        }
    }
}
