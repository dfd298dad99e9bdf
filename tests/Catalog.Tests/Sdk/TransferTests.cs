using System.Net;
using System.Security.Cryptography;
using System.Text;
using Catalog.Sdk;
using Xunit;

namespace Catalog.Tests.Sdk;

public sealed class TransferTests : IDisposable
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes(new string('x', 100_000));
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Content));
    private static readonly VersionFile File1 = new("a/1.csv", "object:1", Content.Length, null, Hash);
    private readonly string _folder = Directory.CreateTempSubdirectory("catalog-sdk").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_that_is_what_the_manifest_says_is_read_to_its_end()
    {
        var server = new StandInServer().Then(_ => Bytes(Content));
        await using var catalog = server.Connect();

        await using var stream = await Reader(catalog).OpenAsync(File1);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);

        Assert.Equal(Content, copy.ToArray());
        Assert.Equal("/v1/datasets/demo/flights/versions/1/content?path=a%2F1.csv", server.Requests[0].Target);
    }

    [Fact]
    public async Task A_file_that_changed_ends_in_an_error()
    {
        var changed = (byte[])Content.Clone();
        changed[^1]++;
        var server = new StandInServer().Then(_ => Bytes(changed));
        await using var catalog = server.Connect();

        await using var stream = await Reader(catalog).OpenAsync(File1);
        var e = await Assert.ThrowsAsync<CatalogException>(() => stream.CopyToAsync(Stream.Null));

        Assert.Equal("file.changed", e.Code);
    }

    [Fact]
    public async Task A_download_that_breaks_goes_on_where_it_stopped()
    {
        var server = new StandInServer()
            .Then(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new BreaksAfter(Content, 40_000)) })
            .Then(r =>
            {
                var from = (int)(r.Headers.Range?.Ranges.Single().From ?? 0);
                return Bytes(Content[from..], HttpStatusCode.PartialContent);
            });
        await using var catalog = server.Connect();

        await using var stream = await Reader(catalog).OpenAsync(File1);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);

        Assert.Equal(Content, copy.ToArray());
        Assert.Equal("bytes=40000-", server.Requests[1].Headers.Range?.ToString());
    }

    [Fact]
    public async Task A_download_that_cannot_go_on_where_it_stopped_ends_in_an_error()
    {
        var server = new StandInServer()
            .Then(_ => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(new BreaksAfter(Content, 40_000)) })
            .Then(_ => Bytes(Content));
        await using var catalog = server.Connect();

        await using var stream = await Reader(catalog).OpenAsync(File1);
        var e = await Assert.ThrowsAsync<CatalogException>(() => stream.CopyToAsync(Stream.Null));

        Assert.Equal("network.broken", e.Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_opened_by_its_path_is_checked_against_what_the_server_says_it_is(bool right)
    {
        var hash = right ? Hash : new string('0', 64);
        var server = new StandInServer().Then(_ =>
        {
            var response = Bytes(Content);
            response.Headers.ETag = new($"\"{hash}\"");
            return response;
        });
        await using var catalog = server.Connect();

        await using var stream = await Reader(catalog).OpenAsync("a/1.csv");
        var failure = await Record.ExceptionAsync(() => stream.CopyToAsync(Stream.Null));

        Assert.Equal(right ? null : "file.changed", (failure as CatalogException)?.Code);
        Assert.Equal("/v1/datasets/demo/flights/versions/1/content?path=a%2F1.csv", Assert.Single(server.Requests).Target);
    }

    [Fact]
    public async Task A_download_that_is_cancelled_leaves_nothing()
    {
        using var stop = new CancellationTokenSource();
        var server = new StandInServer()
            .Then(HttpStatusCode.OK, $$"""{"items":[{"path":"a/1.csv","uri":"u","bytes":{{Content.Length}},"sha256":"{{Hash}}"}]}""")
            .Then(_ => new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StreamContent(new BreaksAfter(Content, 40_000, stop.Cancel)),
            });
        await using var catalog = server.Connect();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Reader(catalog).DownloadAsync(_folder, ct: stop.Token));

        Assert.Empty(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_download_leaves_whole_files_or_none()
    {
        var server = new StandInServer()
            .Then(HttpStatusCode.OK, $$"""{"items":[{"path":"a/1.csv","uri":"u","bytes":{{Content.Length}},"sha256":"{{Hash}}"}]}""")
            .Then(_ => Bytes(Content[1..]));
        await using var catalog = server.Connect();

        var e = await Assert.ThrowsAsync<CatalogException>(() => Reader(catalog).DownloadAsync(_folder));

        Assert.Equal("file.changed", e.Code);
        Assert.Empty(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_file_that_is_there_and_right_is_not_downloaded_again()
    {
        var list = $$"""{"items":[{"path":"a/1.csv","uri":"u","bytes":{{Content.Length}},"sha256":"{{Hash}}"}],"next":null}""";
        var server = new StandInServer().Then(HttpStatusCode.OK, list).Then(_ => Bytes(Content)).Then(HttpStatusCode.OK, list);
        await using var catalog = server.Connect();

        var first = await Reader(catalog).DownloadAsync(_folder);
        var second = await Reader(catalog).DownloadAsync(_folder);

        Assert.Equal(first, second);
        Assert.Equal(Content, await File.ReadAllBytesAsync(first[0]));
        Assert.Equal(3, server.Requests.Count);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("/etc/passwd")]
    public void A_logical_path_never_leads_out_of_the_folder(string path)
    {
        var e = Assert.Throws<CatalogException>(() => VersionReader.SafePath(_folder, path));

        Assert.Equal("client.path_unsafe", e.Code);
    }

    [Fact]
    public async Task An_upload_is_sent_from_its_beginning_each_time()
    {
        var path = Path.Combine(_folder, "1.csv");
        await File.WriteAllBytesAsync(path, Content);
        var server = new StandInServer()
            .Then(HttpStatusCode.ServiceUnavailable)
            .ThenBreaks(HttpRequestError.ResponseEnded)
            .Then(HttpStatusCode.Created, $$"""{"sha256":"{{Hash}}","bytes":{{Content.Length}},"uri":"object:1"}""");
        await using var catalog = server.Connect();
        var seen = new Seen();

        var stored = await catalog.Objects.UploadAsync(path, seen);

        Assert.Equal(Hash, stored.Sha256);
        Assert.Equal(3, server.Requests.Count);
        Assert.All(server.Requests, r => Assert.Equal((Content.Length, "/v1/objects"), (r.Body.Length, r.Target)));
        Assert.Equal((1, Content.Length), (seen.Last?.Files, seen.Last?.Bytes));
    }

    [Theory]
    [InlineData(+10)]
    [InlineData(-10)]
    public async Task A_file_that_grows_or_shrinks_while_it_is_sent_is_not_sent_again(int bytes)
    {
        var server = new StandInServer();
        await using var catalog = server.Connect();

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.Objects.UploadAsync(new Changing(Content, bytes)));

        Assert.Equal("file.changed", e.Code);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task An_upload_stored_as_something_else_is_an_error()
    {
        var server = new StandInServer().Then(HttpStatusCode.Created, """{"sha256":"00","bytes":1,"uri":"object:1"}""");
        await using var catalog = server.Connect();

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.Objects.UploadAsync(new MemoryStream(Content)));

        Assert.Equal("file.changed", e.Code);
    }

    [Fact]
    public async Task A_folder_is_committed_file_by_file_under_its_paths()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "b"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "b", "2.txt"), "2");
        await File.WriteAllTextAsync(Path.Combine(_folder, "1.txt"), "1");
        var server = new StandInServer()
            .Always("POST /v1/objects", body => StandInServer.Json(
                HttpStatusCode.Created, $$"""{"sha256":"{{Sha(body)}}","bytes":{{body.Length}},"uri":"o"}"""))
            .Always("POST /v1/datasets/demo/x/versions", """{"node":"dataset:demo/x@1","changed":true,"position":1,"version":1}""");
        await using var catalog = server.Connect();

        await catalog.Datasets.CommitAsync("demo/x", NewVersion.Of(_folder));

        var body = server.Requests[^1].Body;
        Assert.Contains($$"""{"path":"1.txt","sha256":"{{Sha("1")}}","bytes":1},{"path":"b/2.txt",""", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        await using var catalog = new StandInServer().Connect();

        var e = await Assert.ThrowsAsync<CatalogException>(
            () => catalog.Datasets.CommitAsync("demo/x", NewVersion.Of(Path.Combine(_folder, "none"))));

        Assert.Equal("client.file_not_found", e.Code);
    }

    private static string Sha(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static VersionReader Reader(CatalogClient catalog) => catalog.Datasets.Reader(NodeId.Dataset("demo", "flights", 1));

    private static HttpResponseMessage Bytes(byte[] content, HttpStatusCode status = HttpStatusCode.OK) => new(status)
    {
        Content = new ByteArrayContent(content),
    };

    /// <summary>A body whose connection breaks, or to which something else happens, after some bytes.</summary>
    private sealed class BreaksAfter(byte[] content, int bytes, Action? happens = null) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position < bytes)
                return base.ReadAsync(buffer[..(int)Math.Min(buffer.Length, bytes - Position)], cancellationToken);

            happens?.Invoke();
            cancellationToken.ThrowIfCancellationRequested();
            throw new HttpIOException(HttpRequestError.ResponseEnded, "broken");
        }
    }

    /// <summary>A file that turns out to be of another size than it said before it was read.</summary>
    private sealed class Changing(byte[] content, int by) : MemoryStream([.. content, .. new byte[Math.Max(by, 0)]])
    {
        public override long Length => base.Length - by;
    }

    private sealed class Seen : IProgress<WorkProgress>
    {
        public WorkProgress? Last { get; private set; }

        public void Report(WorkProgress value) => Last = value;
    }
}
