using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Server;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>A start goes on from the saved graph, and never believes one that it should not.</summary>
public sealed class SnapshotTests : IDisposable
{
    private const int GoesOn = 4005;
    private const int NotUsed = 4004;
    private const string Question = "/v1/lineage?node=job%3Aown%2Fjob&direction=both&granularity=version&limit=10000";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_start_goes_on_from_the_saved_graph_and_takes_in_what_came_since()
    {
        await Requires.PostgresAsync();
        var before = await RunAsync(new LogLines(), async api =>
        {
            await SendAsync(api, 0, 1_500);
            return await AskAsync(api);
        });

        var log = new LogLines();
        var after = await RunAsync(log, async api =>
        {
            var same = await AskAsync(api);
            await SendAsync(api, 1_500, 10);
            Assert.Equal(1_512, Count(await AskAsync(api), "nodes")); // runs, the job, the dataset's first version
            return same;
        });

        Assert.Equal(before, after);
        Assert.Equal(1, log.Count(GoesOn));
        Assert.Empty(log.Complaints);
    }

    [Fact]
    public async Task A_saved_graph_that_is_damaged_or_of_another_catalog_is_passed_over()
    {
        await Requires.PostgresAsync();
        var file = _folder["data/lineage/graph.snapshot"];
        var before = await RunAsync(new LogLines(), async api =>
        {
            await SendAsync(api, 0, 1_500);
            return await AskAsync(api);
        });

        var whole = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        byte[][] damaged = [Flipped(whole, at: whole.Length - 1), Flipped(whole, at: 60), whole[..500], []];
        foreach (var bytes in damaged)
        {
            await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
            var log = new LogLines();
            Assert.Equal(before, await RunAsync(log, AskAsync));
            Assert.Equal((0, 1), (log.Count(GoesOn), log.Count(NotUsed)));
        }

        await File.WriteAllBytesAsync(file, whole, TestContext.Current.CancellationToken);
        Directory.Move(_folder["data/lineage"], _folder["lineage"]);
        Directory.Move(_folder["data"], _folder["first"]);
        Directory.CreateDirectory(_folder["data"]);
        Directory.Move(_folder["lineage"], _folder["data/lineage"]);
        var other = new LogLines();
        var fresh = await RunAsync(other, async api =>
        {
            await SendAsync(api, 0, 1);
            return await AskAsync(api);
        });
        Assert.Equal(3, Count(fresh, "nodes"));
        Assert.Equal((0, 1), (other.Count(GoesOn), other.Count(NotUsed)));
    }

    private async Task<T> RunAsync<T>(LogLines log, Func<Api, Task<T>> use)
    {
        await using var server = await CatalogServer.StartAsync(
            new ServerOptions { DataFolder = _folder["data"], Url = "http://127.0.0.1:0" },
            log.AddTo,
            TestContext.Current.CancellationToken);
        using var api = new Api(server.Address, await KeyFile.ReadAsync(_folder["data"]));
        return await use(api);
    }

    private static async Task SendAsync(Api api, int first, int count)
    {
        const string Inputs = """, "inputs":[{"namespace":"own","name":"table"}]}""";
        var events = Enumerable.Range(first, count).Select(i => Sent.Event($"run-{i}").TrimEnd()[..^1] + Inputs);
        var answer = (await api.SendAsync(Sent.Batch, $"[{string.Join(',', events)}]")).Expect(204);
        (await api.GetAsync($"{Question}&atLeast={answer.Headers.GetValues("Catalog-Position").Single()}")).Expect(200);
    }

    private static byte[] Flipped(byte[] bytes, int at) => [.. bytes[..at], (byte)(bytes[at] ^ 1), .. bytes[(at + 1)..]];

    private static async Task<string> AskAsync(Api api) => (await api.GetAsync(Question)).Expect(200).Text;

    private static int Count(string answer, string list) =>
        System.Text.Json.JsonDocument.Parse(answer).RootElement.GetProperty(list).GetArrayLength();
}
