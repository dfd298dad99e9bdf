using Catalog.FeatureGenerations;
using Catalog.Models;
using Catalog.Platform.Log;

namespace Catalog.Lineage;

/// <summary>
/// That a generation serves a model follows from several facts: which generation serves a view, which views a service has, and which
/// service a model is served. To a graph of one of these facts alone, this gives what the others said at that time.
/// </summary>
/// <param name="view">The whole graph.</param>
/// <param name="from">Where data came from.</param>
/// <param name="to">What it flowed into.</param>
internal sealed class ServingClaim(GraphView view, NodeId from, NodeId to)
{
    public void Prepare(TemporalGraph alone, LogEntry entry, object fact)
    {
        if (from.Kind != NodeKind.Generation || to.Kind != NodeKind.Model || view.Find(from) is not (var generation and >= 0))
            return;
        foreach (var served in Ever(generation, into: true, LineageRelation.Served, NodeKind.FeatureView))
        {
            if (fact is ModelFeaturesNamed && Held(served, generation, LineageRelation.Served, entry.Time))
                Give(alone, served, generation, LineageRelation.Served);
            foreach (var service in Ever(served, into: false, LineageRelation.Features, NodeKind.FeatureService))
                GiveService(alone, served, service, entry, fact);
        }
    }

    private void GiveService(TemporalGraph alone, int served, int service, LogEntry entry, object fact)
    {
        Give(alone, served, service, LineageRelation.Features);
        var model = view.Find(to);
        if (fact is FeatureGenerationActivated or FeatureGenerationRolledBack
            && model >= 0 && Held(service, model, LineageRelation.Features, entry.Time))
            Give(alone, service, model, LineageRelation.Features);
    }

    private void Give(TemporalGraph alone, int source, int target, LineageRelation relation) => alone.Hold(
        alone.Node(view.NodeOf(source)), alone.Node(view.NodeOf(target)), relation, EdgeClaim.Given, EdgeClaim.Here);

    private bool Held(int source, int target, LineageRelation relation, DateTimeOffset at) =>
        view.HistoryOf(source, target, LineageRelations.Of(relation))
            .Any(h => h.HeldFrom <= at.UtcTicks && (h.HeldTo is not { } end || at.UtcTicks < end));

    private IEnumerable<int> Ever(int node, bool into, LineageRelation relation, NodeKind kind) =>
        view.EverNeighbours(node, into, LineageRelations.Of(relation)).Select(n => n.Node).Where(n => view.KindOf(n) == kind);
}
