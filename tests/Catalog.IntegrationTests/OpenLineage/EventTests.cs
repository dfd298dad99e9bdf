using System.Text;
using System.Text.Json;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Lineage;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>One event at a time, as every client sends them.</summary>
public sealed class EventTests(ServerFixture server)
{
    [Fact]
    public async Task Events_of_every_kind_are_accepted_with_201_and_no_body()
    {
        var api = await server.ApiAsync();
        foreach (var fixture in Sent.Fixtures)
        {
            var answer = (await api.SendAsync(Sent.Single, fixture)).Expect(201);
            Assert.Empty(answer.Bytes);
        }

        Assert.Equal(1, await CountAsync("job:airflow%3A%2F%2Fproduction/daily.transform"));
        Assert.Equal(1, await CountAsync("dataset:s3%3A%2F%2Flake/gold%2Forders äöü%2F100%25"));
        Assert.Equal(2, await CountAsync("run:0198d8f2-0000-7000-8000-00000000000a"));
    }

    [Fact]
    public async Task The_same_event_again_is_accepted_and_stored_once_however_it_is_written()
    {
        var api = await server.ApiAsync();
        var run = New.Name("run");
        var text = Sent.Event(run);
        var spaced = JsonSerializer.Serialize(JsonDocument.Parse(text).RootElement, new JsonSerializerOptions { WriteIndented = true });

        (await api.SendAsync(Sent.Single, text)).Expect(201);
        (await api.SendAsync(Sent.Single, text)).Expect(201);
        (await api.SendAsync(Sent.Single, spaced)).Expect(201);
        (await api.SendAsync(Sent.Single, Sent.Event(run, "COMPLETE"))).Expect(201);

        Assert.Equal(2, await CountAsync($"run:{run}"));
    }

