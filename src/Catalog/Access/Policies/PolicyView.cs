using Catalog.Access.Policies;
using Catalog.Lineage;

namespace Catalog.Access;

/// <summary>Policies as this server decides by them, as of one log position: it never changes.</summary>
/// <param name="Policies">Compiled.</param>
/// <param name="Book">What they were compiled from.</param>
/// <param name="Position">Log position that is included.</param>
/// <param name="Resources">Which tags things bear; null before anything was read.</param>
internal sealed record PolicyView(CompiledPolicies Policies, PolicyBook Book, long Position, InheritedTags? Resources)
{
    /// <summary>
    /// Whether a node may be looked at by whoever comes with nothing but a name: as a reader, for no purpose, from no address that is
    /// known. The answer is not remembered, because it is asked of all nodes in a row.
    /// </summary>
    public bool LetsLook(string principal, NodeId? node, DateTimeOffset now)
    {
        var request = new AccessRequest(principal, Act.Read, node, Purpose: null, []) { Role = Role.Reader, Approved = node };
        return new GateAnswer(Policies.Answer(request, now)).Refusal is null;
    }

    public static PolicyView Unread { get; } =
        new(CompiledPolicies.Compile(PolicySet.Empty, NothingKnown.Instance, position: 0), PolicyBook.Empty, Position: 0, Resources: null);

    /// <summary>Nothing is known of resources.</summary>
    private sealed class NothingKnown : IResourceFacts
    {
        public static NothingKnown Instance { get; } = new();

        public object Knowledge => this;

        public NodeId? HolderOf(NodeId node) => null;

        public TagSet TagsOf(NodeId node) => TagSet.Empty;

        public IReadOnlyList<ColumnTags> ColumnTagsOf(NodeId node) => [];
    }
}

/// <summary>The policies that stand now, where the gate finds them.</summary>
internal sealed class StandingPolicies
{
    private volatile PolicyView _current = PolicyView.Unread;

    public PolicyView Current => _current;

    /// <summary>Lets every decision from here on be made by these.</summary>
    public void Publish(PolicyView view) => _current = view;
}
