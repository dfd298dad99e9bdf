using Catalog.Access;
using Catalog.Datasets;
using Catalog.Models;
using Catalog.Platform;
using Catalog.Platform.Writes;
using Marten;

namespace Catalog.Manifests;

/// <summary>A version whose files are known: its node by number, and its manifest.</summary>
internal sealed record LocatedVersion(NodeId Node, long Number, string ManifestHash)
{
    /// <summary>Of schema and files, lower-case hex.</summary>
    public required string ContentHash { get; init; }

    /// <summary>Of the dataset, for the gate.</summary>
    public IReadOnlyCollection<string> Tags { get; init; } = [];
}

/// <summary>Finds versions of datasets and models alike, by number or alias.</summary>
internal sealed class VersionLookup(IQuerySession pages, States states, PolicyFollower policies)
{
    public async Task<Outcome<LocatedVersion>> FindAsync(NodeId version, CancellationToken ct)
    {
        var found = version.Kind switch
        {
            NodeKind.Dataset => await FindDatasetAsync(version, ct),
            NodeKind.Model => await FindModelAsync(version, ct),
            _ => Problem.Of("node.invalid", $"'{version}' is neither a dataset nor a model."),
        };

        // What a version inherits has to be known before anybody decides about it.
        return found.Succeeded && await policies.KnowAsync(found.Value.Node, ct) is { } late ? late : found;
    }

    private async Task<Outcome<LocatedVersion>> FindDatasetAsync(NodeId version, CancellationToken ct)
    {
        var node = version.WithoutVersion();
        var text = version.Version ?? Dataset.LatestAlias;
        if (await states.LoadAsync<Dataset>(node.StreamId, ct) is not { } dataset)
            return Problem.Of("dataset.not_found", $"There is no '{node}'.");
        if (dataset.Resolve(text) is not { } number)
            return VersionText.NotFound(node, text);
        return await pages.LoadAsync<VersionPage>(VersionPages.Id(dataset.Id, number), ct) switch
        {
            { ManifestHash: { } manifest, ContentHash: { } content } =>
                new LocatedVersion(node.WithVersion(number), number, manifest) { ContentHash = content, Tags = dataset.Tags },
            { Tombstone: { } gone } => VersionText.Gone(node.WithVersion(number), gone.Cause, gone.Successor),
            _ => Problem.Of("version.not_sealed", $"'{node}@{number}' is only observed: its files are not known until it is sealed."),
        };
    }

    private async Task<Outcome<LocatedVersion>> FindModelAsync(NodeId version, CancellationToken ct)
    {
        var node = version.WithoutVersion();
        var text = version.Version ?? Dataset.LatestAlias;
        if (await states.LoadAsync<Model>(node.StreamId, ct) is not { } model)
            return Problem.Of("model.not_found", $"There is no '{node}'.");
        if (VersionText.Resolve(text, model.Latest, model.Aliases) is not { } number)
            return VersionText.NotFound(node, text);
        var page = await pages.LoadAsync<ModelVersionPage>(ModelVersionPages.Id(model.Id, number), ct)
            ?? throw new InvalidOperationException($"{node}@{number} has no page.");
        return new LocatedVersion(node.WithVersion(number), number, page.ManifestHash) { ContentHash = page.ContentHash };
    }
}
