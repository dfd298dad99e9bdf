using Catalog.FeatureGenerations;
using Catalog.Features;
using Catalog.FeatureServices;
using Catalog.Models;

namespace Catalog.Lineage;

/// <summary>
/// What facts say of features: where views take them from, which services serve them to which models, and from what generation.
/// </summary>
internal sealed class FeatureFold(TemporalGraph graph)
{
    private static readonly LineageRelations s_features = LineageRelations.Of(LineageRelation.Features);

    private static readonly LineageRelations s_served = LineageRelations.Of(LineageRelation.Served);

    private readonly SaidEdges _edges = new(graph);

    public void Apply(Said said, object fact)
    {
        switch (fact)
        {
            case FeatureViewDefined f:
                Define(said, f.Number, f.Definition);
                break;
            case FeatureViewExtended f:
                Define(said, f.Number, f.Definition);
                break;
            case FeatureServiceDefined f:
                Define(said, f.Number, f.Definition);
                break;
            case FeatureGenerationBuilt f:
                Build(said, f);
                break;
            case FeatureGenerationActivated f:
                Serve(said, f.Number, f.Generation);
                break;
            case FeatureGenerationRolledBack f:
                Serve(said, f.Number, f.To);
                break;
            case ModelFeaturesNamed f:
                Name(said, f.Number, f.Service);
                break;
        }
    }

    /// <summary>
    /// A view takes its source in whichever version. What it makes of a column goes into the column's feature, and a key into the key of
    /// its name, by which rows are told apart; keys and times decide which values each feature gets.
    /// </summary>
    private void Define(Said said, long number, FeatureDefinition definition)
    {
        var (view, source) = (said.Node, definition.Source);
        _edges.Hold(said, view, view.WithVersion(number), LineageRelation.Version);
        _edges.Hold(said, source.Dataset, view.WithVersion(number), LineageRelation.Features);
        _edges.Hold(said, source.Dataset, view, LineageRelation.Derived);
        IEnumerable<string?> deciding = [.. definition.Keys().Select(k => k.Column), source.EventTime, source.CreatedTime];
        foreach (var key in definition.Keys())
        {
            var part = NodeId.FeatureView(view.Namespace, view.Name, version: null, key.Name);
            _edges.Hold(said, ColumnOf(source.Dataset, key.Column), part, LineageRelation.Column);
        }

        foreach (var feature in definition.Features)
        {
            var made = NodeId.FeatureView(view.Namespace, view.Name, version: null, feature.Name);
            if (feature.Column is { } column)
                _edges.Hold(said, ColumnOf(source.Dataset, column), made, LineageRelation.Column);
            foreach (var influence in deciding.OfType<string>().Distinct(StringComparer.Ordinal))
                _edges.Hold(said, ColumnOf(source.Dataset, influence), made, LineageRelation.ColumnInfluence);
        }
    }

    private void Define(Said said, long number, FeatureServiceDefinition definition)
    {
        var service = said.Node;
        _edges.Hold(said, service, service.WithVersion(number), LineageRelation.Version);
        foreach (var served in definition.Views)
        {
            _edges.Hold(said, served.View, service.WithVersion(number), LineageRelation.Features);
            _edges.Hold(said, served.View.WithoutVersion(), service, LineageRelation.Derived);
        }
    }

    private void Build(Said said, FeatureGenerationBuilt built)
    {
        var generation = NodeId.Generation(built.Generation);
        _edges.Hold(said, said.Node.WithVersion(built.Number), generation, LineageRelation.Materialised);
        foreach (var source in built.Sources)
            _edges.Hold(said, source.Version, generation, LineageRelation.Materialised);
        if (built.Base is { } from)
            _edges.Hold(said, NodeId.Generation(from), generation, LineageRelation.Materialised);
    }

    /// <summary>Another generation serves a view's version, and whatever models are served that.</summary>
    private void Serve(Said said, long number, Guid id)
    {
        var (view, generation) = (graph.Node(said.Node.WithVersion(number)), graph.Node(NodeId.Generation(id)));
        foreach (var (old, _) in graph.Neighbours(view, into: false, s_served).Where(s => s.Node != generation))
        {
            _edges.End(said, view, old, LineageRelation.Served);
            foreach (var (model, _) in graph.Neighbours(old, into: false, s_served))
                _edges.End(said, old, model, LineageRelation.Served);
        }

        _edges.Hold(said, view, generation, LineageRelation.Served);
        foreach (var model in Of(view, into: false, s_features, NodeKind.FeatureService)
            .SelectMany(service => Of(service, into: false, s_features, NodeKind.Model)))
            _edges.Hold(said, generation, model, LineageRelation.Served);
    }

    /// <summary>
    /// A model's version is served what serves the views of a service, and no longer what another service had of its own.
    /// </summary>
    private void Name(Said said, long number, NodeId named)
    {
        var (model, service) = (graph.Node(said.Node.WithVersion(number)), graph.Node(named));
        var serving = Of(service, into: true, s_features, NodeKind.FeatureView)
            .SelectMany(view => Of(view, into: false, s_served, NodeKind.Generation)).ToHashSet();
        foreach (var old in Of(model, into: true, s_features, NodeKind.FeatureService).Where(s => s != service))
            _edges.End(said, old, model, LineageRelation.Features);
        foreach (var old in Of(model, into: true, s_served, NodeKind.Generation).Where(g => !serving.Contains(g)))
            _edges.End(said, old, model, LineageRelation.Served);

        _edges.Hold(said, service, model, LineageRelation.Features);
        _edges.Hold(said, named.WithoutVersion(), said.Node, LineageRelation.Derived);
        foreach (var generation in serving)
            _edges.Hold(said, generation, model, LineageRelation.Served);
    }

    private IReadOnlyList<int> Of(int node, bool into, LineageRelations relations, NodeKind kind) =>
        [.. graph.Neighbours(node, into, relations).Select(n => n.Node).Where(n => graph.NodeOf(n).Kind == kind)];

    private static NodeId ColumnOf(NodeId dataset, string column) =>
        NodeId.Dataset(dataset.Namespace, dataset.Name, version: null, column);
}
