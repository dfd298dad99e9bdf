using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Catalog.IntegrationTests.Serving;
using Catalog.Storage.Objects;
using Catalog.Storage.Objects.S3;

namespace Catalog.IntegrationTests.Objects;

/// <summary>Signed addresses, used by an HTTP client that knows nothing of S3.</summary>
public sealed class S3UrlTests(S3Fixture s3) : IAsyncLifetime
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, ConnectCallback = ConnectAsync });
    private string _bucket = "";

    public static TheoryData<string> Keys =>
        ["plain", "with space", "100% sure", "a%2Fb", "a+b&c=d", "what?", "number #1", "日本語/🛫.parquet", "quote'\"", "x..y/a...", "~a:b@c"];

    public async ValueTask InitializeAsync() => _bucket = await s3.BucketAsync();

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task An_object_is_written_once_and_read_in_whole_and_in_part(string key)
    {
        var storage = S3Objects.Open(s3.AddressOf(_bucket, "deep/prefix"), s3.SpoolFolder);
        var write = await storage.Urls.SignWriteAsync(key, null, Ct);

        Assert.Equal(HttpStatusCode.OK, await PutAsync(write, "0123456789"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await PutAsync(write, "9876543210"));

        var read = await storage.Urls.SignReadAsync(key, null, Ct);
        Assert.Equal("0123456789", await _http.GetStringAsync(read.Url, Ct));
        Assert.Equal("789", await RangeAsync(read.Url, new RangeHeaderValue(null, 3)));
        Assert.Equal("345", await RangeAsync(read.Url, new RangeHeaderValue(3, 5)));
        Assert.Equal(10, (await storage.Objects.HeadAsync(key, Ct))?.Bytes);
    }

    [Fact]
    public async Task An_address_is_good_for_what_it_was_signed_for_and_nothing_else()
    {
        var storage = S3Objects.Open(s3.AddressOf(_bucket), s3.SpoolFolder);
        await storage.Objects.PutAsync("a", new MemoryStream([1]), null, Ct);
        var read = await storage.Urls.SignReadAsync("a", null, Ct);
        var write = await storage.Urls.SignWriteAsync("b", null, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(read with { Method = "PUT" }, "x"));
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(write with { Headers = new Dictionary<string, string>() }, "x"));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(new Uri(read.Url.ToString().Replace("/a?", "/b?"))));
        Assert.InRange(read.ExpiresAt - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
    }

    [Fact]
    public async Task An_address_whose_time_is_over_is_refused_and_another_is_good()
    {
        var storage = S3Objects.Open(s3.AddressOf(_bucket), s3.SpoolFolder);
        await storage.Objects.PutAsync("a", new MemoryStream([1]), null, Ct);
        var read = await storage.Urls.SignReadAsync("a", TimeSpan.FromSeconds(2), Ct);
        Assert.Equal(HttpStatusCode.OK, await GetAsync(read.Url));

        await Eventually.True(async () => await GetAsync(read.Url) is HttpStatusCode.Forbidden, "the address is refused");

        Assert.Equal(HttpStatusCode.OK, await GetAsync((await storage.Urls.SignReadAsync("a", null, Ct)).Url));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => storage.Urls.SignReadAsync("a", TimeSpan.FromDays(8), Ct));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => storage.Urls.SignReadAsync("a", TimeSpan.Zero, Ct));
    }

    [Fact]
    public async Task A_bucket_in_front_of_the_host_is_found_by_its_signed_address()
    {
        var endpoint = $"http://localhost:{s3.Cluster.Gateway.Address.Port}";
        var storage = S3Objects.Open(
            S3Address.Parse($"s3://{_bucket}/lake?endpoint={endpoint}&path-style=false"), s3.SpoolFolder);
        var write = await storage.Urls.SignWriteAsync("a b", null, Ct);

        Assert.Equal($"{_bucket}.localhost", write.Url.Host);
        Assert.Equal(HttpStatusCode.OK, await PutAsync(write, "content"));
        Assert.Equal("content", await _http.GetStringAsync((await storage.Urls.SignReadAsync("a b", null, Ct)).Url, Ct));
        var beside = S3Objects.Open(s3.AddressOf(_bucket, "lake"), s3.SpoolFolder).Objects;
        Assert.Equal(7, (await beside.HeadAsync("a b", Ct))?.Bytes);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // Whatever the name, it is this machine: no resolver here knows the names of buckets.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, ct);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private async Task<HttpStatusCode> PutAsync(SignedUrl url, string content)
    {
        using var request = new HttpRequestMessage(new HttpMethod(url.Method), url.Url) { Content = new StringContent(content) };
        request.Content.Headers.ContentType = null;
        foreach (var (name, value) in url.Headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await _http.SendAsync(request, Ct);
        return answer.StatusCode;
    }

    private async Task<HttpStatusCode> GetAsync(Uri url)
    {
        using var answer = await _http.GetAsync(url, Ct);
        return answer.StatusCode;
    }

    private async Task<string> RangeAsync(Uri url, RangeHeaderValue range)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = range } };
        using var answer = await _http.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Ct);
    }
}
