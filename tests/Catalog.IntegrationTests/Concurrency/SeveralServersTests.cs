using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Catalog.IntegrationTests.Concurrency;

/// <summary>Two server processes on one database.</summary>
public sealed class SeveralServersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task They_start_together_on_an_empty_database_and_share_one_dataset()
    {
        await Requires.PostgresAsync();
        await using var postgres = await PostgresAsync();
        var starting = new[] { StartAsync("a", postgres), StartAsync("b", postgres) };
        using var first = await starting[0];
        using var second = await starting[1];
        var key = File.Exists(_folder["a/keys/admin.key"]) ? await KeyFile.ReadAsync(_folder["a"]) : await KeyFile.ReadAsync(_folder["b"]);
        using var one = new Api(first.Address, key);
        using var two = new Api(second.Address, key);
        var dataset = await New.DatasetAsync(one);

        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(() =>
            (i % 2 == 0 ? one : two).PostAsync(
                dataset.Versions, new { files = new[] { new { uri = New.File(_folder["files"], $"{i}.txt", $"content {i}") } } }))));

        Assert.All(answers, a => a.Expect(201));
        Assert.Equal(Enumerable.Range(1, 24).Select(n => (long)n), answers.Select(a => a.Version).Order());
    }

    [Fact]
    public async Task When_the_leader_is_killed_the_other_goes_on_with_the_pages_and_nothing_is_lost_or_doubled()
    {
        await Requires.PostgresAsync();
        await using var postgres = await PostgresAsync();
        using var leader = await StartAsync("a", postgres);
        var key = await KeyFile.ReadAsync(_folder["a"]);
        using var one = new Api(leader.Address, key);
        var last = (await one.PostAsync("/v1/datasets", new { @namespace = "failover", name = "0", owner = "team" })).Expect(201);
        (await one.GetAsync($"/v1/datasets?namespace=failover&atLeast={last.Position}")).Expect(200);
        using var follower = await StartAsync("b", postgres);
        using var two = new Api(follower.Address, key);

        await leader.KillAsync();
        var killed = TimeProvider.System.GetTimestamp();
        for (var i = 1; i <= 50; i++)
            last = (await two.PostAsync("/v1/datasets", new { @namespace = "failover", name = $"{i}", owner = "team" })).Expect(201);
        var listed = (await two.GetAsync($"/v1/datasets?namespace=failover&limit=1000&atLeast={last.Position}")).Expect(200);

        TestContext.Current.SendDiagnosticMessage($"Pages go on {TimeProvider.System.GetElapsedTime(killed)} after the kill.");
        Assert.Equal(51, listed.Items.Count);
        Assert.Equal(51, await Sql.ReadAsync<long>(
            postgres.ConnectionString, "SELECT count(*) FROM catalog.mt_events WHERE stream_id LIKE 'dataset:failover/%'"));
        Assert.All(listed.Items, d => Assert.Equal(1, d.GetProperty("streamVersion").GetInt64()));
    }

    private Task<ServerProcess> StartAsync(string name, EmbeddedPostgres postgres)
    {
        Directory.CreateDirectory(_folder["files"]);
        return ServerProcess.StartAsync(_folder[name], _folder["files"], postgres.ConnectionString);
    }

    private Task<EmbeddedPostgres> PostgresAsync() =>
        EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = _folder["database"] }, NullLogger.Instance, TestContext.Current.CancellationToken);
}
