using System.Runtime.InteropServices;

namespace Catalog.Access.Policies;

/// <summary>What conditions are held against.</summary>
/// <param name="Principal">Id of who asks.</param>
/// <param name="Attributes">Of the principal.</param>
/// <param name="Groups">All that the principal is in, also by way of other groups.</param>
/// <param name="Resource">What is asked for; null for the catalog.</param>
/// <param name="Tags">What that bears.</param>
/// <param name="MoreTags">And bears besides.</param>
/// <param name="Purpose">As declared.</param>
/// <param name="Time">When it is asked.</param>
/// <param name="Address">The address it is asked from; null where that is not known.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct ConditionFacts(
    string Principal, IReadOnlyDictionary<string, string> Attributes, IReadOnlySet<string> Groups, NodeId? Resource, TagSet Tags,
    TagSet MoreTags, Purpose? Purpose, DateTimeOffset Time, string? Address);
