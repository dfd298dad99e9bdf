using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Http;

/// <summary>What holds for every route there is, read from the server itself.</summary>
public sealed class EveryRouteTests(ServerFixture server)
{
    /// <summary>Posts that only look.</summary>
    private static readonly string[] ReadingPosts =
    [
        "/v1/feature-views/plan", "/v1/features/read", "/v1/feature-views/sample/sample/versions/1/explain", "/v1/access/explain",
    ];

    [Fact]
    public async Task No_route_answers_without_a_key()
    {
        await server.ApiAsync();
        using var stranger = new Api(server.Server.Address, key: null);
        var routes = SampleRequest.All(server.Server.Services);
        Assert.True(routes.Count > 50, $"only {routes.Count} routes were found");
        foreach (var route in routes)
        {
            (await stranger.SendAsync(new HttpMethod(route.Method), route.Path, route.Content))
                .ExpectProblem(401, "access.unauthenticated");
            (await stranger.SendAsync(new HttpMethod(route.Method), route.Path.Replace("/v1/", "/V1/"), route.Content))
                .ExpectProblem(401, "access.unauthenticated");
        }
    }

    [Fact]
    public async Task No_route_lets_a_reader_write()
    {
        await server.ApiAsync();
        var (reader, principal) = await server.ApiAsync("reader");
        foreach (var route in SampleRequest.All(server.Server.Services))
        {
            var answer = await reader.SendAsync(new HttpMethod(route.Method), route.Path, route.Content);
            if (route.Method != "GET" && !ReadingPosts.Contains(route.Path))
                Assert.True(
                    answer is { Code: 403, Problem: "access.denied" },
                    $"{route} with {route.Body} answered a reader with {answer.Code}: {answer.Text}");
            else
                Assert.True(answer.Code is 200 or 400 or 403 or 404, $"{route} answered a reader with {answer.Code}: {answer.Text}");
        }

        Assert.Equal(0, await server.CountFactsByAsync(principal));
    }

    [Fact]
    public async Task Only_an_administrator_handles_keys_and_backups()
    {
        await server.ApiAsync();
        var (writer, principal) = await server.ApiAsync("writer");
        foreach (var route in SampleRequest.All(server.Server.Services).Where(r =>
            r.Path.StartsWith("/v1/keys", StringComparison.Ordinal) || r.Path.StartsWith("/v1/backup", StringComparison.Ordinal)))
            (await writer.SendAsync(new HttpMethod(route.Method), route.Path, route.Content)).ExpectProblem(403, "access.denied");
        Assert.Equal(0, await server.CountFactsByAsync(principal));
    }

    [Fact]
    public async Task Every_route_takes_a_well_formed_request_without_failing()
    {
        var api = await server.ApiAsync();
        foreach (var route in SampleRequest.All(server.Server.Services))
        {
            var answer = await api.SendAsync(new HttpMethod(route.Method), route.Path, route.Content);
            Assert.True(answer.Code < 500, $"{route} with {route.Body} answered {answer.Code}: {answer.Text}");
            Assert.True(
                answer.Code < 400 || answer.Problem is not null,
                $"{route} answered {answer.Code} without a problem: {answer.Text}");
        }
    }

    [Fact]
    public async Task Every_writing_route_refuses_a_body_that_is_no_json()
    {
        var api = await server.ApiAsync();
        foreach (var route in SampleRequest.All(server.Server.Services).Where(r => r.Body is not null))
        {
            var method = new HttpMethod(route.Method);
            foreach (var body in (string[])["", "{", "[]", "null", "\"text\"", "{\"a\":1}x", "{\"noSuchField\":1}", "{\"namespace\":1}"])
            {
                var answer =
                    await api.SendAsync(method, route.Path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
                Assert.True(
                    answer is { Code: 400, Problem: "request.malformed" }, $"{route} with '{body}' answered {answer.Code}: {answer.Text}");
            }

            (await api.SendAsync(method, route.Path, new StringContent(route.Body ?? "", System.Text.Encoding.UTF8, "text/plain")))
                .ExpectProblem(415, "request.unsupported_media_type");
            (await api.SendAsync(method, route.Path, new ByteArrayContent("{}"u8.ToArray())))
                .ExpectProblem(415, "request.unsupported_media_type");
        }
    }
}
