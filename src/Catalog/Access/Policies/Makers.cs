using Catalog.Datasets;
using Catalog.Features;
using Catalog.FeatureServices;
using Catalog.Models;
using Catalog.Platform;
using Catalog.Platform.Writes;
using Marten;

namespace Catalog.Access;

/// <summary>Who made a version.</summary>
internal sealed class Makers(IQuerySession pages, States states)
{
    /// <summary>The principal that committed a version, or none of a thing as a whole; a problem where there is no such thing.</summary>
    public async Task<Outcome<Maker>> OfAsync(NodeId node, CancellationToken ct)
    {
        var thing = node.WithoutVersion();
        return (node.Kind, node.VersionNumber) switch
        {
            (NodeKind.Dataset, { } number) => (await pages.LoadAsync<VersionPage>(VersionPages.Id(thing.StreamId, number), ct)) is { } page
                ? new Maker(page.CommittedBy)
                : Problem.Of("version.not_found", $"There is no '{node}'."),
            (NodeKind.Model, { } number) => (await pages.LoadAsync<ModelVersionPage>(ModelVersionPages.Id(thing.StreamId, number), ct))
                is { } page
                ? new Maker(page.CreatedBy)
                : Problem.Of("version.not_found", $"There is no '{node}'."),
            (NodeKind.Dataset, _) => await ThingAsync<Dataset>(thing, "dataset.not_found", ct),
            (NodeKind.Model, _) => await ThingAsync<Model>(thing, "model.not_found", ct),
            (NodeKind.FeatureView, _) => await ThingAsync<FeatureView>(thing, "feature_view.not_found", ct),
            (NodeKind.FeatureService, _) => await ThingAsync<FeatureService>(thing, "feature_service.not_found", ct),
            _ => Problem.Of("node.invalid", $"'{node}' is neither a dataset, a model, a feature view nor a feature service."),
        };
    }

    private async Task<Outcome<Maker>> ThingAsync<TState>(NodeId thing, string code, CancellationToken ct)
        where TState : class, IState<TState> =>
        await states.LoadAsync<TState>(thing.StreamId, ct) is null
            ? Problem.Of(code, $"There is no '{thing}'.")
            : new Maker(Principal: null);
}

/// <param name="Principal">Null for a thing as a whole.</param>
internal sealed record Maker(string? Principal);