    [Fact]
    public async Task The_same_event_from_many_at_once_is_stored_once()
    {
        var api = await server.ApiAsync();
        string[] runs = [New.Name("run"), New.Name("run"), New.Name("run")];

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 90).Select(i => Task.Run(() => api.SendAsync(Sent.Single, Sent.Event(runs[i % 3])))));

        Assert.All(answers, a => a.Expect(201));
        foreach (var run in runs)
            Assert.Equal(1, await CountAsync($"run:{run}"));
    }

    [Fact]
    public async Task The_body_is_kept_whole()
    {
        var api = await server.ApiAsync();
        var run = New.Name("run");
        var text = Sent.Event(run, more: """  "sql" : {"query":"select 'ü' -- \u0000 \ud800", "id":3821550127947089009}  """);

        (await api.SendAsync(Sent.Single, text)).Expect(201);

        var hash = await ReadAsync<string>("data->>'hash'", run);
        var bodies = server.Server.Services.GetRequiredService<OpenLineageBodies>();
        var body = await bodies.ReadAsync(hash, TestContext.Current.CancellationToken);
        Assert.Equal(text, Encoding.UTF8.GetString((body ?? throw new InvalidOperationException("No body is stored.")).Span));
        Assert.DoesNotContain("select", await ReadAsync<string>("data::text", run));
    }

    [Fact]
    public async Task A_fact_says_who_sent_the_event_and_where_the_log_then_stood()
    {
        await server.ApiAsync();
        var (writer, principal) = await server.ApiAsync("writer");
        var run = New.Name("run");

        var first = (await writer.SendAsync(Sent.Single, Sent.Event(run))).Expect(201);
        var repeated = (await writer.SendAsync(Sent.Single, Sent.Event(run))).Expect(201);

        Assert.Equal(1, await server.CountFactsByAsync(principal));
        var position = await ReadAsync<long>("seq_id", run);
        Assert.Equal(position, long.Parse(first.Headers.GetValues("Catalog-Position").Single()));
        Assert.InRange(long.Parse(repeated.Headers.GetValues("Catalog-Position").Single()), position, long.MaxValue);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Packed_bodies_are_taken_with_and_without_a_length(bool chunked)
    {
        var api = await server.ApiAsync();
        var run = New.Name("run");

        (await api.SendPackedAsync(Sent.Single, Encoding.UTF8.GetBytes(Sent.Event(run)), chunked)).Expect(201);

        Assert.Equal(1, await CountAsync($"run:{run}"));
    }

    [Fact]
    public async Task An_event_of_25_megabytes_is_taken()
    {
        var api = await server.ApiAsync();
        var run = New.Name("run");
        var description = new string('x', 300);
        var columns = string.Join(
            ',', Enumerable.Range(0, 20_000).Select(i => $$"""{"name":"column-{{i}}","type":"VARCHAR","description":"{{description}}"}"""));
        var large = Encoding.UTF8.GetBytes(Sent.Event(run, "COMPLETE", $$"""
            "sql":{"query":"{{new string('y', 18_000_000)}}"},"acme":{"fields":[{{columns}}]}
            """));
        Assert.InRange(large.Length, 25_000_000, 26_000_000);

        (await api.SendAsync(HttpMethod.Post, Sent.Single, Sent.Json(large))).Expect(201);
        (await api.SendPackedAsync(Sent.Single, large, chunked: true)).Expect(201);

        Assert.Equal(1, await CountAsync($"run:{run}"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_limit_is_refused_also_when_it_is_small_packed(bool packed)
    {
        var api = await server.ApiAsync();
        var large = Encoding.UTF8.GetBytes(Sent.Event(New.Name("run"), more: $$"""
            "sql":{"query":"{{new string('y', 33 * 1024 * 1024)}}"}
            """));

        var answer = packed
            ? await api.SendPackedAsync(Sent.Single, large, chunked: true)
            : await api.SendAsync(HttpMethod.Post, Sent.Single, Sent.Json(large));

        answer.ExpectProblem(413, "request.too_large");
    }

    [Theory]
    [InlineData("", "$", "request.malformed")]
    [InlineData("{", "$", "request.malformed")]
    [InlineData("not json", "$", "request.malformed")]
    [InlineData("null", "$", "request.invalid")]
    [InlineData("[]", "$", "request.invalid")]
    [InlineData("{}", "$", "request.invalid")]
    [InlineData("""{"eventTime":"2026-11-24","run":{},"job":{"namespace":"n","name":"j"}}""", "$.run.runId", "request.invalid")]
    [InlineData("""{"eventTime":"2026-11-24","job":{"namespace":"n","name":"j"},"outputs":[7]}""", "$.outputs[0]", "request.invalid")]
    [InlineData("""{"eventTime":"2026-11-24","job":{"namespace":"n","name":"a\u0000b"}}""", "$.job.name", "request.invalid")]
    public async Task A_malformed_event_is_refused_with_the_path(string body, string path, string code)
    {
        var api = await server.ApiAsync();

        Assert.Equal(path, (await api.SendAsync(Sent.Single, body)).ExpectProblem(400, code).PathOfProblem());
    }

    [Fact]
    public async Task Bytes_that_are_not_what_the_headers_say_are_refused()
    {
        var api = await server.ApiAsync();
        var lying = Sent.Json(Encoding.UTF8.GetBytes(Sent.Event(New.Name("run"))));
        lying.Headers.ContentEncoding.Add("gzip");
        var unknown = Sent.Json([1, 2, 3]);
        unknown.Headers.ContentEncoding.Add("br");

        (await api.SendAsync(HttpMethod.Post, Sent.Single, lying)).ExpectProblem(400, "request.malformed");
        (await api.SendAsync(HttpMethod.Post, Sent.Single, unknown)).ExpectProblem(415, "request.unsupported_media_type");
        (await api.SendAsync(HttpMethod.Post, Sent.Single, Sent.Json([0xff, 0xfe, 0]))).ExpectProblem(400, "request.malformed");
    }

    [Theory]
    [InlineData(Sent.Single)]
    [InlineData(Sent.Batch)]
    public async Task Only_writers_get_in(string path)
    {
        await server.ApiAsync();
        using var stranger = new Api(server.Server.Address, key: null);
        using var wrong = new Api(server.Server.Address, "cat_000000000000_wrong");
        var (reader, _) = await server.ApiAsync("reader");
        var body = path == Sent.Batch ? $"[{Sent.Event(New.Name("run"))}]" : Sent.Event(New.Name("run"));

        (await stranger.SendAsync(path, body)).ExpectProblem(401, "access.unauthenticated");
        (await wrong.SendAsync(path, body)).ExpectProblem(401, "access.key_unknown");
        (await stranger.SendAsync(path.Replace("api", "API"), body)).ExpectProblem(401, "access.unauthenticated");
        (await reader.SendAsync(path, body)).ExpectProblem(403, "access.denied");
    }

    [Theory]
    [InlineData(Sent.Single + "/")]
    [InlineData(Sent.Single + "?source=airflow&x=%20")]
    [InlineData("/API/V1/Lineage")]
    public async Task No_address_of_the_door_redirects(string path)
    {
        var api = await server.ApiAsync();

        (await api.SendAsync(path, Sent.Event(New.Name("run")))).Expect(201);
    }

    private Task<T> ReadAsync<T>(string what, string run) =>
        Sql.ReadAsync<T>(server.Database, $"SELECT {what} FROM catalog.mt_events WHERE stream_id = 'run:{run}'");

    private Task<long> CountAsync(string stream) => server.CountFactsOnAsync(stream);
}
