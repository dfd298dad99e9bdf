using System.Collections.Concurrent;
using System.Diagnostics;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;
using Catalog.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>What was acknowledged is there, once, whatever happens.</summary>
public sealed class DurabilityTests : IDisposable
{
    private const int Senders = 4;

    /// <summary>Bodies without a fact, and facts without a body.</summary>
    private const string Unmatched = """
        SELECT count(*) FROM catalog.openlineage_body b
        FULL JOIN (SELECT data->>'hash' AS hash FROM catalog.mt_events WHERE type = 'openlineage_received') e
            ON e.hash = encode(b.hash, 'hex')
        WHERE b.hash IS NULL OR e.hash IS NULL
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_a_kill_every_acknowledged_event_is_there_and_none_twice()
    {
        Requires.Linux();
        await Requires.PostgresAsync();
        Directory.CreateDirectory(_folder["files"]);
        var (sent, acknowledged) = (new ConcurrentBag<string>(), new ConcurrentBag<string>());
        using (var server = await ServerProcess.StartAsync(_folder["data"], _folder["files"]))
        {
            using var api = await server.ApiAsync();
            var senders = Enumerable.Range(0, Senders)
                .Select(i => Task.Run(() => SendUntilNobodyAnswersAsync(api, i, sent, acknowledged)))
                .ToList();
            await Eventually.True(() => acknowledged.Count >= 500, "some events are acknowledged");
            using (var postgres = Process.GetProcessById(server.PostgresId))
                postgres.Kill();
            await server.KillAsync();
            await Task.WhenAll(senders);
        }

        using var again = await ServerProcess.StartAsync(_folder["data"], _folder["files"]);
        using var retrying = await again.ApiAsync();
        var stored = await StoredAsync(again.ConnectionString);
        Assert.Empty(acknowledged.Except(stored, StringComparer.Ordinal));
        Assert.Equal(stored.Length, stored.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(stored.Order(StringComparer.Ordinal), await InGraphAsync(retrying));

        // Nobody knows what became of those without an answer: clients send them again.
        string[] all = [.. sent.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        foreach (var some in all.Chunk(1_000))
            (await retrying.SendAsync(Sent.Batch, $"[{string.Join(',', some.Select(run => Sent.Event(run)))}]")).Expect(204);
        Assert.Equal(all, (await StoredAsync(again.ConnectionString)).Order(StringComparer.Ordinal));
        Assert.Equal(0, await Sql.ReadAsync<long>(again.ConnectionString, Unmatched));
        await again.StopAsync();
    }

    [Fact]
    public async Task The_same_events_to_two_servers_at_once_are_stored_once()
    {
        await Requires.PostgresAsync();
        Directory.CreateDirectory(_folder["files"]);
        await using var postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = _folder["database"] }, NullLogger.Instance, TestContext.Current.CancellationToken);
        using var first = await ServerProcess.StartAsync(_folder["a"], _folder["files"], postgres.ConnectionString);
        using var second = await ServerProcess.StartAsync(_folder["b"], _folder["files"], postgres.ConnectionString);
        var key = await KeyFile.ReadAsync(_folder["a"]);
        Api[] apis = [new(first.Address, key), new(second.Address, key)];

        // Several events of each run, so that the servers meet on streams and on hashes alike.
        string[] events = [.. Enumerable.Range(0, 400).Select(i => Sent.Event($"shared-{i % 40}", more: $$"""
            "nth":{"n":{{i}}}
            """))];
        await Parallel.ForAsync(0, 2 * events.Length, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
        {
            var nth = i % 2 == 0 ? i / 2 : events.Length - 1 - (i / 2);
            (await apis[i % 2].SendAsync(Sent.Single, events[nth])).Expect(201);
        });

        Assert.Equal(events.Length, (await StoredAsync(postgres.ConnectionString)).Length);
        foreach (var api in apis)
            api.Dispose();
    }

    private static async Task SendUntilNobodyAnswersAsync(
        Api api, int sender, ConcurrentBag<string> sent, ConcurrentBag<string> acknowledged)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                string[] runs = [.. Enumerable.Range(0, sender == 0 ? 1 : 20).Select(n => $"kill-{sender}-{i}-{n}")];
                foreach (var run in runs)
                    sent.Add(run);
                var answer = sender == 0
                    ? await api.SendAsync(Sent.Single, Sent.Event(runs[0]))
                    : await api.SendAsync(Sent.Batch, $"[{string.Join(',', runs.Select(run => Sent.Event(run)))}]");
                if (answer.Code is not (201 or 204))
                    return;
                foreach (var run in runs)
                    acknowledged.Add(run);
            }
        }
        catch (HttpRequestException)
        {
            // Nobody answered: whether the events were stored is not known, and nothing was promised.
        }
    }

    /// <summary>The runs that lineage knows.</summary>
    private static async Task<IEnumerable<string>> InGraphAsync(Api api)
    {
        var answer = (await api.GetAsync("/v1/lineage?node=job%3Aown%2Fjob&direction=down&granularity=version&limit=10000")).Expect(200);
        Assert.False(answer["truncated"].GetBoolean());
        return answer["nodes"].EnumerateArray()
            .Select(n => n.GetProperty("id").GetString() ?? "")
            .Where(n => n.StartsWith("run:", StringComparison.Ordinal))
            .Select(n => n[4..])
            .Order(StringComparer.Ordinal);
    }

    private static async Task<string[]> StoredAsync(string database) => await Sql.ReadAsync<string[]>(
        database, "SELECT coalesce(array_agg(substr(stream_id, 5)), '{}') FROM catalog.mt_events WHERE type = 'openlineage_received'");
}
