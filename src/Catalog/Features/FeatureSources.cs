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
        if (Faulty("feature_view.invalid", views, v => FeatureRules.Check(v.Definition)) is { } invalid)
            return invalid;

        var sources = new Dictionary<NodeId, Dataset>();
        foreach (var node in views.Select(v => v.Definition.Source.Dataset).Distinct())
        {
            if (await states.LoadAsync<Dataset>(node.StreamId, ct) is not { } dataset)
                return Problem.Of("dataset.not_found", $"There is no '{node}', which '{FirstOn(node, views)}' takes its events from.");
            sources.Add(node, dataset);
        }

        if (Faulty("feature_view.schema_mismatch", views, v => Mismatches(v.Definition, sources)) is { } mismatch)
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

    /// <summary>All faults of all views at once, by field; the first is the sentence.</summary>
    private static Problem? Faulty(
        string code, IReadOnlyList<WantedFeatureView> views, Func<WantedFeatureView, IReadOnlyList<FeatureFault>> check)
    {
        var faults = views
            .SelectMany((view, i) => check(view).Select(fault => (View: view, Index: i, Fault: fault)))
            .ToList();
        return faults is not [var first, ..] ? null
            : new Problem(
                ProblemCodes.KindOf(code),
                code,
                $"'{first.View.Node()}': {first.Fault.Field} {first.Fault.Message}",
                faults.GroupBy(f => $"views[{f.Index}].definition.{f.Fault.Field}", f => f.Fault.Message, StringComparer.Ordinal)
                    .ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal));
    }
}
