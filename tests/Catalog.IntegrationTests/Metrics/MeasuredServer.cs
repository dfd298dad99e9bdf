using System.Text.Json;
using Catalog.Features;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Metrics;
using Catalog.IntegrationTests.Online;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;
using Catalog.Sdk;

[assembly: AssemblyFixture(typeof(MeasuredServer))]

namespace Catalog.IntegrationTests.Metrics;

/// <summary>
/// A catalog in a process of its own, because meters are of a process; something of everything was done there that is measured: made,
/// pushed, and looked up by two doors.
/// </summary>
public sealed class MeasuredServer : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _server;
    private Api? _api;

    internal Uri Address => _server?.Address ?? throw new InvalidOperationException("Ask for the API first.");

    internal string Namespace { get; private set; } = "";

    internal string View => $"feature_view={Namespace}/last_landing@1";

    internal string Live => $"feature_service={Namespace}/live";

    /// <summary>What is measured there once that was done.</summary>
    internal async Task<Scraped> ScrapeAsync()
    {
        var api = await ApiAsync();
        return new((await api.GetAsync("/metrics")).Expect(200).Text);
    }

    /// <summary>With the admin key.</summary>
    internal async Task<Api> ApiAsync()
    {
        await Requires.PostgresAsync();
        await _starting.WaitAsync();
        try
        {
            return _api ??= await StartAsync();
        }
        finally
        {
            _starting.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        _api?.Dispose();
        _server?.Dispose();
        _folder.Dispose();
        _starting.Dispose();
        return default;
    }

    private async Task<Api> StartAsync()
    {
        var files = Directory.CreateDirectory(_folder["files"]).FullName;
        _server = await ServerProcess.StartAsync(_folder["data"], files);
        var api = await _server.ApiAsync();
        using var asked = Asked.At(_server.Address, api.Key ?? "");
        var trips = await Departures.RegisterAsync(_server.Address, api.Key ?? "", files);
        Namespace = trips.Latest.Namespace;
        await MakeAsync(asked, trips);
        await PushAsync(asked, trips);
        await LookUpAsync(asked);
        await Eventually.True(
            async () => new Scraped((await api.GetAsync("/metrics")).Text).Sum("catalog_serving_push_lag_seconds_count") == 3,
            "what was pushed is read from the log");
        return api;
    }

    /// <summary>Generations of two keys, a service over them, and a generation that cannot be made.</summary>
    private async Task MakeAsync(Asked asked, Departures trips)
    {
        await trips.Catalog.Features.ApplyAsync(
            [],
            [
                new FeatureServiceSpec(
                    new(Namespace, "live"), "team-flights", new FeatureServiceDefinition([new(trips.LatestNode)])
                    {
                        LatencyTarget = TimeSpan.FromSeconds(30),
                        Availability = 0.95,
                    }),
            ]);
        await asked.MaterializeAsync(
            new { node = trips.LatestNode.ToString(), asOf = new DateTimeOffset(Departures.Start.AddHours(100)) });
        var refused = await asked.PostAsync("v1/feature-generations", new { node = trips.LatestNode.ToString(), from = "99" });
        Assert.Equal(404, refused.Status);
    }

    /// <summary>Two keys in time, and one of them late.</summary>
    private static async Task PushAsync(Asked asked, Departures trips)
    {
        var now = TimeProvider.System.GetUtcNow();
        Assert.Equal(200, (await asked.PushAsync(trips, Row("ORD", now.AddMinutes(-1)), Row("NEW", now.AddMinutes(-1)))).Status);
        Assert.Equal(200, (await asked.PushAsync(trips, Row("ORD", now.AddMinutes(-9)))).Status);
    }

    private static object Row(string airport, DateTimeOffset at) => new
    {
        keys = new { airport },
        eventTime = at,
        features = new { delay = 1.5 },
    };

    /// <summary>Of each door, a service and features; of the keys, one is there, one too old, and one nowhere.</summary>
    private async Task LookUpAsync(Asked asked)
    {
        var keys = new Dictionary<string, string[]> { ["airport"] = ["NEW", "JFK", "ZZZ"] };
        await Eventually.True(
            async () => (await asked.PostAsync("v1/features/read", new { keys, service = $"{Namespace}/live" })).Status == 200,
            "the service is served");
        Assert.Equal(
            200,
            (await asked.PostAsync("get-online-features", new { feature_service = $"{Namespace}/live", entities = keys })).Status);
        Assert.Equal(
            200, (await asked.PostAsync("v1/features/read", new { keys, features = new[] { $"{Namespace}/last_landing:delay" } })).Status);
        var wrong = new Dictionary<string, JsonElement> { ["nothing"] = JsonSerializer.SerializeToElement(new[] { 1 }) };
        Assert.Equal(
            422, (await asked.PostAsync("get-online-features", new { feature_service = $"{Namespace}/live", entities = wrong })).Status);
    }
}
