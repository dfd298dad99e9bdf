using Catalog.Access;
using Catalog.Lineage;
using Catalog.Server.Doors.Marquez;
using Catalog.Tests.Access;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Catalog.Tests.Http;

/// <summary>What of the lineage graph Marquez's shapes are made of.</summary>
public sealed class MarquezGraphTests
{
    private static readonly LineageRelations s_flow = LineageRelations.Of(LineageRelation.Derived);
    private readonly TemporalGraph _graph = new();

    [Theory]
    [InlineData(10, 10, 5, 2, 2, true)]
    [InlineData(10, 1, 5, 3, 1, true)]
    [InlineData(1, 10, 5, 1, 3, true)]
    [InlineData(2, 2, 5, 2, 2, false)]
    [InlineData(10, 0, 11, 10, 0, false)]
    public void Origins_and_uses_share_the_limit(int above, int below, int limit, int origins, int uses, bool cut)
    {
        var middle = NodeId.Dataset("demo", "middle");
        for (var i = 0; i < above; i++)
            Hold(NodeId.Dataset("above", $"{i}"), middle, LineageRelation.Derived, since: 1);
        for (var i = 0; i < below; i++)
            Hold(middle, NodeId.Dataset("below", $"{i}"), LineageRelation.Derived, since: 1);

        var (nodes, more) = Graph().Around([middle], s_flow, down: true, depth: 3, limit, _ => true);

        Assert.Equal(
            (origins, uses, cut), (nodes.Count(n => n.Namespace == "above"), nodes.Count(n => n.Namespace == "below"), more));
        Assert.Contains(middle, nodes);
    }

    [Fact]
    public void More_nodes_than_the_limit_are_not_even_begun_with()
    {
        NodeId[] columns = [.. Enumerable.Range(0, 5).Select(i => NodeId.Dataset("demo", "wide", version: null, $"{i}"))];

        var (nodes, cut) = Graph().Around(columns, s_flow, down: true, depth: 3, limit: 3, _ => true);

        Assert.Equal((3, true), (nodes.Count, cut));
    }

    [Fact]
    public void The_newest_version_is_the_first_of_all()
    {
        var dataset = NodeId.Dataset("demo", "flights");
        foreach (var (version, since) in new[] { (1, 30), (2, 50), (9, 50), (10, 50), (3, 40) })
            Hold(dataset, dataset.WithVersion(version), LineageRelation.Version, since);

        var graph = Graph();

        Assert.Equal(dataset.WithVersion(10), graph.NewestOf(dataset));
        Assert.Equal(graph.NewestOf(dataset), graph.VersionsOf(dataset)[0].Version);
        Assert.Null(graph.NewestOf(NodeId.Dataset("demo", "other")));
    }

    [Fact]
    public void What_may_not_be_seen_is_as_if_it_were_not_there()
    {
        var (one, other) = (NodeId.Dataset("demo", "one"), NodeId.Dataset("demo", "other"));
        Hold(one, other, LineageRelation.Derived, since: 1);
        Hold(one, one.WithVersion(1), LineageRelation.Version, since: 1);

        var graph = Graph((Role)99);

        Assert.Equal([one], graph.Around([one], s_flow, down: true, depth: 3, limit: 10, _ => true).Nodes);
        Assert.Empty(graph.VersionsOf(one));
        Assert.Null(graph.NewestOf(one));
    }

    [Fact]
    public void The_gate_is_asked_once_about_a_thing_whatever_is_shown_of_it()
    {
        var log = new Denials();
        var gate = new Gate(Caller((Role)99), new StandingPolicies(), decisions: null, TimeProvider.System, log);
        var sight = new MarquezSight(gate);
        var dataset = NodeId.Dataset("demo", "flights");
        using var decisions = new CountedDecisions();

        Assert.False(sight.Shows(dataset));
        Assert.False(sight.Shows(dataset.WithVersion(3)));
        Assert.False(sight.Shows(NodeId.Dataset("demo", "flights", version: null, "delay")));
        Assert.Equal((1, 0), (decisions.Count, log.Count)); // what is left out was not asked for
    }

    [Fact]
    public void Of_what_an_id_can_mean_nothing_is_looked_for_that_may_not_be_seen()
    {
        NodeId[] meant = [NodeId.Dataset("a", "b:c"), NodeId.Dataset("a:b", "c")];

        Assert.Equal(meant, Sight(Role.Reader).Among(meant, out var no));
        Assert.Null(no);
        Assert.Empty(Sight((Role)99).Among(meant, out no));
        Assert.NotNull(no);
    }

    private void Hold(NodeId from, NodeId to, LineageRelation relation, long since) =>
        _graph.Hold(_graph.Node(from), _graph.Node(to), relation, since, position: 1);

    private MarquezGraph Graph(Role role = Role.Reader)
    {
        _graph.Publish(1);
        return new MarquezGraph(_graph.Current, Moment.Latest, Sight(role));
    }

    private static MarquezSight Sight(Role role) => new(
        new Gate(Caller(role), new StandingPolicies(), decisions: null, TimeProvider.System, NullLogger<Gate>.Instance));

    private static Caller Caller(Role role)
    {
        var caller = new Caller();
        caller.Become(new Identity("me", KeyId: null, role, Purpose: null, Correlation: null, Causation: null));
        return caller;
    }

    private sealed class Denials : ILogger<Gate>
    {
        public int Count { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Count++;
    }
}
