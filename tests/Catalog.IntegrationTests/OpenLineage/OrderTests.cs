using System.Text;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Serving;

namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>
/// The same events, in order and once to one catalog, shuffled and twice to another: what both know in the end is the same, but for when
/// they learned it. The graphs are compared whole, by the tables that auditors read.
/// </summary>
public sealed class OrderTests
{
    private const string Edges = """
        SELECT coalesce(array_agg(concat_ws(' ', source, relation, target, held_from, held_to)), '{}')
        FROM lineage.edges WHERE known_until_position IS NULL
        """;

    [Fact]
    public async Task Events_of_our_own()
    {
        var told = new Told("story");
        await CompareAsync([.. Sent.Fixtures, .. Stories.OneThatDependsOnOrder(told)], atLeast: 60);
    }

    [Fact]
    public async Task Events_that_others_wrote() =>
        await CompareAsync([.. OthersEvents.All().Where(e => !OthersEvents.IsInvalid(e.Name)).Select(e => e.Text)], atLeast: 400);

    private static async Task CompareAsync(IReadOnlyList<string> events, int atLeast)
    {
        await using var one = await FreshServer.StartAsync();
        await using var other = await FreshServer.StartAsync();
        foreach (var sent in events)
            (await one.Api.SendAsync(Sent.Single, sent)).Expect(201);

        var shuffled = events.Concat(events).ToArray();
        new Random(20_261_125).Shuffle(shuffled);
        foreach (var some in shuffled.Chunk(7))
        {
            var batch = Encoding.UTF8.GetBytes($"[{string.Join(',', some)}]");
            (await other.Api.SendPackedAsync(Sent.Batch, batch, chunked: true)).Expect(204);
        }

        var (first, second) = (await EdgesAsync(one), await EdgesAsync(other));
        Assert.Empty(first.Except(second));
        Assert.Empty(second.Except(first));
        Assert.True(first.Count >= atLeast, $"Only {first.Count} edges came of {events.Count} events.");
    }

    /// <summary>Once the tables include all that is in the log.</summary>
    private static async Task<IReadOnlyCollection<string>> EdgesAsync(FreshServer server)
    {
        const string Behind =
            "SELECT max(position) FILTER (WHERE part = 'log') - max(position) FILTER (WHERE part = 'lineage') FROM catalog.positions";
        await Eventually.True(
            async () => await Sql.ReadAsync<long>(server.Database, Behind) == 0, "the lineage tables include the whole log");
        return (await Sql.ReadAsync<string[]>(server.Database, Edges)).ToHashSet(StringComparer.Ordinal);
    }
}
