using System.Net;
using System.Net.Http.Headers;
using Catalog.Sdk;
using Xunit;

namespace Catalog.Tests.Sdk;

/// <summary>Reading the log over connections that break, end and are refused.</summary>
public sealed class ChangeClientTests
{
    private static readonly ChangeOptions Following = new() { Follow = true };

    [Fact]
    public async Task A_connection_that_breaks_is_made_again_behind_the_last_change()
    {
        var server = new StandInServer()
            .Then(_ => Events(Change(3), Change(5)))
            .ThenBreaks(HttpRequestError.ConnectionError)
            .Then(_ => Events(Change(6), End(6, more: false)));
        await using var catalog = server.Connect();

        Assert.Equal([3, 5, 6], await PositionsAsync(catalog.Changes.ReadAsync(2)));
        Assert.Equal(
            ["/v1/changes?after=2&follow=false", "/v1/changes?after=5&follow=false", "/v1/changes?after=5&follow=false"],
            server.Requests.Select(r => r.Target));
        Assert.Equal(6, catalog.Position);
    }

    [Fact]
    public async Task What_was_passed_over_in_silence_is_not_asked_for_again()
    {
        var server = new StandInServer()
            .Then(_ => Events(Change(3), ": no news\nid: 900\n\n"))
            .Then(_ => Events(Change(901), End(901, more: false)));
        await using var catalog = server.Connect();

        Assert.Equal([3, 901], await PositionsAsync(catalog.Changes.ReadAsync()));
        Assert.Equal("/v1/changes?after=900&follow=false", server.Requests[1].Target);
    }

    [Fact]
    public async Task Of_a_limit_only_what_is_left_is_asked_for_again()
    {
        var server = new StandInServer().Then(_ => Events(Change(1), Change(2))).Then(_ => Events(Change(3), End(3, more: true)));
        await using var catalog = server.Connect();

        var options = new ChangeOptions { Limit = 3, Types = ["a", "b"] };
        Assert.Equal([1, 2, 3], await PositionsAsync(catalog.Changes.ReadAsync(0, options)));
        Assert.Equal(
            ["/v1/changes?after=0&types=a%2Cb&limit=3&follow=false", "/v1/changes?after=2&types=a%2Cb&limit=1&follow=false"],
            server.Requests.Select(r => r.Target));
    }

    [Fact]
    public async Task A_follower_that_was_let_in_once_waits_for_the_server_however_long()
    {
        var server = new StandInServer().Then(_ => Events(Change(1), End(1, more: true)));
        for (var i = 0; i < 40; i++)
            server.ThenBreaks(HttpRequestError.ConnectionError);
        server.Then(_ => Events(Change(2)));
        await using var catalog = server.Connect();

        Assert.Equal([1, 2], await PositionsAsync(catalog.Changes.ReadAsync(0, Following).Take(2)));
    }

    [Fact]
    public async Task A_follower_that_was_never_let_in_is_told_why()
    {
        var server = new StandInServer();
        for (var i = 0; i < 6; i++)
            server.ThenBreaks(HttpRequestError.ConnectionError);
        await using var catalog = server.Connect();

        var e = await Assert.ThrowsAsync<CatalogException>(() => PositionsAsync(catalog.Changes.ReadAsync(0, Following)));
        Assert.Equal("network.unreachable", e.Code);
    }

    [Fact]
    public async Task A_problem_midway_ends_the_reading_unless_it_passes()
    {
        var server = new StandInServer()
            .Then(_ => Events(Change(1), Problem(503, "catalog.database_unavailable")))
            .Then(_ => Events(Change(2), Problem(401, "access.key_revoked")));
        await using var catalog = server.Connect();
        var told = new List<long>();

        var e = await Assert.ThrowsAsync<CatalogException>(async () =>
        {
            await foreach (var change in catalog.Changes.ReadAsync(0, Following))
                told.Add(change.Position);
        });

        Assert.Equal("access.key_revoked", e.Code);
        Assert.Equal([1, 2], told);
    }

    [Fact]
    public async Task Without_retries_a_broken_connection_is_an_error()
    {
        var server = new StandInServer().ThenBreaks(HttpRequestError.ConnectionError);
        await using var catalog = server.Connect(maxRetries: 0);
        await Assert.ThrowsAsync<CatalogException>(() => PositionsAsync(catalog.Changes.ReadAsync(0, Following)));
    }

    [Fact]
    public async Task What_speaks_no_events_is_no_catalog()
    {
        var server = new StandInServer().Then(HttpStatusCode.OK, "{}");
        await using var catalog = server.Connect();
        var e = await Assert.ThrowsAsync<CatalogException>(() => PositionsAsync(catalog.Changes.ReadAsync()));
        Assert.Equal("network.unreadable", e.Code);
    }

    internal static HttpResponseMessage Events(params string[] events)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(string.Concat(events)) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
        return response;
    }

    internal static string Change(long position) =>
        $"id: {position}\ndata: {{\"position\":{position},\"id\":\"019ab8d1-4a57-7d2f-9d0c-3c1f5a1f9a44\","
        + "\"time\":\"2026-03-01T12:00:00Z\",\"stream\":\"dataset:a/b\",\"type\":\"dataset_tagged\","
        + "\"principal\":\"ci\",\"data\":{\"tag\":\"x\"}}\n\n";

    internal static string End(long position, bool more) =>
        $"id: {position}\nevent: end\ndata: {{\"position\":{position},\"more\":{(more ? "true" : "false")}}}\n\n";

    private static string Problem(int status, string code) =>
        $"event: problem\ndata: {StandInServer.Problem(status, code, "So it is.")}\n\n";

    private static async Task<List<long>> PositionsAsync(IAsyncEnumerable<CatalogChange> changes) =>
        await changes.Select(c => c.Position).ToListAsync();
}
