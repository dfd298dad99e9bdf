using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Catalog.IntegrationTests.Serving;
using Catalog.IntegrationTests.TrainingSets;
using Catalog.Server;

namespace Catalog.IntegrationTests.Online;

/// <summary>Feature values as a client over HTTP gets them.</summary>
internal sealed class Asked(HttpClient http) : IDisposable
{
    public static Asked At(CatalogServer server, string key) => At(server.Address, key);

    public static Asked At(Uri server, string key)
    {
        var http = new HttpClient { BaseAddress = server };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return new(http);
    }

    public void Dispose() => http.Dispose();

    public async Task<JsonElement> MaterializeAsync(object body)
    {
        using var answer = await http.PostAsJsonAsync("v1/feature-generations", body, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    public async Task<(int Status, JsonElement Body)> PostAsync(string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public async Task<(int Status, JsonElement Body)> PushAsync(Departures trips, params object[] rows) => await PostAsync(
        $"v1/feature-views/{trips.Latest.Namespace}/{trips.Latest.Name}/versions/latest/push", new { rows });

    /// <summary>Values and statuses of one feature, by airport.</summary>
    public async Task<IReadOnlyList<(string Status, double? Value)>> DelaysAsync(
        Departures trips, string view, string feature, params string[] airports)
    {
        var (status, body) = await PostAsync(
            "get-online-features",
            new
            {
                features = new[] { $"{trips.Latest.Namespace}/{view}:{feature}" },
                entities = new Dictionary<string, string[]> { ["airport"] = airports },
            });
        Assert.True(status == 200, body.ToString());
        var found = body.GetProperty("results")[1];
        return
        [
            .. found.GetProperty("statuses").EnumerateArray().Zip(found.GetProperty("values").EnumerateArray())
                .Select(f => (f.First.GetString() ?? "", f.Second.ValueKind == JsonValueKind.Null ? null : (double?)f.Second.GetDouble())),
        ];
    }
}
