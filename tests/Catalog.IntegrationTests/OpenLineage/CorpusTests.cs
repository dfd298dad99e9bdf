using System.Text;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>Events that others wrote, through the door of a catalog that has none of them yet.</summary>
public sealed class CorpusTests
{
    [Fact]
    public async Task Valid_events_are_accepted_and_stored_once_and_invalid_ones_refused_with_the_path()
    {
        var events = OthersEvents.All();
        Assert.True(events.Count > 100, $"Only {events.Count} events were found.");
        await using var server = await FreshServer.StartAsync();

        foreach (var turn in Enumerable.Range(0, 2))
        {
            foreach (var (name, text) in events)
            {
                var answer = await server.Api.SendAsync(Sent.Single, text);
                if (OthersEvents.IsInvalid(name))
                    Assert.StartsWith("$.", answer.ExpectProblem(400, "request.invalid").PathOfProblem());
                else
                    answer.Expect(201);
            }
        }

        var all = $"[{string.Join(',', events.Reverse().Select(e => e.Text))}]";
        var outcome = (await server.Api.SendPackedAsync(Sent.Batch, Encoding.UTF8.GetBytes(all), chunked: true)).Expect(200);
        Assert.Equal(6, outcome["summary"].GetProperty("failed").GetInt32());
        var stored = await CountAsync(server, "count(*)");
        Assert.Equal(await CountAsync(server, "count(DISTINCT data->>'hash')"), stored);
        Assert.InRange(stored, 90, events.Count - 6);
    }

    private static Task<long> CountAsync(FreshServer server, string what) =>
        Sql.ReadAsync<long>(server.Database, $"SELECT {what} FROM catalog.mt_events WHERE type = 'openlineage_received'");
}
