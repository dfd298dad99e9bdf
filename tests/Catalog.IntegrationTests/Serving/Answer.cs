using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Catalog.IntegrationTests.Serving;

/// <summary>What the server answered, read to its end.</summary>
internal sealed record Answer(HttpStatusCode Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, byte[] Bytes)
{
    private JsonElement? _json;

    public int Code => (int)Status;

    public string Text => System.Text.Encoding.UTF8.GetString(Bytes);

    public string? ContentType => ContentHeaders.ContentType?.MediaType;

    public JsonElement Json => _json ??= JsonDocument.Parse(Bytes).RootElement.Clone();

    public JsonElement this[string property] =>
        Json.TryGetProperty(property, out var value) ? value : throw new KeyNotFoundException($"No '{property}' in {Text}");

    public string ETag => Headers.ETag?.Tag ?? "";

    public long Position => this["position"].GetInt64();

    public long Version => this["version"].GetInt64();

    public IReadOnlyList<JsonElement> Items => [.. this["items"].EnumerateArray()];

    public string? Next => this["next"].GetString();

    /// <summary>The problem code; null when this is no problem.</summary>
    public string? Problem => ContentType == "application/problem+json" ? this["code"].GetString() : null;

    /// <summary>The lines of an <c>application/x-ndjson</c> answer.</summary>
    public IReadOnlyList<JsonElement> Lines =>
        [.. Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.Clone())];

    public Answer Expect(int status)
    {
        Assert.True(Code == status, $"{Code} instead of {status}: {Text[..Math.Min(Text.Length, 2_000)]}");
        return this;
    }

    /// <summary>A problem in its full shape (RFC 9457), with this status and code.</summary>
    public Answer ExpectProblem(int status, string code)
    {
        Expect(status);
        Assert.Equal("application/problem+json", ContentType);
        Assert.Equal(code, this["code"].GetString());
        Assert.Equal(status, this["status"].GetInt32());
        Assert.Equal($"urn:catalog:problem:{code}", this["type"].GetString());
        Assert.False(string.IsNullOrWhiteSpace(this["title"].GetString()));
        Assert.False(string.IsNullOrWhiteSpace(this["detail"].GetString()));
        return this;
    }
}
