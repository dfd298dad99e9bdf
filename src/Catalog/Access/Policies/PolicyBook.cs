using System.Collections.Immutable;
using Catalog.Access.Groups;
using Catalog.Access.Policies;
using Catalog.Access.Principals;
using Catalog.Datasets;
using Catalog.Features;
using Catalog.FeatureServices;
using Catalog.Jobs;

namespace Catalog.Access;

/// <summary>All that facts say of who may do what, as of one log position.</summary>
internal sealed record PolicyBook
{
    public static PolicyBook Empty { get; } = new();

    public PolicySet Set { get; init; } = PolicySet.Empty;

    /// <summary>Keys that were issued and not revoked, by id.</summary>
    public ImmutableDictionary<string, HeldKey> Keys { get; init; } = ImmutableDictionary.Create<string, HeldKey>(StringComparer.Ordinal);

    /// <summary>Where each tag ends.</summary>
    public ImmutableDictionary<string, IReadOnlySet<NodeId>> Declassified { get; init; } =
        ImmutableDictionary.Create<string, IReadOnlySet<NodeId>>(StringComparer.Ordinal);

    public static IReadOnlyList<Type> Facts { get; } =
    [
        typeof(PolicyStatementSet), typeof(PolicyStatementWithdrawn), typeof(ApprovalGiven), typeof(ApprovalWithdrawn),
        typeof(TagDeclassified), typeof(TagReclassified), typeof(KeyIssued), typeof(KeyRevoked), typeof(GroupMemberAdded),
        typeof(GroupMemberRemoved), typeof(GroupDissolved), typeof(PrincipalRegistered), typeof(PrincipalAttributesSet),
    ];

    /// <summary>Facts that decide without being kept here: tags, and what they go along.</summary>
    private static readonly HashSet<Type> s_tags =
    [
        typeof(DatasetTagged), typeof(DatasetUntagged), typeof(ColumnTagged), typeof(ColumnUntagged), typeof(DatasetRegistered),
        typeof(FeatureViewRegistered), typeof(FeatureViewTagged), typeof(FeatureViewUntagged), typeof(FeatureServiceRegistered),
        typeof(FeatureServiceTagged), typeof(FeatureServiceUntagged), typeof(FeatureViewDefined), typeof(FeatureViewExtended),
        typeof(FeatureServiceDefined), typeof(RunInputRead), typeof(RunOutputRecorded), typeof(VersionDerived),
    ];

    private static readonly HashSet<Type> s_own = [.. Facts];

    /// <summary>Whether a fact can change what the gate answers.</summary>
    public static bool Decides(object fact, TagNames named) =>
        s_own.Contains(fact.GetType()) || (!named.AreNone && s_tags.Contains(fact.GetType()));

    public PolicyBook With(object fact) => fact switch
    {
        PolicyStatementSet f => this with { Set = Set with { Statements = Set.Statements.SetItem(f.Statement.Id, f.Statement) } },
        PolicyStatementWithdrawn f => this with { Set = Set with { Statements = Set.Statements.Remove(f.Id) } },
        ApprovalGiven f => this with { Set = Set.WithApproval(new Approval(f.Node, f.Act, f.By, f.ExpiresAt)) },
        ApprovalWithdrawn f => this with { Set = Set.WithoutApproval(f.Node, f.Act, f.By) },
        TagDeclassified f => WithEnds(f.Tag, EndsOf(f.Tag).Add(f.Node)),
        TagReclassified f => WithEnds(f.Tag, EndsOf(f.Tag).Remove(f.Node)),
        GroupMemberAdded f => this with { Set = Set.WithMember(f.Name, f.Member) },
        GroupMemberRemoved f => this with { Set = Set.WithoutMember(f.Name, f.Member) },
        GroupDissolved f => this with { Set = Set.WithoutGroup(f.Name) },
        PrincipalRegistered f => this with { Set = Set.WithAttributes(f.Id, f.Attributes) },
        PrincipalAttributesSet f => this with { Set = Set.WithAttributes(f.Id, f.Attributes) },
        KeyIssued f => this with { Keys = Keys.SetItem(f.KeyId, new HeldKey(f.Principal, f.Role, f.ExpiresAt)) },
        KeyRevoked f => this with { Keys = Keys.Remove(f.KeyId) },
        _ => this,
    };

    /// <summary>What the keys of a principal allow at a time, by the strongest that stands then.</summary>
    public Role RoleOf(string principal, DateTimeOffset time) =>
        Keys.Values.Where(k => k.Principal == principal && (k.ExpiresAt is null || k.ExpiresAt > time)).Select(k => k.Role)
            .DefaultIfEmpty(Role.None).Max();

    /// <summary>Everybody who is named as one: by keys, groups, attributes and statements; sorted.</summary>
    public IReadOnlyList<string> Principals =>
    [
        .. Keys.Values.Select(k => k.Principal)
            .Concat(Set.GroupsByMember.Keys).Concat(Set.Attributes.Keys)
            .Concat(Set.Statements.Values.SelectMany(s => s.Principals).Where(p => p != "*"))
            .Where(p => !p.StartsWith("group:", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    private ImmutableHashSet<NodeId> EndsOf(string tag) =>
        Declassified.GetValueOrDefault(tag) as ImmutableHashSet<NodeId> ?? ImmutableHashSet<NodeId>.Empty;

    private PolicyBook WithEnds(string tag, ImmutableHashSet<NodeId> ends) =>
        this with { Declassified = ends.Count > 0 ? Declassified.SetItem(tag, ends) : Declassified.Remove(tag) };
}

/// <param name="Principal">Who acts through it.</param>
/// <param name="Role">What it allows by itself.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
internal sealed record HeldKey(string Principal, Role Role, DateTimeOffset? ExpiresAt);
