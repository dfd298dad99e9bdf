using System.Collections.Immutable;
using Catalog.Datasets;
using Catalog.Features;
using Catalog.Platform;
using Catalog.Platform.Writes;

namespace Catalog.FeatureServices;

/// <summary>A version of a feature service that is there.</summary>
/// <param name="Node">By number: <c>feature-service:demo/flight_delay@2</c>.</param>
/// <param name="Number">Of the version.</param>
/// <param name="Definition">Which features of which views, each view by number.</param>
internal sealed record LocatedFeatureService(NodeId Node, long Number, FeatureServiceDefinition Definition)
{
    /// <summary>Of the service, for the gate.</summary>
    public ImmutableSortedSet<string> Tags { get; init; } = [];

    /// <summary>Whether the service takes no more changes; it can still be read.</summary>
    public bool Retired { get; init; }
}

/// <summary>Finds versions of feature services, by number or as <c>latest</c>; a service without a version means the newest.</summary>
internal sealed class FeatureServiceLookup(States states)
{
    public async Task<Outcome<LocatedFeatureService>> FindAsync(NodeId service, CancellationToken ct)
    {
        if (service.Kind != NodeKind.FeatureService)
        {
            return Problem.Of(
                "node.invalid",
                $"'{service}' is no feature service: one is written feature-service:namespace/name, or with @version.");
        }

        var (node, text) = (service.WithoutVersion(), service.Version ?? Dataset.LatestAlias);
        if (await states.LoadAsync<FeatureService>(node.StreamId, ct) is not { } state)
            return Problem.Of("feature_service.not_found", $"There is no '{node}'.");
        if (VersionText.Resolve(text, state.Latest, ImmutableDictionary<string, long>.Empty) is not { } number)
            return VersionText.NotFound(node, text);
        return new LocatedFeatureService(node.WithVersion(number), number, state.Versions[(int)number - 1])
        {
            Tags = state.Tags,
            Retired = state.Retired,
        };
    }
}
