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
    public async Task A_busy_catalog_is_asked_again_after_as_long_as_it_said_and_a_little_more_each_time()
    {
        var server = new StandInServer()
            .Then(_ => Busy(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(7)))
            .Then(_ => Busy(HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(3)))
            .Then(HttpStatusCode.OK, """{"principal":"me","role":"admin"}""");
        await using var catalog = server.Connect();

        var me = await catalog.WhoAmIAsync();

        Assert.Equal("me", me.Principal);
        Assert.InRange(server.Clock.Waits[0], TimeSpan.FromSeconds(7.15), TimeSpan.FromSeconds(7.2));
        Assert.InRange(server.Clock.Waits[1], TimeSpan.FromSeconds(3.3), TimeSpan.FromSeconds(3.4));
    }

    [Fact]
    public async Task Clients_that_were_told_the_same_do_not_come_back_together()
    {
        var server = new StandInServer();
        for (var i = 0; i < 6; i++)
            server.Then(_ => Busy(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)));
        await using var catalog = server.Connect();

        await Assert.ThrowsAsync<CatalogException>(() => catalog.WhoAmIAsync());

        Assert.Equal(5, server.Clock.Waits.Distinct().Count());
        Assert.Equal(server.Clock.Waits.Order(), server.Clock.Waits);
        Assert.InRange(server.Clock.Waits[^1], TimeSpan.FromSeconds(3.4), TimeSpan.FromSeconds(4.2));
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
        Assert.All(server.Clock.Waits.Zip(server.Clock.Waits.Skip(1)), pair => Assert.True(pair.Second > pair.First, $"{pair}"));
    }

    [Fact]
    public async Task No_wait_of_ours_is_longer_than_the_longest()
    {
        var server = new StandInServer();
        for (var i = 0; i < 10; i++)
            server.Then(HttpStatusCode.ServiceUnavailable, StandInServer.Problem(503, "catalog.busy", "Busy."));
        await using var catalog = server.Connect(maxRetries: 9);

        await Assert.ThrowsAsync<CatalogException>(() => catalog.WhoAmIAsync());

        Assert.InRange(server.Clock.Waits[^1], TimeSpan.FromSeconds(7.5), TimeSpan.FromSeconds(10));
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
    public async Task Metrics_that_may_have_arrived_are_sent_again_as_the_same_batch()
    {
        const string Logged = """{"node":"run:0198c5f4-0000-7000-8000-000000000000","changed":true,"position":1}""";
        var server = new StandInServer()
            .ThenBreaks(HttpRequestError.ResponseEnded)
            .Then(HttpStatusCode.Created, Logged)
            .Then(HttpStatusCode.Created, Logged);
        await using var catalog = server.Connect();

        await catalog.Runs.LogMetricsAsync(Guid.CreateVersion7(), Enumerable.Range(0, 1001).Select(i => new MetricPoint("auc", 0.7, i)));

        var batches = server.Requests.ConvertAll(r => JsonDocument.Parse(r.Body).RootElement.GetProperty("batch").GetGuid());
        Assert.Equal(batches[0], batches[1]);
        Assert.NotEqual(batches[1], batches[2]);
    }

    [Theory]
    [InlineData("catalog.busy", 2)]
    [InlineData("catalog.database_unavailable", 1)]
    [InlineData("http.503", 1)]
    public async Task A_key_is_asked_for_again_only_where_none_was_made(string code, int requests)
    {
        var server = new StandInServer()
            .Then(HttpStatusCode.ServiceUnavailable, code == "http.503" ? null : StandInServer.Problem(503, code, "Try again."))
            .Then(HttpStatusCode.Created, """{"id":"1","name":"ci","role":"writer","principal":"ci","key":"cat_1_2","position":3}""");
        await using var catalog = server.Connect();

        var failure = await Record.ExceptionAsync(() => catalog.Keys.CreateAsync("ci", Catalog.Access.Role.Writer));

        Assert.Equal(requests, server.Requests.Count);
        Assert.Equal(requests == 1 ? code : null, (failure as CatalogException)?.Code);
    }

    [Fact]
    public async Task A_database_that_went_away_is_waited_for_where_asking_twice_is_the_same()
    {
        var server = new StandInServer()
            .Then(HttpStatusCode.ServiceUnavailable, StandInServer.Problem(503, "catalog.database_unavailable", "Try again."))
            .Then(HttpStatusCode.Created, Receipt);
        await using var catalog = server.Connect();

        await catalog.Datasets.CommitAsync("demo/flights", new NewVersion { Sources = [new VersionSource.Stored("ab", "a.csv")] });

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_store_that_is_full_is_not_sent_the_file_again()
    {
        var server = new StandInServer().Then(HttpStatusCode.ServiceUnavailable, StandInServer.Problem(503, "storage.full", "No room."));
        await using var catalog = server.Connect();

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.Objects.UploadAsync(new MemoryStream([1, 2, 3])));

        Assert.Equal("storage.full", e.Code);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_description_of_a_state_that_was_read_is_not_sent_again_when_it_may_have_arrived()
    {
        var server = new StandInServer().ThenBreaks(HttpRequestError.ResponseEnded);
        await using var catalog = server.Connect();

        var e = await Assert.ThrowsAsync<CatalogException>(
            () => catalog.Datasets.DescribeAsync("demo/flights", new Description(Owner: "you"), ifMatch: "\"7\""));

        Assert.Equal("network.broken", e.Code);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_host_that_takes_no_connection_in_time_is_unreachable_and_asked_again()
    {
        var server = new StandInServer();
        for (var i = 0; i < 3; i++)
            server.Then(_ => throw new TaskCanceledException("Connecting took too long.", new TimeoutException()));
        await using var catalog = server.Connect(maxRetries: 2);

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.Keys.CreateAsync("ci", Catalog.Access.Role.Writer));

        Assert.Equal("network.unreachable", e.Code);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_short_call_that_is_not_answered_in_time_says_so()
    {
        var server = new StandInServer().ThenFallsSilent();
        await using var catalog = server.Connect(
            new CatalogClientOptions { MaxRetries = 0, Time = server.Clock, CallTimeout = TimeSpan.FromSeconds(30) });

        var e = await Assert.ThrowsAsync<CatalogException>(() => catalog.WhoAmIAsync());

        Assert.Equal("network.timeout", e.Code);
    }

    [Fact]
    public async Task Metrics_are_sent_again_when_the_server_was_too_busy_to_take_them()
    {
        var server = new StandInServer()
            .Then(HttpStatusCode.ServiceUnavailable, StandInServer.Problem(503, "catalog.busy", "Busy."))
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

        await Assert.ThrowsAsync<CatalogException>(() => catalog.Objects.UploadAsync(pipe));

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
        var server = new StandInServer().ThenFallsSilent(stop.Cancel);
        await using var catalog = server.Connect();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => catalog.WhoAmIAsync(stop.Token));
    }

    private static HttpResponseMessage Busy(HttpStatusCode status, TimeSpan retryAfter) =>
        StandInServer.Json(
            status,
            StandInServer.Problem((int)status, "catalog.busy", "Busy."),
            r => r.Headers.RetryAfter = new RetryConditionHeaderValue(retryAfter));
}
