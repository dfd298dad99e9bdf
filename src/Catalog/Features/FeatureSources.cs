using Catalog.Datasets;
using Catalog.Platform;
using Catalog.Platform.Writes;

namespace Catalog.Features;

/// <summary>Checks views against what is around them: the datasets that they read, and the other views of their namespaces.</summary>
internal sealed class FeatureSources(States states, EntityUses entities)
{
    /// <returns>Warnings for each view; or why the views cannot be.</returns>
    public async Task<Outcome<IReadOnlyList<IReadOnlyList<string>>>> CheckAsync(
        IReadOnlyList<WantedFeatureView> views, CancellationToken ct)
    {
        var faults = views.Select(v => (v.Node(), FeatureRules.Check(v.Definition)));
        if (FaultProblem.Of("feature_view.invalid", "views", faults) is { } invalid)
            return invalid;

        var sources = new Dictionary<NodeId, Dataset>();
        foreach (var node in views.Select(v => v.Definition.Source.Dataset).Distinct())
        {
            if (await states.LoadAsync<Dataset>(node.StreamId, ct) is not { } dataset)
                return Problem.Of("dataset.not_found", $"There is no '{node}', which '{FirstOn(node, views)}' takes its events from.");
            sources.Add(node, dataset);
        }

        if (FaultProblem.Of("feature_view.schema_mismatch", "views", views.Select(v => (v.Node(), Mismatches(v.Definition, sources))))
            is { } mismatch)
            return mismatch;
        if (await entities.FindConflictAsync(views, ct) is { } conflict)
            return conflict;
        return views.Select(v => Warnings(v.Definition.Source.Dataset, sources)).ToList();
    }

    private static NodeId FirstOn(NodeId dataset, IReadOnlyList<WantedFeatureView> views) =>
        views.First(v => v.Definition.Source.Dataset == dataset).Node();

    private static IReadOnlyList<FeatureFault> Mismatches(FeatureDefinition definition, Dictionary<NodeId, Dataset> sources) =>
        sources[definition.Source.Dataset].Schema is { } schema ? SourceFit.Check(definition, schema) : [];

    private static IReadOnlyList<string> Warnings(NodeId node, Dictionary<NodeId, Dataset> sources) =>
    [
        .. sources[node].Schema is null
            ? [$"'{node}' has no version with a schema yet: whether it has the columns was not checked."]
            : Array.Empty<string>(),
        .. sources[node].Retired ? [$"'{node}' was retired and gets no more events."] : Array.Empty<string>(),
    ];
}
