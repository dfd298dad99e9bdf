using System.Collections.Concurrent;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Durability;

/// <summary><c>kill -9</c> of everything in the middle of work.</summary>
public sealed class KilledServerTests : IDisposable
{
    private const int Writers = 16;
    private const int Datasets = 4;
    private const int EnoughCommits = 25;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_acknowledged_commit_is_there_after_a_kill_and_no_number_twice()
    {
        Requires.Linux();
        await Requires.PostgresAsync();
        Directory.CreateDirectory(_folder["files"]);
        var acknowledged = new ConcurrentBag<(int Dataset, long Version, string? Hash)>();
        using (var server = await ServerProcess.StartAsync(_folder["data"], _folder["files"]))
        {
            using var api = await server.ApiAsync();
            for (var i = 0; i < Datasets; i++)
                (await api.PostAsync("/v1/datasets", new { @namespace = "kill", name = $"{i}", owner = "team" })).Expect(201);

            var writing = Enumerable.Range(0, Writers).Select(i => Task.Run(() => CommitUntilCutOffAsync(api, i, acknowledged))).ToList();
            await Eventually.True(() => acknowledged.Count >= EnoughCommits, "some commits are acknowledged");
            Posix.Kill(server.PostgresId);
            await server.KillAsync();
            await Task.WhenAll(writing);
        }

        using var again = await ServerProcess.StartAsync(_folder["data"], _folder["files"]);
        using var reader = await again.ApiAsync();
        for (var i = 0; i < Datasets; i++)
            await ShowsAsync(reader, i, [.. acknowledged.Where(a => a.Dataset == i).Select(a => (a.Version, a.Hash))]);

        var end = await Sql.ReadAsync<long>(again.ConnectionString, "SELECT max(seq_id) FROM catalog.mt_events");
        var pages = (await reader.GetAsync($"/v1/datasets?namespace=kill&atLeast={end}")).Expect(200);
        Assert.Equal(Datasets, pages.Items.Count);
        foreach (var page in pages.Items)
        {
            var versions = await reader.AllAsync($"/v1/datasets/kill/{page.GetProperty("name").GetString()}/versions", 100);
            Assert.Equal(versions.Count, page.GetProperty("latest").GetInt64());
        }

        await again.StopAsync();
    }

    /// <summary>Commits one file after the other until the connection breaks: the kill comes in the middle, whenever it comes.</summary>
    private async Task CommitUntilCutOffAsync(Api api, int writer, ConcurrentBag<(int Dataset, long Version, string? Hash)> acknowledged)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                var name = $"{writer}-{i}.txt";
                var uri = New.File(_folder["files"], name, $"content of {name}");
                var answer = await api.PostAsync($"/v1/datasets/kill/{writer % Datasets}/versions", new { files = new[] { new { uri } } });
                if (answer.Code == 201)
                    acknowledged.Add((writer % Datasets, answer.Version, answer["contentHash"].GetString()));
            }
            catch (HttpRequestException)
            {
                return; // Nobody answered: whether the commit was made is not known, and nothing was promised.
            }
        }
    }

    /// <summary>Each version once, densely numbered, with its files; and among them all that were acknowledged.</summary>
    private static async Task ShowsAsync(Api api, int dataset, IReadOnlyList<(long Version, string? Hash)> acknowledged)
    {
        var versions = await api.AllAsync($"/v1/datasets/kill/{dataset}/versions", 20);
        var hashes = versions.ToDictionary(v => v.GetProperty("number").GetInt64(), v => v.GetProperty("contentHash").GetString());
        Assert.Equal(Enumerable.Range(1, versions.Count).Select(n => (long)n), hashes.Keys.Order());
        Assert.All(acknowledged, a => Assert.Equal(a.Hash, hashes[a.Version]));
        foreach (var number in hashes.Keys)
            Assert.Single((await api.GetAsync($"/v1/datasets/kill/{dataset}/versions/{number}/files")).Expect(200).Items);
    }

    private static class Posix
    {
        public static void Kill(int process)
        {
            using var killed = System.Diagnostics.Process.GetProcessById(process);
            killed.Kill();
        }
    }
}
