using Catalog.IntegrationTests.Http;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.Input;

/// <summary>Texts that JSON can write and PostgreSQL cannot keep, in every field of every route.</summary>
public sealed class BadTextTests(ServerFixture server)
{
    [Theory]
    [InlineData("a\\u0000b")]
    [InlineData("\\ud800")]
    [InlineData("a\\udc00\\ud800b")]
    public async Task A_text_that_cannot_be_kept_is_refused_and_nothing_is_stored(string escaped)
    {
        await server.ApiAsync();
        var (admin, principal) = await server.ApiAsync("admin");
        var requests = SampleRequest.WithEachText(server.Server.Services, escaped);
        Assert.True(requests.Count > 50, $"only {requests.Count} texts were found");
        foreach (var request in requests)
        {
            var answer = await admin.SendAsync(new HttpMethod(request.Method), request.Path, request.Content);
            Assert.True(
                answer.Code is >= 400 and < 500 && answer.Problem is not null,
                $"{request} with {request.Body} answered {answer.Code}: {answer.Text}");
        }

        Assert.Equal(0, await server.CountFactsByAsync(principal));
    }

    [Fact]
    public async Task Null_in_a_list_or_a_map_is_refused()
    {
        await server.ApiAsync();
        var (admin, principal) = await server.ApiAsync("admin");
        var requests = SampleRequest.WithNulls(server.Server.Services);
        Assert.True(requests.Count >= 10, $"only {requests.Count} lists were found");
        foreach (var request in requests)
        {
            var answer = await admin.SendAsync(new HttpMethod(request.Method), request.Path, request.Content);
            Assert.True(answer is { Code: 400, Problem: not null }, $"{request} with {request.Body} answered {answer.Code}: {answer.Text}");
        }

        Assert.Equal(0, await server.CountFactsByAsync(principal));
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_refused()
    {
        var (writer, principal) = await WriterAsync();
        foreach (var bytes in (byte[][])[[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]])
        {
            var body = new ByteArrayContent([.. "{\"namespace\":\"a\",\"name\":\""u8, .. bytes, .. "\",\"owner\":\"o\"}"u8]);
            body.Headers.ContentType = new("application/json");
            (await writer.PostAsync("/v1/datasets", body)).ExpectProblem(400, "request.malformed");
        }

        Assert.Equal(0, await server.CountFactsByAsync(principal));
    }

    [Theory]
    [InlineData("""{"namespace":"a","name":"b","owner":"c","extra":1}""", "request.malformed")]
    [InlineData("""{"namespace":"a","name":"b"}""", "request.malformed")]
    [InlineData("""{"namespace":null,"name":"b","owner":"c"}""", "request.malformed")]
    [InlineData("""{"namespace":1,"name":"b","owner":"c"}""", "request.malformed")]
    [InlineData("""{"namespace":["a"],"name":"b","owner":"c"}""", "request.malformed")]
    [InlineData("""{"namespace":"a","name":"b","owner":"c","tags":"pii"}""", "request.malformed")]
    [InlineData("""{"namespace":"a","name":"b","owner":"c","tags":[null]}""", null)]
    [InlineData("""{"namespace":"a","name":"b","owner":"c","tags":["a\nb"]}""", "request.invalid")]
    [InlineData("""{"namespace":"a","name":"line\nbreak","owner":"c"}""", "request.invalid")]
    [InlineData("""{"namespace":"a","name":"b\u0085","owner":"c"}""", "request.invalid")]
    [InlineData("""{"namespace":"a","name":"b\u2028","owner":"c"}""", "request.invalid")]
    [InlineData("""{"namespace":"a","name":" b","owner":"c"}""", "request.invalid")]
    [InlineData("""{"namespace":"a","name":"..","owner":"c"}""", "request.invalid")]
    [InlineData("""{"namespace":"a","name":"","owner":"c"}""", "request.invalid")]
    [InlineData("""{"namespace":"a","name":"b","owner":""}""", "request.invalid")]
    [InlineData("""{"namespace":"a","name":"b","owner":"c",}""", "request.malformed")]
    [InlineData("""{"namespace":"a","name":"b","owner":"c"/**/}""", "request.malformed")]
    [InlineData("""{"namespace":"a","name":'b',"owner":"c"}""", "request.malformed")]
    public async Task A_registration_that_makes_no_sense_is_refused(string body, string? code)
    {
        var (writer, principal) = await WriterAsync();
        var answer = await writer.PostAsync("/v1/datasets", body);
        answer.ExpectProblem(400, code ?? answer.Problem ?? "");
        Assert.Equal(0, await server.CountFactsByAsync(principal));
    }

    [Fact]
    public async Task Names_of_10000_characters_and_too_many_tags_are_refused()
    {
        var (writer, principal) = await WriterAsync();
        var lengthy = new string('n', 10_000);
        (await writer.PostAsync("/v1/datasets", new { @namespace = lengthy, name = "b", owner = "c" }))
            .ExpectProblem(400, "request.invalid");
        (await writer.PostAsync("/v1/datasets", new { @namespace = "a", name = lengthy, owner = "c" }))
            .ExpectProblem(400, "request.invalid");
        (await writer.PostAsync("/v1/datasets", new { @namespace = "a", name = "b", owner = lengthy }))
            .ExpectProblem(400, "request.invalid");
        var documentation = new string('d', 100_001);
        (await writer.PostAsync("/v1/datasets", new { @namespace = "a", name = "b", owner = "c", documentation }))
            .ExpectProblem(400, "request.invalid");
        var tags = Enumerable.Range(0, 101).Select(n => $"t{n}");
        (await writer.PostAsync("/v1/datasets", new { @namespace = "a", name = "b", owner = "c", tags }))
            .ExpectProblem(400, "request.invalid");
        (await writer.PostAsync("/v1/runs", new { job = new { @namespace = "a", name = lengthy } })).ExpectProblem(400, "request.invalid");
        (await writer.PostAsync("/v1/models", new { @namespace = "a", name = lengthy, owner = "c" })).ExpectProblem(400, "request.invalid");
        Assert.Equal(0, await server.CountFactsByAsync(principal));
    }

    /// <summary>
    /// Without a length the server learns late that it is too much; it answers, and hangs up on a client that goes on sending.
    /// </summary>
    private static async Task SendChunkedAsync(Api writer, string body)
    {
        try
        {
            (await writer.PostAsync("/v1/datasets", body, ("Transfer-Encoding", "chunked"), ("Expect", "100-continue")))
                .ExpectProblem(413, "request.too_large");
        }
        catch (HttpRequestException e)
        {
            Assert.IsType<IOException>(e.InnerException, exactMatch: false);
        }
    }

    [Fact]
    public async Task Fifty_megabytes_of_json_are_too_many()
    {
        var (writer, principal) = await WriterAsync();
        var body = $$"""{"namespace":"a","name":"b","owner":"c","documentation":"{{new string('x', 50_000_000)}}"}""";

        (await writer.PostAsync("/v1/datasets", body, ("Expect", "100-continue"))).ExpectProblem(413, "request.too_large");
        await SendChunkedAsync(writer, body);
        Assert.Equal(0, await server.CountFactsByAsync(principal));
    }

    [Theory]
    [InlineData("[", 100_000)]
    [InlineData("{\"a\":", 100_000)]
    [InlineData("[", 70)]
    public async Task Json_nested_deeply_is_refused(string opening, int depth)
    {
        var (writer, principal) = await WriterAsync();
        var nested = string.Concat(Enumerable.Repeat(opening, depth));
        (await writer.PostAsync("/v1/datasets", nested)).ExpectProblem(400, "request.malformed");
        (await writer.PostAsync("/v1/datasets", $$"""{"namespace":"a","name":"b","owner":"c","tags":{{nested}}"""))
            .ExpectProblem(400, "request.malformed");
        Assert.Equal(0, await server.CountFactsByAsync(principal));
    }

    [Theory]
    [InlineData("""{"expectedParent":1e999,"files":[]}""")]
    [InlineData("""{"expectedParent":9223372036854775808,"files":[]}""")]
    [InlineData("""{"expectedParent":1.5,"files":[]}""")]
    [InlineData("""{"expectedParent":"1","files":[]}""")]
    [InlineData("""{"expectedParent":NaN,"files":[]}""")]
    [InlineData("""{"files":[{"uri":"file:///a","bytes":1e30}]}""")]
    [InlineData("""{"run":"not-a-uuid","files":[]}""")]
    [InlineData("""{"mode":"merge","files":[]}""")]
    [InlineData("""{"mode":0,"files":[]}""")]
    [InlineData("""{"observed":"yes","files":[]}""")]
    [InlineData("""{"files":{}}""")]
    public async Task Numbers_and_words_that_do_not_belong_are_refused(string body)
    {
        var dataset = await New.DatasetAsync(await server.ApiAsync());
        var (writer, principal) = await WriterAsync();
        (await writer.PostAsync(dataset.Versions, body)).ExpectProblem(400, "request.malformed");
        Assert.Equal(0, await server.CountFactsByAsync(principal));
    }

    [Theory]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("01")]
    [InlineData("1")]
    [InlineData("٣")]
    [InlineData("latest")]
    public async Task An_alias_that_reads_as_a_number_is_refused_and_not_stored(string alias)
    {
        var api = await server.ApiAsync();
        var dataset = await New.DatasetAsync(api);
        (await api.PostAsync(dataset.Versions, new { files = new[] { new { uri = New.File(server.NewFolder(), "a", "a") } } })).Expect(201);

        (await api.PutAsync(Api.Path($"/v1/datasets/{dataset.Namespace}/{dataset.Name}/aliases/{alias}"), new { version = 1 }))
            .ExpectProblem(400, "request.invalid");

        Assert.Equal(2, await server.CountFactsOnAsync(dataset.Node));
    }

    private async Task<(Api Api, string Principal)> WriterAsync()
    {
        await server.ApiAsync();
        return await server.ApiAsync("writer");
    }
}
