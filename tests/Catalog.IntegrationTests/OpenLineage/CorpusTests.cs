using System.Text;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>Events that others wrote, through the door.</summary>
public sealed class CorpusTests(ServerFixture server)
{
    [Fact]
    public async Task Valid_events_are_accepted_and_stored_once_and_invalid_ones_refused_with_the_path()
    {
        var events = OthersEvents.All();
        Assert.True(events.Count > 100, $"Only {events.Count} events were found.");
        await server.ApiAsync();
        var (api, principal) = await server.ApiAsync("writer");

        foreach (var turn in Enumerable.Range(0, 2))
        {
            foreach (var (name, text) in events)
            {
                var answer = await api.SendAsync(Sent.Single, text);
                if (OthersEvents.IsInvalid(name))
                    Assert.StartsWith("$.", answer.ExpectProblem(400, "request.invalid").PathOfProblem());
                else
                    answer.Expect(201);
            }
        }

        var all = $"[{string.Join(',', events.Reverse().Select(e => e.Text))}]";
        var outcome = (await api.SendPackedAsync(Sent.Batch, Encoding.UTF8.GetBytes(all), chunked: true)).Expect(200);
        Assert.Equal(6, outcome["summary"].GetProperty("failed").GetInt32());
        var hashes = $"SELECT count(DISTINCT data->>'hash') FROM catalog.mt_events WHERE user_name = '{principal}'";
        Assert.Equal(
            await Sql.ReadAsync<long>(server.Database, hashes),
            await server.CountFactsByAsync(principal));
        Assert.InRange(await server.CountFactsByAsync(principal), 90, events.Count - 6);
    }
}
