using System.Text;
using System.Text.Json;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>Events that others wrote, through the door. They are not part of the repository.</summary>
public sealed class CorpusTests(ServerFixture server)
{
    [Fact]
    public async Task Valid_events_are_accepted_and_stored_once_and_invalid_ones_refused_with_the_path()
    {
        var folder = Path.Combine(Repository.Root, "..", "shared", "data", "openlineage");
        Assert.SkipUnless(Directory.Exists(folder), "The events of others are not at ../shared/data/openlineage.");
        await server.ApiAsync();
        var (api, principal) = await server.ApiAsync("writer");
        var events = Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Where(IsEvent).ToList();
        Assert.True(events.Count > 30, $"Only {events.Count} events were found.");

        foreach (var turn in Enumerable.Range(0, 2))
        {
            foreach (var file in events)
            {
                var answer = await api.SendAsync(Sent.Single, await File.ReadAllTextAsync(file));
                if (Path.GetFileName(file) is var name && (name.Contains("invalid") || name.Contains("no_run_id")))
                    Assert.StartsWith("$.", answer.ExpectProblem(400, "request.invalid").PathOfProblem());
                else
                    answer.Expect(201);
            }
        }

        var all = $"[{string.Join(',', events.OrderDescending(StringComparer.Ordinal).Select(File.ReadAllText))}]";
        var outcome = (await api.SendPackedAsync(Sent.Batch, Encoding.UTF8.GetBytes(all), chunked: true)).Expect(200);
        Assert.Equal(6, outcome["summary"].GetProperty("failed").GetInt32());
        var hashes = $"SELECT count(DISTINCT data->>'hash') FROM catalog.mt_events WHERE user_name = '{principal}'";
        Assert.Equal(
            await Sql.ReadAsync<long>(server.Database, hashes),
            await server.CountFactsByAsync(principal));
        Assert.InRange(await server.CountFactsByAsync(principal), 30, events.Count - 6);
    }

    internal static bool IsEvent(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("eventTime", out _);
    }
}
