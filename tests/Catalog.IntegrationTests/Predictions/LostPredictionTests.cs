using System.Collections.Concurrent;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Predictions;
using Catalog.Sdk;
using Catalog.Server;

namespace Catalog.IntegrationTests.Predictions;

/// <summary>What is acknowledged is there whatever happens; what is lost is told and counted.</summary>
public sealed class LostPredictionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_finds_no_room_is_told_and_counted()
    {
        await using var server = await FreshServer.StartAsync(o => o with
        {
            Predictions = new PredictionOptions { QueuedPredictions = 10, Look = TimeSpan.FromMilliseconds(50) },
        });
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var decisions = await Decisions.OfModelAsync(catalog);

        var receipt = await catalog.Models.LogPredictionsAsync(Decisions.Ids(11).Select(id => decisions.Of(id)));

        Assert.Equal(new PredictionReceipt(0, 11), receipt);
        Assert.Equal(10, (await catalog.Models.LogPredictionsAsync(Decisions.Ids(10).Select(id => decisions.Of(id)))).Accepted);
        var log = await catalog.Models.PredictionLogAsync(decisions.Model);
        Assert.Equal((11, 11, 10), (log.Lost, log.ThisServer.Lost, log.Waiting));
        const string Noted = "select coalesce(sum(lost), 0)::bigint from catalog.prediction_loss";
        await Eventually.True(async () => await Sql.ReadAsync<long>(server.Database, Noted) == 11, "the loss is noted for all servers");
        Assert.Equal(11, (await catalog.Models.PredictionLogAsync(decisions.Model)).Lost);
    }

    [Fact]
    public async Task What_has_waited_long_enough_is_sealed_and_no_garbage_and_forgotten_in_the_table()
    {
        await using var server = await FreshServer.StartAsync(o => o with
        {
            Predictions = new PredictionOptions
            {
                SealAfter = TimeSpan.Zero,
                Look = TimeSpan.FromMilliseconds(50),
                Remembered = TimeSpan.Zero,
                SealedTogether = 4,
            },
        });
        using var catalog = new CatalogClient(server.Server.Address, server.Api.Key ?? "");
        var decisions = await Decisions.OfModelAsync(catalog);
        var ids = Decisions.Ids(10);

        await catalog.Models.LogPredictionsAsync(ids.Select(id => decisions.Of(id)));

        await Eventually.True(
            async () => (await catalog.Models.PredictionLogAsync(decisions.Model)) is { Kept: 10, Waiting: 0 }, "it was sealed");
        Assert.True((await catalog.Models.PredictionLogAsync(decisions.Model)).Sealed?.VersionNumber >= 3);
        Assert.Equal(ids, (await decisions.SealedAsync()).Order(StringComparer.Ordinal));
        await Eventually.True(
            async () => await Sql.ReadAsync<long>(server.Database, "select count(*) from catalog.prediction") == 0, "it is forgotten");

        await catalog.Objects.CollectGarbageAsync(grace: TimeSpan.Zero);
        Assert.Equal(0, (await catalog.Objects.CollectGarbageAsync(grace: TimeSpan.Zero)).FreedObjects);
        foreach (var id in ids)
            Assert.Equal(id, (await catalog.Models.PredictionAsync(decisions.Model, id)).RequestId);
    }

    [Fact]
    public async Task While_PostgreSQL_is_down_predictions_wait_and_are_then_counted_as_lost()
    {
        await using var first = await FreshServer.StartAsync();
        await using var server = await CatalogServer.StartAsync(new ServerOptions
        {
            DataFolder = _folder["data"],
            Url = "http://127.0.0.1:0",
            Database = first.Database,
            Predictions = new PredictionOptions { Patience = TimeSpan.FromMilliseconds(500) },
        });
        using var catalog = new CatalogClient(server.Address, first.Api.Key ?? "");
        var decisions = await Decisions.OfModelAsync(catalog);
        Assert.Equal(2, (await catalog.Models.LogPredictionsAsync(Decisions.Ids(2).Select(id => decisions.Of(id)))).Accepted);

        await first.DisposeAsync();

        var receipt = await catalog.Models.LogPredictionsAsync(Decisions.Ids(3).Select(id => decisions.Of(id)));
        Assert.Equal(new PredictionReceipt(0, 3), receipt);
    }

    [Fact]
    public async Task Every_acknowledged_prediction_is_there_after_a_kill()
    {
        Requires.Linux();
        await Requires.PostgresAsync();
        Directory.CreateDirectory(_folder["files"]);
        var acknowledged = new ConcurrentBag<string>();
        Decisions decisions;
        using (var server = await ServerProcess.StartAsync(_folder["data"], _folder["files"]))
        {
            using var api = await server.ApiAsync();
            using var catalog = new CatalogClient(server.Address, api.Key ?? "");
            decisions = await Decisions.OfModelAsync(catalog);
            var writing = Enumerable.Range(0, 4).Select(i => Task.Run(() => LogUntilCutOffAsync(decisions, acknowledged))).ToList();
            await Eventually.True(() => acknowledged.Count >= 200, "some are acknowledged");
            await server.KillAsync();
            await Task.WhenAll(writing);
        }

        using var again = await ServerProcess.StartAsync(_folder["data"], _folder["files"]);
        using var admin = await again.ApiAsync();
        using var reading = new CatalogClient(again.Address, admin.Key ?? "");
        decisions = new Decisions(reading, decisions.Model);
        await reading.Models.SealPredictionsAsync(decisions.Model);
        var kept = await decisions.SealedAsync();
        Assert.Equal(kept.Count, kept.Distinct(StringComparer.Ordinal).Count());
        Assert.Subset(kept.ToHashSet(StringComparer.Ordinal), acknowledged.ToHashSet(StringComparer.Ordinal));
        await again.StopAsync();
    }

    private static async Task LogUntilCutOffAsync(Decisions decisions, ConcurrentBag<string> acknowledged)
    {
        while (true)
        {
            var ids = Decisions.Ids(5);
            try
            {
                Assert.Equal(5, (await decisions.Catalog.Models.LogPredictionsAsync(ids.Select(id => decisions.Of(id)))).Accepted);
            }
            catch (CatalogException)
            {
                return; // Nobody answered: whether they are kept is not known, and nothing was promised.
            }

            foreach (var id in ids)
                acknowledged.Add(id);
        }
    }
}
