using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace Catalog.IntegrationTests.Changes;

/// <summary>Reads changes as any client of server-sent events would: with .NET's own parser, and <c>Last-Event-ID</c>.</summary>
internal sealed class EventReader(Uri address, string? key) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>What the parser remembers for the next time.</summary>
    public string LastId { get; private set; } = "";

    public void Dispose() => _http.Dispose();

    /// <summary>The events of one connection, as they come, until it ends.</summary>
    public async IAsyncEnumerable<(string Name, JsonElement Data)> ReadAsync(
        string query, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/v1/changes" + query));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (LastId.Length > 0)
            request.Headers.Add("Last-Event-ID", LastId);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        Assert.Equal("text/event-stream", response.EnsureSuccessStatusCode().Content.Headers.ContentType?.MediaType);
        var parser = SseParser.Create(
            await response.Content.ReadAsStreamAsync(ct), (name, data) => (name, JsonSerializer.Deserialize<JsonElement>(data)));
        await foreach (var item in parser.EnumerateAsync(ct))
        {
            LastId = parser.LastEventId;
            yield return item.Data;
        }

        LastId = parser.LastEventId;
    }
}
