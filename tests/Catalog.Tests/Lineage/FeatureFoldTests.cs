using System.Text.Json;
using Catalog.FeatureGenerations;
using Catalog.Features;
using Catalog.FeatureServices;
using Catalog.Lineage;
using Catalog.Models;
using Catalog.Platform.Log;
using Catalog.Platform.Store;
using Xunit;
using static Catalog.Tests.Features.Definitions;

namespace Catalog.Tests.Lineage;

/// <summary>Which generation served which model, and when, as facts of views, services and models say together.</summary>
public sealed class FeatureFoldTests
{
    private static readonly NodeId s_view = NodeId.FeatureView("demo", "delays");
    private static readonly NodeId s_service = NodeId.FeatureService("demo", "flight_delay");
    private static readonly NodeId s_model = NodeId.Model("demo", "flight-delay");
    private static readonly NodeId s_source = NodeId.Dataset("demo", "flights");
    private static readonly Guid s_first = Guid.CreateVersion7();
    private static readonly Guid s_second = Guid.CreateVersion7();

    private readonly List<LogEntry> _log = [];

    [Fact]
    public void A_generation_serves_a_model_from_its_activation_to_the_next_and_again_after_a_rollback()
    {
        Defined();
        Say(5, s_model, new ModelFeaturesNamed(1, s_service.WithVersion(1)));
        Say(10, s_view, new FeatureGenerationActivated(1, s_first, Guid.CreateVersion7(), Reason: null));
        Say(20, s_view, new FeatureGenerationActivated(1, s_second, Guid.CreateVersion7(), Reason: null));
        Say(30, s_view, new FeatureGenerationRolledBack(1, s_second, s_first, Guid.CreateVersion7(), Reason: null));

        Assert.Equal([], ServingOn(9));
        Assert.Equal([s_first], ServingOn(10));
        Assert.Equal([s_first], ServingOn(19));
        Assert.Equal([s_second], ServingOn(20));
        Assert.Equal([s_second], ServingOn(29));
        Assert.Equal([s_first], ServingOn(30));
        Assert.Equal([s_first], ServingOn(365));
    }

    [Fact]
    public void A_model_that_is_named_a_service_later_is_served_what_is_active_by_then()
    {
        Defined();
        Say(10, s_view, new FeatureGenerationActivated(1, s_first, Guid.CreateVersion7(), Reason: null));
        Say(15, s_model, new ModelFeaturesNamed(1, s_service.WithVersion(1)));
        Say(16, s_service, new FeatureServiceDefined(2, new([new(NodeId.FeatureView("demo", "others", "1"))]), "hash"));
        Say(18, s_model, new ModelFeaturesNamed(1, s_service.WithVersion(2)));
        Say(20, s_view, new FeatureGenerationActivated(1, s_second, Guid.CreateVersion7(), Reason: null));

        Assert.Equal([], ServingOn(14));
        Assert.Equal([s_first], ServingOn(15));
        Assert.Equal([], ServingOn(18));
        Assert.Equal([], ServingOn(20));
        var view = Fold();
        Assert.Equal(
            [s_service.WithVersion(2)],
            Into(view, s_model.WithVersion(1), LineageRelation.Features, On(20)));
        Assert.Equal([s_view.WithVersion(1)], Into(view, NodeId.Generation(s_second), LineageRelation.Served, On(20)));
    }

    [Fact]
    public void A_generation_comes_of_dataset_versions_its_view_and_the_one_it_began_with()
    {
        Defined();
        var view = Fold();

        Assert.Equal(
            [s_source.WithVersion(1), s_view.WithVersion(1)],
            Into(view, NodeId.Generation(s_first), LineageRelation.Materialised, On(9)));
        Assert.Equal(
            [s_source.WithVersion(2), s_view.WithVersion(1), NodeId.Generation(s_first)],
            Into(view, NodeId.Generation(s_second), LineageRelation.Materialised, On(9)));
        Assert.Equal([s_view.WithVersion(1)], Into(view, s_service.WithVersion(1), LineageRelation.Features, On(9)));
        Assert.Equal([s_view], Into(view, s_service, LineageRelation.Derived, On(9)));
    }

