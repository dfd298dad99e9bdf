using System.Globalization;
using System.Text.Json;
using Catalog.Lineage;
using Catalog.Lineage.OpenLineage;
using Catalog.Platform.Log;
using Catalog.Platform.Store;
using Catalog.Tests.OpenLineage;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Lineage;

/// <summary>Which facts say an edge, decided one by one, agrees with what the graph makes of all of them.</summary>
public sealed class EdgeClaimTests
{
    [Fact]
    public void Every_edge_that_the_graph_has_is_said_by_some_event() =>
        OpenLineageFoldTests.GenEvent.Array[1, 10].Sample(
            events =>
            {
                var view = Fold(events);
                foreach (var edge in view.Records().Where(e => e.End.ReplacedAt == long.MaxValue).ToList())
                {
                    var (from, to) = (view.NodeOf(edge.Source), view.NodeOf(edge.Target));
                    var claim = new EdgeClaim(view, view.Position, from, to);
                    Assert.True(
                        events.SelectMany((e, i) => Said(claim, Entry(e, i + 1))).Any(s => s.Relation == edge.Relation),
                        $"{from} -{edge.Relation}-> {to} is said by nobody.");
                }
            },
            iter: 100,
            print: events => string.Join('\n', events.Select(e => JsonSerializer.Serialize(e))));

    [Fact]
    public void An_event_by_itself_says_what_a_graph_of_it_alone_would_have() =>
        OpenLineageFoldTests.GenEvent.Sample(
            said =>
            {
                var view = Fold(said);
                foreach (var edge in view.Records().ToList())
                {
                    var claim = new EdgeClaim(view, view.Position, view.NodeOf(edge.Source), view.NodeOf(edge.Target));
                    var claimed = Said(claim, Entry(said, 1));
                    Assert.Contains(claimed, s => s.Relation == edge.Relation && s.Since?.UtcTicks == edge.HeldFrom);
                }
            },
            iter: 300);

    [Fact]
    public void What_came_late_for_a_run_says_nothing()
    {
        var said = OpenLineageFoldTests.GenEvent.Single();
        var view = Fold(said);

        foreach (var edge in view.Records().ToList())
        {
            var claim = new EdgeClaim(view, view.Position, view.NodeOf(edge.Source), view.NodeOf(edge.Target));
            Assert.Empty(Said(claim, Entry(said, 1, late: true)));
        }
    }

    private static IReadOnlyList<EdgeClaim.Said> Said(EdgeClaim claim, LogEntry entry) =>
        claim.Of(entry, entry.ReadFact(CatalogStore.Facts) ?? throw new InvalidOperationException("The fact is not known."));

    private static GraphView Fold(params OpenLineageEvent[] events)
    {
        var graph = new TemporalGraph();
        var fold = new OpenLineageFold(graph);
        for (var i = 0; i < events.Length; i++)
            fold.Apply(events[i], position: i + 1);
        graph.Publish(events.Length);
        return graph.Current;
    }

    private static LogEntry Entry(OpenLineageEvent said, long position, bool late = false) => new(
        position, Guid.CreateVersion7(), said.Subject().StreamId, position, "openlineage_received", DateTimeOffset.UnixEpoch,
        Principal: null,
        JsonSerializer.SerializeToUtf8Bytes(
            new OpenLineageReceived(position.ToString(CultureInfo.InvariantCulture), late, said), CatalogStore.Json));
}
