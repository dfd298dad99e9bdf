using System.Net.Http.Headers;
using System.Net.Http.Json;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;

namespace Catalog.IntegrationTests.Online;

public sealed class OverloadTests
{
    [Fact]
    public async Task A_lookup_that_there_is_no_room_for_is_refused_at_once_and_told_when_to_come_back()
    {
        using var folder = new TemporaryFolder();
        var files = Directory.CreateDirectory(folder["files"]).FullName;
        await using var catalog = await FreshServer.StartAsync(o => o with { Roots = [files], LookupsInFlight = 0 });
        var trips = await Departures.RegisterAsync(catalog.Server, catalog.Api.Key ?? "", files);
        using var http = new HttpClient { BaseAddress = catalog.Server.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", catalog.Api.Key);

        // Until the view is known here, there is nothing to refuse.
        await Eventually.True(
            async () =>
            {
                using var answer = await http.PostAsJsonAsync(
                    "get-online-features",
                    new
                    {
                        features = new[] { $"{trips.Latest.Namespace}/last_landing:delay" },
                        entities = new Dictionary<string, string[]> { ["airport"] = ["ORD"] },
                    },
                    TestContext.Current.CancellationToken);
                return (int)answer.StatusCode == 503 && answer.Headers.RetryAfter?.Delta == TimeSpan.FromSeconds(1);
            },
            "refused");
    }
}
