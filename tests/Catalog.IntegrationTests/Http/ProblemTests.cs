using System.Net.Sockets;
using System.Text;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Http;

public sealed class ProblemTests(ServerFixture server)
{
    [Theory]
    [InlineData("GET", "/v1/nothing", 404, "request.not_found")]
    [InlineData("GET", "/nothing", 404, "request.not_found")]
    [InlineData("GET", "/v1", 404, "request.not_found")]
    [InlineData("GET", "/v2/datasets", 404, "request.not_found")]
    [InlineData("PATCH", "/v1/datasets", 405, "request.method_not_allowed")]
    [InlineData("DELETE", "/v1/datasets/a/b", 405, "request.method_not_allowed")]
    [InlineData("BREW", "/v1/datasets", 405, "request.method_not_allowed")]
    [InlineData("GET", "/v1/datasets/a", 404, "request.not_found")]
    [InlineData("GET", "/v1/datasets/a/b/versions/1/content", 400, "request.malformed")]
    public async Task An_address_that_leads_nowhere_answers_with_a_problem(string method, string path, int status, string code) =>
        (await (await server.ApiAsync()).SendAsync(new HttpMethod(method), path, body: null)).ExpectProblem(status, code);

    [Fact]
    public async Task Field_errors_name_the_field_as_it_is_written_in_json()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var refused = (await api.PostAsync("/v1/datasets", new { @namespace = "", name = "..", owner = " " }))
            .ExpectProblem(400, "request.invalid");
        Assert.Equal(["name", "namespace", "owner"], refused["errors"].EnumerateObject().Select(e => e.Name).Order(StringComparer.Ordinal));

        var nested = (await api.PostAsync(dataset.Versions, """{"files":[{"uri":"file:///a"},{"path":"/b","sha256":"x"}]}"""))
            .ExpectProblem(400, "request.invalid");
        Assert.Equal(["files[1].path", "files[1].sha256"], nested["errors"].EnumerateObject().Select(e => e.Name)
            .Order(StringComparer.Ordinal));

        var unknown = (await api.PostAsync("/v1/datasets", """{"namespace":"a","name":"b","ownr":"c"}"""))
            .ExpectProblem(400, "request.malformed");
        Assert.Contains("ownr", unknown["detail"].GetString());
    }

    [Fact]
    public async Task A_refusal_before_the_work_begins_is_a_plain_problem_for_those_who_asked_for_progress_too()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        (string, string) progress = ("Accept", "application/x-ndjson");

        (await api.PostAsync(dataset.Versions, new { expectedParent = -1 }, progress)).ExpectProblem(400, "request.invalid");
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { uri = "file:///etc/passwd" } } }, progress))
            .ExpectProblem(422, "file.outside_roots");
        (await api.PostAsync(dataset.Versions + "/1/verify", body: null, progress)).ExpectProblem(404, "version.not_found");
        (await api.PostAsync(dataset.Versions + "/1/seal", body: null, progress)).ExpectProblem(404, "version.not_found");
    }

    [Fact]
    public async Task Progress_is_told_line_by_line_and_ends_with_the_result()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var folder = server.NewFolder();
        for (var n = 0; n < 20; n++)
            New.File(folder, $"{n:00}", $"{n}");

        var answer = (await api.PostAsync(
            dataset.Versions, new { folders = new[] { new { uri = folder } } }, ("Accept", "application/x-ndjson"))).Expect(200);

        Assert.Equal("application/x-ndjson", answer.ContentType);
        var last = answer.Lines[^1].GetProperty("result");
        Assert.Equal((dataset.At(1), true), (last.GetProperty("node").GetString(), last.GetProperty("changed").GetBoolean()));
        Assert.All(answer.Lines.SkipLast(1), line => Assert.Equal(20, line.GetProperty("progress").GetProperty("totalFiles").GetInt32()));
        Assert.Equal(20, answer.Lines[^2].GetProperty("progress").GetProperty("files").GetInt32());
    }

    [Fact]
    public async Task The_whole_address_may_stand_in_the_request_line()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        var address = server.Server.Address;

        var answer = await RawAsync($"GET {address.GetLeftPart(UriPartial.Authority)}{dataset.Url} HTTP/1.1", api.Key);

        Assert.StartsWith("HTTP/1.1 200", answer);
    }

    [Fact]
    public async Task A_slash_at_the_end_changes_nothing()
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        Assert.Equal(dataset.Node, (await api.GetAsync(dataset.Url + "/")).Expect(200)["node"].GetString());
    }

    [Fact]
    public async Task A_request_line_longer_than_any_name_is_refused()
    {
        var api = await server.ApiAsync();
        var answer = await RawAsync($"GET /v1/datasets/{new string('a', 200_000)}/b HTTP/1.1", api.Key);
        Assert.StartsWith("HTTP/1.1 414", answer);
    }

    private async Task<string> RawAsync(string requestLine, string? key)
    {
        var address = server.Server.Address;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"{requestLine}\r\nHost: {address.Authority}\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync() ?? "";
    }
}
