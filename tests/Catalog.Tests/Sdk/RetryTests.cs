using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Catalog.Sdk;
using Xunit;

namespace Catalog.Tests.Sdk;

public sealed class RetryTests
{
    private const string Receipt = """{"node":"dataset:demo/flights@1","changed":true,"position":7,"version":1,"contentHash":"ab"}""";

    [Fact]
    public async Task A_busy_catalog_is_asked_again_after_as_long_as_it_said()
    {
        var server = new StandInServer()
            .Then(_ => Busy(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(7)))
            .Then(_ => Busy(HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(3)))
            .Then(HttpStatusCode.OK, """{"principal":"me","role":"admin"}""");
        await using var catalog = server.Connect();

        var me = await catalog.WhoAmIAsync();

        Assert.Equal("me", me.Principal);
        Assert.Equal([TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(3)], server.Clock.Waits);
    }

    [Fact]
    public async Task Without_a_word_from_the_server_waits_grow_and_stay_bounded()
    {
        var server = new StandInServer();
        for (var i = 0; i < 6; i++)
            server.Then(HttpStatusCode.ServiceUnavailable, StandInServer.Problem(503, "catalog.busy", "Busy."));
        await using var catalog = server.Connect();

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.WhoAmIAsync());

        Assert.Equal("catalog.busy", e.Code);
        Assert.Equal(6, server.Requests.Count);
        Assert.Equal(5, server.Clock.Waits.Count);
        Assert.All(server.Clock.Waits, w => Assert.InRange(w, TimeSpan.Zero, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_wait_of_an_hour_is_not_waited()
    {
        var server = new StandInServer().Then(_ => Busy(HttpStatusCode.ServiceUnavailable, TimeSpan.FromHours(1)));
        await using var catalog = server.Connect();

        await Assert.ThrowsAsync<CatalogException>(() => catalog.WhoAmIAsync());

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_refusal_is_not_asked_again()
    {
        var server = new StandInServer().Then(HttpStatusCode.Conflict, StandInServer.Problem(409, "dataset.exists", "It is there."));
        await using var catalog = server.Connect();

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.Datasets.RegisterAsync("demo/flights", new Registration("me")));

        Assert.Equal((409, "dataset.exists", "It is there."), (e.Status, e.Code, e.Detail));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_commit_is_sent_again_under_the_same_key()
    {
        var server = new StandInServer()
            .ThenBreaks(HttpRequestError.ResponseEnded)
            .Then(HttpStatusCode.ServiceUnavailable)
            .Then(HttpStatusCode.Created, Receipt);
        await using var catalog = server.Connect();

        await catalog.Datasets.CommitAsync("demo/flights", new NewVersion { Sources = [new VersionSource.Stored("ab", "a.csv")] });
        server.Then(HttpStatusCode.Created, Receipt);
        await catalog.Datasets.CommitAsync("demo/flights", new NewVersion { Sources = [new VersionSource.Stored("ab", "a.csv")] });

        var keys = server.Requests.ConvertAll(r => JsonDocument.Parse(r.Body).RootElement.GetProperty("idempotencyKey").GetString());
        Assert.Equal(4, keys.Count);
        Assert.Single(keys.Take(3).Distinct());
        Assert.NotEqual(keys[0], keys[3]);
    }

    [Fact]
    public async Task A_run_is_started_again_under_the_same_id()
    {
        var server = new StandInServer()
            .ThenBreaks(HttpRequestError.ResponseEnded)
            .Then(r => StandInServer.Json(
                HttpStatusCode.OK, """{"node":"run:0198c5f4-0000-7000-8000-000000000000","changed":false,"position":1}"""));
        await using var catalog = server.Connect();

        var run = await catalog.StartRunAsync("demo/train");

        var ids = server.Requests.ConvertAll(r => JsonDocument.Parse(r.Body).RootElement.GetProperty("id").GetGuid());
        Assert.Equal([run.Id, run.Id], ids);
    }

    [Fact]
    public async Task Metrics_are_not_sent_again_when_they_may_have_arrived()
    {
        var server = new StandInServer().ThenBreaks(HttpRequestError.ResponseEnded);
        await using var catalog = server.Connect();

        var e = await Assert.ThrowsAsync<CatalogException>(
            () => catalog.Runs.LogMetricsAsync(Guid.CreateVersion7(), [new MetricPoint("auc", 0.7)]));

        Assert.Equal("network.broken", e.Code);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Metrics_are_sent_again_when_the_server_was_too_busy_to_take_them()
    {
        var server = new StandInServer()
            .Then(HttpStatusCode.ServiceUnavailable)
            .ThenBreaks(HttpRequestError.ConnectionError)
            .Then(HttpStatusCode.Created, """{"node":"run:1","changed":true,"position":1}""");
        await using var catalog = server.Connect();

        await catalog.Runs.LogMetricsAsync(Guid.CreateVersion7(), [new MetricPoint("loss", double.NaN, 3)]);

        Assert.Equal(3, server.Requests.Count);
        Assert.Contains("\"NaN\"", server.Requests[^1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_cannot_be_read_twice_is_uploaded_once()
    {
        var server = new StandInServer().Then(HttpStatusCode.ServiceUnavailable);
        await using var catalog = server.Connect();
        await using var pipe = new System.IO.Compression.GZipStream(new MemoryStream(), System.IO.Compression.CompressionMode.Decompress);

        await Assert.ThrowsAsync<CatalogException>(() => catalog.Objects.UploadAsync(pipe, "a.csv"));

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_unreachable()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = new Uri($"http://{socket.LocalEndPoint}");
        await using var catalog = new CatalogClient(
            address, "key", new CatalogClientOptions { MaxRetries = 1, BaseDelay = TimeSpan.FromMilliseconds(1) });

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.WhoAmIAsync());

        Assert.Equal("network.unreachable", e.Code);
        Assert.Contains(address.Authority, e.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_answers_in_HTML_is_named_by_its_status()
    {
        var server = new StandInServer().Then(
            _ => new HttpResponseMessage(HttpStatusCode.NotImplemented) { Content = new StringContent("<html>") });
        await using var catalog = server.Connect();

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.WhoAmIAsync());

        Assert.Equal("http.501", e.Code);
    }

    [Fact]
    public async Task Cancelling_is_not_an_error_of_the_catalog()
    {
        using var stop = new CancellationTokenSource();
        var server = new StandInServer().Then(_ =>
        {
            stop.Cancel();
            throw new OperationCanceledException(stop.Token);
        });
        await using var catalog = server.Connect();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => catalog.WhoAmIAsync(stop.Token));
    }

    private static HttpResponseMessage Busy(HttpStatusCode status, TimeSpan retryAfter) =>
        StandInServer.Json(
            status,
            StandInServer.Problem((int)status, "catalog.busy", "Busy."),
            r => r.Headers.RetryAfter = new RetryConditionHeaderValue(retryAfter));
}