    [Fact]
    public void Each_fact_that_says_a_generation_serves_a_model_is_found_to_say_so_alone()
    {
        Defined();
        Say(5, s_model, new ModelFeaturesNamed(1, s_service.WithVersion(1)));
        Say(10, s_view, new FeatureGenerationActivated(1, s_first, Guid.CreateVersion7(), Reason: null));
        Say(12, s_model, new ModelFeaturesNamed(2, s_service.WithVersion(1)));
        Say(20, s_view, new FeatureGenerationActivated(1, s_second, Guid.CreateVersion7(), Reason: null));
        Say(30, s_view, new FeatureGenerationRolledBack(1, s_second, s_first, Guid.CreateVersion7(), Reason: null));

        Assert.Equal([10, 30], SayingThat(s_first, model: 1));
        Assert.Equal([12, 30], SayingThat(s_first, model: 2));
        Assert.Equal([20], SayingThat(s_second, model: 1));
        var streams = new EdgeStreams(Fold(), limit: 100).Of(NodeId.Generation(s_first), s_model.WithVersion(1), []);
        Assert.Superset(new HashSet<string>([s_view.StreamId, s_model.StreamId]), streams.Found.ToHashSet());
    }

    private void Defined()
    {
        Say(1, s_view, new FeatureViewDefined(1, Delays, Delays.Hash()));
        Say(2, s_service, new FeatureServiceDefined(1, new([new(s_view.WithVersion(1))]), "hash"));
        Say(3, s_view, Built(s_first, source: 1, from: null));
        Say(4, s_view, Built(s_second, source: 2, from: s_first));
    }

    private void Say(int day, NodeId node, object fact)
    {
        var position = _log.Count + 1;
        _log.Add(new LogEntry(
            position, Guid.CreateVersion7(), node.StreamId, position, CatalogStore.Facts.NameOf(fact.GetType()), On(day), Principal: null,
            JsonSerializer.SerializeToUtf8Bytes(fact, fact.GetType(), CatalogStore.Json)));
    }

    private GraphView Fold()
    {
        var graph = new TemporalGraph();
        var fold = new LineageFold(graph);
        foreach (var entry in _log)
            fold.Apply(entry, CatalogStore.Facts);
        graph.Publish(_log.Count);
        return graph.Current;
    }

    private IEnumerable<Guid> ServingOn(int day) =>
        Into(Fold(), s_model.WithVersion(1), LineageRelation.Served, On(day)).Select(n => Guid.Parse(n.Name));

    private IEnumerable<int> SayingThat(Guid generation, long model)
    {
        var view = Fold();
        var claim = new EdgeClaim(view, view.Position, NodeId.Generation(generation), s_model.WithVersion(model));
        return _log
            .Where(e => claim.Of(e, e.ReadFact(CatalogStore.Facts) ?? throw new InvalidOperationException("It is known.")).Count > 0)
            .Select(e => (e.Time - On(0)).Days);
    }

    private static IEnumerable<NodeId> Into(GraphView view, NodeId node, LineageRelation relation, DateTimeOffset at) =>
        view.Neighbours(view.Find(node), into: true, LineageRelations.Of(relation), Moment.Of(asOf: null, at))
            .Select(n => view.NodeOf(n.Node)).Order(NodeId.Order);

    private static FeatureGenerationBuilt Built(Guid generation, long source, Guid? from) => new(
        generation, Number: 1, Delays.Hash(), [new(s_source.WithVersion(source), "hash", source)], On(3), PushedThrough: 0, from,
        Run: null, Rows: 1, Bytes: 1, "sha256", "test");

    private static DateTimeOffset On(int day) => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day);
}
