using Catalog.Platform;
using Catalog.Serving.Materialization;
using Label = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Catalog.Serving.Metrics;

/// <summary>Measures the making of generations.</summary>
internal sealed class MaterializationMeter(ServingMeter meter, TimeProvider clock)
{
    /// <param name="node">The view or service that generations are made of.</param>
    /// <param name="make">Makes them.</param>
    public async Task<Outcome<MaterializeFeatures.Answer>> MeasureAsync(NodeId node, Func<Task<Outcome<MaterializeFeatures.Answer>>> make)
    {
        var began = clock.GetTimestamp();
        var outcome = "failed";
        try
        {
            var answer = await make();
            outcome = !answer.Succeeded ? "refused" : answer.Value.Changed ? "made" : "unchanged";
            foreach (var made in (answer.Value?.Generations ?? []).Where(g => g.Changed))
                meter.MaterializedRows.Add(made.Rows, new Label(MetricLabels.View, MetricLabels.NameOf(made.View)));
            return answer;
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
            throw;
        }
        finally
        {
            meter.MaterializationDuration.Record(
                clock.GetElapsedTime(began).TotalSeconds,
                new Label(MetricLabels.Node, node.WithoutVersion().ToString()), new Label(MetricLabels.Outcome, outcome));
        }
    }
}
