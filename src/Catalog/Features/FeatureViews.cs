using System.Collections.Immutable;
using Catalog.Datasets;
using Catalog.Platform;
using Catalog.Platform.Writes;

namespace Catalog.Features;

/// <summary>A version of a feature view that is there.</summary>
/// <param name="Node">By number: <c>feature-view:demo/origin_delays@2</c>.</param>
/// <param name="Number">Of the version.</param>
/// <param name="Definition">As it was extended last.</param>
/// <param name="Hash">SHA-256 of the definition's canonical form.</param>
internal sealed record LocatedFeatureView(NodeId Node, long Number, FeatureDefinition Definition, string Hash)
{
    /// <summary>Of the view: who answers for it.</summary>
    public required string Owner { get; init; }

    /// <summary>Of the view, for the gate.</summary>
    public ImmutableSortedSet<string> Tags { get; init; } = [];

    /// <summary>Whether the view takes no more changes; it can still be read.</summary>
    public bool Retired { get; init; }
}

/// <summary>Finds versions of feature views, by number or as <c>latest</c>; a view without a version means the newest.</summary>
internal sealed class FeatureViews(States states)
{
    public async Task<Outcome<LocatedFeatureView>> FindAsync(NodeId view, CancellationToken ct)
    {
        if (view.Kind != NodeKind.FeatureView || view.Column is not null)
        {
            return Problem.Of(
                "node.invalid", $"'{view}' is no feature view: one is written feature-view:namespace/name, or with @version.");
        }

        var (node, text) = (view.WithoutVersion(), view.Version ?? Dataset.LatestAlias);
        if (await states.LoadAsync<FeatureView>(node.StreamId, ct) is not { } state)
            return Problem.Of("feature_view.not_found", $"There is no '{node}'.");
        if (VersionText.Resolve(text, state.Latest, ImmutableDictionary<string, long>.Empty) is not { } number)
            return VersionText.NotFound(node, text);
        var (definition, hash) = state.Versions[(int)number - 1];
        return new LocatedFeatureView(node.WithVersion(number), number, definition, hash)
        {
            Owner = state.Owner,
            Tags = state.Tags,
            Retired = state.Retired,
        };
    }
}
