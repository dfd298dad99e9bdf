using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Catalog.IntegrationTests.Serving;

/// <summary>
/// A raw HTTP client of one server with one key: what it sends is on the wire as written, and what it reads is not interpreted.
/// </summary>
internal sealed class Api : IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _address;

    public Api(Uri address, string? key)
    {
        _address = address;
        Key = key;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            Timeout = TimeSpan.FromMinutes(2),
        };
        if (key is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public string? Key { get; }

    public void Dispose() => _http.Dispose();

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(Request(HttpMethod.Get, path, body: null, headers));

    public Task<Answer> PostAsync(string path, object? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(Request(HttpMethod.Post, path, Content(body), headers));

    public Task<Answer> PutAsync(string path, object? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(Request(HttpMethod.Put, path, Content(body), headers));

    public Task<Answer> DeleteAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(Request(HttpMethod.Delete, path, body: null, headers));

    public Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? body) => SendAsync(Request(method, path, body));

    public Task<Answer> UploadAsync(byte[] bytes, string query = "") =>
        SendAsync(Request(HttpMethod.Post, "/v1/objects" + query, new ByteArrayContent(bytes)));

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseContentRead);
            return new Answer(
                response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsByteArrayAsync());
        }
    }

    /// <summary>Follows a list's cursor to its end.</summary>
    public async Task<List<JsonElement>> AllAsync(string path, int limit)
    {
        var items = new List<JsonElement>();
        var first = $"{path}{(path.Contains('?') ? '&' : '?')}limit={limit}";
        for (var page = first; ;)
        {
            var answer = (await GetAsync(page)).Expect(200);
            Assert.InRange(answer.Items.Count, 0, limit);
            items.AddRange(answer.Items);
            if (answer.Next is not { } next)
                return items;
            page = $"{first}&after={Uri.EscapeDataString(next)}";
        }
    }

    /// <summary>A path with each name in it percent-encoded: <c>Api.Path($"/v1/datasets/{ns}/{name}")</c>.</summary>
    public static string Path(PathText path) => path.ToString();

    // .NET would undo "%2E%2E" and send another path than the one written.
    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? body, params (string Name, string Value)[] headers)
    {
        var uri = new Uri(
            _address.GetLeftPart(UriPartial.Authority) + path,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(method, uri) { Content = body };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private static HttpContent? Content(object? body) => body switch
    {
        null => null,
        HttpContent content => content,
        string json => new StringContent(json, Encoding.UTF8, "application/json"),
        _ => new StringContent(JsonSerializer.Serialize(body, JsonSerializerOptions.Web), Encoding.UTF8, "application/json"),
    };

    [InterpolatedStringHandler]
    internal readonly struct PathText(int literals, int holes)
    {
        private readonly StringBuilder _text = new(literals + (16 * holes));

        public void AppendLiteral(string text) => _text.Append(text);

        public void AppendFormatted<T>(T name) => _text.Append(Uri.EscapeDataString(name?.ToString() ?? ""));

        public override string ToString() => _text.ToString();
    }
}
