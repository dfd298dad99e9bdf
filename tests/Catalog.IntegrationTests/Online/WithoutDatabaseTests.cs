using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;
using Catalog.Server;

namespace Catalog.IntegrationTests.Online;

/// <summary>A server whose PostgreSQL, run by another, goes away.</summary>
public sealed class WithoutDatabaseTests
{
    [Fact]
    public async Task Lookups_go_on_with_every_key_while_PostgreSQL_is_down()
    {
        using var folder = new TemporaryFolder();
        var files = Directory.CreateDirectory(folder["files"]).FullName;
        await using var first = await FreshServer.StartAsync();
        var issued = (await first.Api.PostAsync("/v1/keys", new { name = "never shown", role = "reader", principal = "somebody" }))
            .Expect(201)["key"].GetString() ?? "";
        await using var server = await CatalogServer.StartAsync(new ServerOptions
        {
            DataFolder = folder["data"],
            Url = "http://127.0.0.1:0",
            Roots = [files],
            Database = first.Database,
        });
        var trips = await Departures.RegisterAsync(server, first.Api.Key ?? "", files);
        using var asked = Asked.At(server, first.Api.Key ?? "");
        using var stranger = Asked.At(server, issued);
        await asked.MaterializeAsync(new { node = $"feature-view:{trips.Latest.Namespace}/last_landing" });
        await Eventually.True(async () => (await StatusAsync(asked, trips)) == "OUTSIDE_MAX_AGE", "served");

        await first.DisposeAsync();

        for (var i = 0; i < 20; i++)
            Assert.Equal("OUTSIDE_MAX_AGE", await StatusAsync(asked, trips));
        Assert.Equal("OUTSIDE_MAX_AGE", await StatusAsync(stranger, trips));
        using var http = new HttpClient { BaseAddress = server.Address };
        Assert.StartsWith("ready", await http.GetStringAsync("readyz/serving", TestContext.Current.CancellationToken));
        using var whole = await http.GetAsync("readyz", TestContext.Current.CancellationToken);
        Assert.Equal(503, (int)whole.StatusCode);
    }

    private static async Task<string> StatusAsync(Asked asked, Departures trips) =>
        (await asked.DelaysAsync(trips, "last_landing", "delay", "ORD"))[0].Status;
}
