using System.Net;
using System.Security.Cryptography;
using System.Text;
using Catalog.Sdk;
using Xunit;

namespace Catalog.Tests.Sdk;

/// <summary>Files read by signed addresses: nothing of the catalog's goes along, and an address that runs out is no end.</summary>
public sealed class SignedFileTests
{
    private static readonly byte[] s_content = Encoding.UTF8.GetBytes(new string('x', 100_000));
    private static readonly string s_hash = Convert.ToHexStringLower(SHA256.HashData(s_content));
    private static readonly DateTimeOffset s_later = TimeProvider.System.GetUtcNow().AddMinutes(10);

    [Fact]
    public async Task An_address_is_used_to_the_letter_with_its_headers_and_without_the_key()
    {
        var server = new StandInServer().Then(_ => Bytes(s_content));
        await using var catalog = server.Connect(new CatalogClientOptions
        {
            Purpose = Catalog.Access.Purpose.Training,
            Run = Guid.CreateVersion7(),
        });
        var file = Signed("http://bucket.test/a%2Fb%20c?X-Sig=1%2F2") with
        {
            Headers = new() { ["x-with"] = "this" },
        };

        await using var stream = await Reader(catalog).OpenSignedAsync(file);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);

        Assert.Equal(s_content, copy.ToArray());
        var asked = Assert.Single(server.Requests);
        Assert.Equal("/a%2Fb%20c?X-Sig=1%2F2", asked.Target);
        Assert.Equal(["this"], asked.Headers.GetValues("x-with"));
        Assert.Null(asked.Headers.Authorization);
        Assert.False(asked.Headers.Contains("Catalog-Purpose"));
        Assert.False(asked.Headers.Contains("Catalog-Run"));
    }

    /// <summary>Not found where the file went to another tier meanwhile.</summary>
    [Theory]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.NotFound)]
    public async Task An_address_that_is_no_longer_good_while_it_is_read_is_signed_anew_and_reading_goes_on(HttpStatusCode refused)
    {
        var server = new StandInServer()
            .Then(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new BreaksAfter(s_content, 40_000)) })
            .Then(refused)
            .Then(HttpStatusCode.OK, Answer("http://bucket.test/second", s_later))
            .Then(r => Bytes(s_content[(int)(r.Headers.Range?.Ranges.Single().From ?? 0)..], HttpStatusCode.PartialContent));
        await using var catalog = server.Connect();

        await using var stream = await Reader(catalog).OpenSignedAsync(Signed("http://bucket.test/first"));
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);

        Assert.Equal(s_content, copy.ToArray());
        Assert.Equal(
            ["/first", "/first", "/v1/datasets/demo/flights/versions/1/files/signed?path=a%2F1.csv", "/second"],
            server.Requests.Select(r => r.Target));
        Assert.Equal("bytes=40000-", server.Requests[3].Headers.Range?.ToString());
        Assert.NotNull(server.Requests[2].Headers.Authorization);
    }

    [Fact]
    public async Task An_address_whose_time_is_over_is_not_tried()
    {
        var server = new StandInServer()
            .Then(HttpStatusCode.OK, Answer("http://bucket.test/second", s_later))
            .Then(_ => Bytes(s_content));
        await using var catalog = server.Connect();
        var over = Signed("http://bucket.test/first") with { ExpiresAt = TimeProvider.System.GetUtcNow().AddSeconds(-1) };

        await using var stream = await Reader(catalog).OpenSignedAsync(over);
        await stream.CopyToAsync(Stream.Null);

        Assert.Equal(
            ["/v1/datasets/demo/flights/versions/1/files/signed?path=a%2F1.csv", "/second"], server.Requests.Select(r => r.Target));
    }

    [Fact]
    public async Task A_bucket_that_refuses_a_new_address_is_an_error()
    {
        var server = new StandInServer()
            .Then(HttpStatusCode.Forbidden)
            .Then(HttpStatusCode.OK, Answer("http://bucket.test/second", s_later))
            .Then(HttpStatusCode.Forbidden);
        await using var catalog = server.Connect();

        var e = await Assert.ThrowsAsync<CatalogException>(() => Reader(catalog).OpenSignedAsync(Signed("http://bucket.test/first")));

        Assert.Equal((403, "http.403"), (e.Status, e.Code));
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_file_that_is_not_what_was_committed_ends_in_an_error()
    {
        var changed = (byte[])s_content.Clone();
        changed[^1]++;
        var server = new StandInServer().Then(_ => Bytes(changed));
        await using var catalog = server.Connect();

        await using var stream = await Reader(catalog).OpenSignedAsync(Signed("http://bucket.test/first"));
        var e = await Assert.ThrowsAsync<CatalogException>(() => stream.CopyToAsync(Stream.Null));

        Assert.Equal("file.changed", e.Code);
    }

    [Fact]
    public async Task Addresses_are_asked_for_page_by_page_as_told()
    {
        var server = new StandInServer()
            .Then(HttpStatusCode.OK, Answer("http://bucket.test/1", s_later).Replace("null", "\"more\"", StringComparison.Ordinal))
            .Then(HttpStatusCode.OK, Answer("http://bucket.test/2", s_later));
        await using var catalog = server.Connect();

        var files = await Reader(catalog).SignedFiles("2001/", TimeSpan.FromHours(1)).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["http://bucket.test/1", "http://bucket.test/2"], files.Select(f => f.Url.OriginalString));
        Assert.Equal(
            "/v1/datasets/demo/flights/versions/1/files/signed?lifetimeSeconds=3600&prefix=2001%2F&limit=1000&after=more",
            server.Requests[1].Target);
    }

    private static SignedFile Signed(string url) => new("a/1.csv", s_content.Length, s_hash, new Uri(url), Headers: null, s_later);

    private static string Answer(string url, DateTimeOffset expires) =>
        $$"""
        {"items":[{"path":"a/1.csv","bytes":{{s_content.Length}},"sha256":"{{s_hash}}","url":"{{url}}","headers":{},
        "expiresAt":"{{expires:O}}"}],"next":null}
        """;

    private static VersionReader Reader(CatalogClient catalog) => catalog.Datasets.Reader(NodeId.Dataset("demo", "flights", 1));

    private static HttpResponseMessage Bytes(byte[] content, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new ByteArrayContent(content) };

    private sealed class BreaksAfter(byte[] content, int bytes) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Position < bytes
            ? base.ReadAsync(buffer[..(int)Math.Min(buffer.Length, bytes - Position)], cancellationToken)
            : throw new HttpIOException(HttpRequestError.ResponseEnded, "broken");
    }
}
