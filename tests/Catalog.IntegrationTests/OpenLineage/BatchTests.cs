using System.Text;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>Many events in one request, each with its own outcome.</summary>
public sealed class BatchTests(ServerFixture server)
{
    [Fact]
    public async Task A_batch_of_good_events_answers_204()
    {
        var api = await server.ApiAsync();
        var prefix = New.Name("run");
        var events = Enumerable.Range(0, 1_200).Select(i => Sent.Event($"{prefix}-{i}"));

        var answer = (await api.SendAsync(Sent.Batch, $"[{string.Join(',', events)}]")).Expect(204);

        Assert.Empty(answer.Bytes);
        Assert.Equal(1_200, await CountLikeAsync(prefix));
    }

    [Fact]
    public async Task Repeated_events_within_and_between_batches_are_accepted_and_stored_once()
    {
        var api = await server.ApiAsync();
        var prefix = New.Name("run");
        string[] events = [.. Enumerable.Range(0, 300).Select(i => Sent.Event($"{prefix}-{i}"))];

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(turn => Task.Run(() =>
        {
            var shuffled = events.Concat(events.Take(50)).OrderBy(e => e.GetHashCode(StringComparison.Ordinal) ^ turn);
            return api.SendAsync(Sent.Batch, $"[{string.Join(',', shuffled)}]");
        })));

        Assert.All(answers, a => a.Expect(204));
        Assert.Equal(300, await CountLikeAsync(prefix));
    }

    [Fact]
    public async Task What_is_wrong_is_told_by_place_and_the_rest_is_taken()
    {
        var api = await server.ApiAsync();
        var prefix = New.Name("run");

        string[] events = [Sent.Event(prefix + "-1"), "{}", Sent.Event(prefix + "-2", "STOP"), "7", Sent.Event(prefix + "-3")];
        var answer = (await api.SendAsync(Sent.Batch, $"[{string.Join(',', events)}]")).Expect(200);

        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal("partial_success", answer["status"].GetString());
        Assert.Equal("""{"received":5,"successful":2,"failed":3,"retriable":0,"non_retriable":3}""", answer["summary"].GetRawText());
        Assert.Equal(
            [
                (1, "$ must have 'run' and 'job' (a run event), 'job' (a job event) or 'dataset' (a dataset event).", false),
                (2, "$.eventType must be one of START, RUNNING, COMPLETE, ABORT, FAIL, OTHER.", false),
                (3, "$ must be an object: a run, job or dataset event.", false),
            ],
            answer["failed_events"].EnumerateArray()
                .Select(f => (f.GetProperty("index").GetInt32(), f.Reason(), f.GetProperty("retriable").GetBoolean())));
        Assert.Equal(2, await CountLikeAsync(prefix));
    }

    [Fact]
    public async Task An_empty_batch_is_all_accepted()
    {
        var api = await server.ApiAsync();

        (await api.SendAsync(Sent.Batch, "[]")).Expect(204);
    }

    [Theory]
    [InlineData("", "request.malformed")]
    [InlineData("[{]", "request.malformed")]
    [InlineData("{}", "request.invalid")]
    [InlineData("null", "request.invalid")]
    public async Task What_is_no_array_is_refused(string body, string code)
    {
        var api = await server.ApiAsync();

        Assert.Equal("$", (await api.SendAsync(Sent.Batch, body)).ExpectProblem(400, code).PathOfProblem());
    }

    [Fact]
    public async Task More_events_than_a_batch_may_have_are_refused()
    {
        var api = await server.ApiAsync();

        (await api.SendAsync(Sent.Batch, $"[{string.Join(',', Enumerable.Repeat("0", 10_001))}]")).ExpectProblem(413, "request.too_large");
    }

    [Fact]
    public async Task A_packed_batch_is_taken()
    {
        var api = await server.ApiAsync();
        var prefix = New.Name("run");

        (await api.SendPackedAsync(Sent.Batch, Encoding.UTF8.GetBytes($"[{Sent.Event(prefix)}]"), chunked: true)).Expect(204);

        Assert.Equal(1, await CountLikeAsync(prefix));
    }

    private Task<long> CountLikeAsync(string prefix) =>
        Hosting.Sql.ReadAsync<long>(server.Database, $"SELECT count(*) FROM catalog.mt_events WHERE stream_id LIKE 'run:{prefix}%'");
}
