namespace Catalog.FeatureGenerations;

/// <summary>What serves after generations were activated, or activations taken back.</summary>
/// <param name="Activation">Shared by what was activated, or taken back, together; null where nothing changed.</param>
/// <param name="Views">Each version of a view that was asked for.</param>
/// <param name="Changed">False when all was so already.</param>
/// <param name="Position">Log position that includes it, for <c>atLeast</c>.</param>
public sealed record SwitchedGenerations(Guid? Activation, IReadOnlyList<SwitchedGeneration> Views, bool Changed, long Position);

/// <summary>What serves a version of a view.</summary>
/// <param name="View">The version, by number.</param>
/// <param name="Generation">That serves now.</param>
/// <param name="Before">That served before: the same where nothing changed, and null where none did.</param>
public sealed record SwitchedGeneration(NodeId View, NodeId Generation, NodeId? Before);
