namespace Catalog.Sdk;

/// <summary>What a thing reaches.</summary>
/// <param name="Of">Where it begins: the node asked for, or each thing that carries the tag.</param>
/// <param name="Position">Log position the answer holds at.</param>
/// <param name="Truncated">There is more than was asked for.</param>
/// <param name="Versions">Dataset versions, nearest first.</param>
/// <param name="Models">Model versions, nearest first.</param>
/// <param name="Deployments">Where those serve.</param>
/// <param name="Columns">Columns, when it begins at one.</param>
/// <param name="Owners">Whom the datasets, models, feature views and services belong to.</param>
/// <param name="FeatureViews">Versions of feature views that take their events from there, nearest first.</param>
/// <param name="FeatureServices">Versions of feature services that serve those, nearest first.</param>
/// <param name="Generations">Generations of features that were computed from there, nearest first.</param>
public sealed record LineageImpact(
    IReadOnlyList<NodeId> Of,
    long Position,
    bool Truncated,
    IReadOnlyList<Affected> Versions,
    IReadOnlyList<Affected> Models,
    IReadOnlyList<Affected> Deployments,
    IReadOnlyList<Affected> Columns,
    IReadOnlyList<AffectedOwner> Owners,
    IReadOnlyList<Affected>? FeatureViews = null,
    IReadOnlyList<Affected>? FeatureServices = null,
    IReadOnlyList<Affected>? Generations = null);

/// <summary>Something that is reached, and why.</summary>
/// <param name="Node">The thing.</param>
/// <param name="Depth">Steps from where the impact begins.</param>
/// <param name="Reason">A shortest way from there, both ends included.</param>
public sealed record Affected(NodeId Node, int Depth, IReadOnlyList<NodeId> Reason);

/// <summary>Somebody to tell.</summary>
/// <param name="Owner">As registered.</param>
/// <param name="Things">Datasets, models, feature views and services of theirs that are reached.</param>
public sealed record AffectedOwner(string Owner, IReadOnlyList<NodeId> Things);
