using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Http;

public sealed class OpenApiTests(ServerFixture server)
{
    [Fact]
    public async Task The_description_is_the_one_that_was_reviewed()
    {
        await server.ApiAsync();
        using var stranger = new Api(server.Server.Address, key: null);
        var description = (await stranger.GetAsync("/openapi/v1.json")).Expect(200);
        await Repository.MatchesGoldenAsync("schemas/http/openapi.json", description.Bytes);
    }

    [Fact]
    public async Task Every_route_is_described_under_a_name_of_its_own()
    {
        var api = await server.ApiAsync();
        var paths = (await api.GetAsync("/openapi/v1.json")).Expect(200)["paths"];
        var operations = paths.EnumerateObject()
            .SelectMany(p => p.Value.EnumerateObject().Select(o => (Path: p.Name, Method: o.Name, o.Value))).ToList();

        Assert.Equal(
            SampleRequest.All(server.Server.Services).Count, operations.Count(o => o.Path.StartsWith("/v1/", StringComparison.Ordinal)));
        Assert.All(operations, o =>
            Assert.False(string.IsNullOrWhiteSpace(o.Value.GetProperty("summary").GetString()), $"{o.Method} {o.Path}"));
        Assert.Equal(operations.Count, operations.Select(o => o.Value.GetProperty("operationId").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task Health_and_documentation_need_no_key()
    {
        await server.ApiAsync();
        using var stranger = new Api(server.Server.Address, key: null);
        Assert.Equal("ok", (await stranger.GetAsync("/healthz")).Expect(200).Text);
        Assert.Equal("ready", (await stranger.GetAsync("/readyz")).Expect(200).Text);
        Assert.Contains("<html", (await stranger.GetAsync("/docs/")).Expect(200).Text, StringComparison.OrdinalIgnoreCase);
        (await stranger.GetAsync("/")).Expect(302);
    }
}
