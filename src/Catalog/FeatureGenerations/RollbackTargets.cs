using System.Text.Json;
using Catalog.Features;
using Catalog.FeatureServices;
using Catalog.Platform;
using Marten;
using Marten.Linq.MatchesSql;

namespace Catalog.FeatureGenerations;

/// <summary>What a rollback is about.</summary>
/// <param name="Views">Views, each with some of its versions.</param>
/// <param name="Activation">That is to be taken back; null for the last one of each, whichever.</param>
internal sealed record RollbackTarget(IReadOnlyList<(NodeId View, IReadOnlyList<long> Numbers)> Views, Guid? Activation);

/// <summary>Finds what a rollback of a view or a service is about.</summary>
internal sealed class RollbackTargets(FeatureViews views, FeatureServiceLookup services, IQuerySession pages)
{
    /// <summary>The code for what changed while it was looked at: to be looked at anew.</summary>
    public const string Overtaken = "feature_generation.overtaken";

    public async Task<Outcome<RollbackTarget>> FindAsync(NodeId node, CancellationToken ct)
    {
        if (node.Kind == NodeKind.FeatureService)
        {
            var service = await services.FindAsync(node, ct);
            return service.Succeeded ? await OfServiceAsync(service.Value, ct) : service.Problem;
        }

        var view = await views.FindAsync(node, ct);
        return view.Succeeded
            ? new RollbackTarget([(view.Value.Node.WithoutVersion(), [view.Value.Number])], Activation: null)
            : view.Problem;
    }

    private async Task<Outcome<RollbackTarget>> OfServiceAsync(LocatedFeatureService service, CancellationToken ct)
    {
        var served = service.Definition.Views.ToDictionary(v => v.View.StreamId, v => v.View.VersionNumber, StringComparer.Ordinal);
        var found = await pages.LoadManyAsync<FeatureViewPage>(ct, served.Keys.ToArray());
        var last = found.Select(v => LastOf(v, served[v.Id])).OfType<ServedGeneration>().MaxBy(s => (s.At, s.Activation));
        if (last is null)
        {
            return Problem.Of(
                "feature_generation.nothing_before",
                $"No generation serves a view of '{service.Node}' yet, so there is nothing to go back to.");
        }

        // Somebody may have activated something between the two looks.
        var activated = await ActivatedByAsync(last.Activation, ct);
        var own = found.Where(v => LastOf(v, served[v.Id])?.Activation == last.Activation);
        return own.All(v => activated.Any(a => a.View.StreamId == v.Id))
            ? new RollbackTarget(activated, last.Activation)
            : Problem.Of(Overtaken, $"Another generation was activated for a view of '{service.Node}' at this moment: ask again.");
    }

    private static ServedGeneration? LastOf(FeatureViewPage view, long? number) =>
        view.Versions.Find(v => v.Number == number)?.Served.LastOrDefault();

    /// <summary>Versions of views that an activation is the last one of.</summary>
    private async Task<IReadOnlyList<(NodeId View, IReadOnlyList<long> Numbers)>> ActivatedByAsync(Guid activation, CancellationToken ct)
    {
        var member = JsonSerializer.Serialize(new[] { new { served = new[] { new { activation } } } });
        var found = await pages.Query<FeatureViewPage>()
            .Where(v => v.MatchesSql("d.data -> 'versions' @> ?::jsonb", member)).ToListAsync(ct);
        return
        [
            .. found.Select(v => (NodeId.Parse(v.Id), (IReadOnlyList<long>)
                [.. v.Versions.Where(s => s.Served.LastOrDefault()?.Activation == activation).Select(s => s.Number)]))
                .Where(v => v.Item2.Count > 0)
                .OrderBy(v => v.Item1, NodeId.Order),
        ];
    }
}
