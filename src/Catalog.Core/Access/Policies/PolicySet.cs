using System.Collections.Immutable;

namespace Catalog.Access.Policies;

/// <summary>All that policies say, as it was at one log position: statements, groups, what is known of principals, and approvals.</summary>
public sealed record PolicySet
{
    private static readonly ImmutableSortedDictionary<string, string> s_noAttributes =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public static PolicySet Empty { get; } = new();

    /// <summary>By id.</summary>
    public ImmutableSortedDictionary<string, Statement> Statements { get; init; } =
        ImmutableSortedDictionary.Create<string, Statement>(StringComparer.Ordinal);

    /// <summary>Groups by each member, which is a principal or <c>group:name</c>.</summary>
    public ImmutableDictionary<string, ImmutableSortedSet<string>> GroupsByMember { get; init; } =
        ImmutableDictionary.Create<string, ImmutableSortedSet<string>>(StringComparer.Ordinal);

    /// <summary>Attributes by principal.</summary>
    public ImmutableDictionary<string, ImmutableSortedDictionary<string, string>> Attributes { get; init; } =
        ImmutableDictionary.Create<string, ImmutableSortedDictionary<string, string>>(StringComparer.Ordinal);

    /// <summary>By what was approved.</summary>
    public ImmutableDictionary<NodeId, ImmutableList<Approval>> Approvals { get; init; } =
        ImmutableDictionary<NodeId, ImmutableList<Approval>>.Empty;

    /// <param name="member">A principal, or <c>group:name</c>.</param>
    public IEnumerable<string> GroupsWith(string member) => GroupsByMember.TryGetValue(member, out var groups) ? groups : [];

    public IReadOnlyDictionary<string, string> AttributesOf(string principal) => Attributes.GetValueOrDefault(principal, s_noAttributes);

    public PolicySet WithMember(string group, string member) => this with
    {
        GroupsByMember = GroupsByMember.SetItem(
            member, GroupsByMember.GetValueOrDefault(member, ImmutableSortedSet.Create<string>(StringComparer.Ordinal)).Add(group)),
    };

    public PolicySet WithoutMember(string group, string member) =>
        GroupsByMember.TryGetValue(member, out var groups)
            ? this with
            {
                GroupsByMember = groups.Remove(group) is { Count: > 0 } rest
                    ? GroupsByMember.SetItem(member, rest)
                    : GroupsByMember.Remove(member),
            }
            : this;

    /// <summary>As if the group had no members.</summary>
    public PolicySet WithoutGroup(string group) =>
        GroupsByMember.Where(g => g.Value.Contains(group)).Aggregate(this, (set, g) => set.WithoutMember(group, g.Key));

    public PolicySet WithAttributes(string principal, IReadOnlyDictionary<string, string> attributes) => this with
    {
        Attributes = Attributes.SetItem(principal, attributes.ToImmutableSortedDictionary(StringComparer.Ordinal)),
    };

    public PolicySet WithApproval(Approval approval) => this with
    {
        Approvals = Approvals.SetItem(
            approval.Node,
            Approvals.GetValueOrDefault(approval.Node, []).RemoveAll(a => a.By == approval.By && a.Act == approval.Act).Add(approval)),
    };

    public PolicySet WithoutApproval(NodeId node, Act act, string by) =>
        Approvals.TryGetValue(node, out var given)
            ? this with { Approvals = Approvals.SetItem(node, given.RemoveAll(a => a.By == by && a.Act == act)) }
            : this;
}

/// <summary>Somebody approved that something is done to a thing or version.</summary>
/// <param name="Node">What it is done to.</param>
/// <param name="Act">What is done.</param>
/// <param name="By">Principal.</param>
/// <param name="Expires">Until when it counts, not including; null for ever.</param>
public sealed record Approval(NodeId Node, Act Act, string By, DateTimeOffset? Expires);
