using Catalog.Access.Policies;

namespace Catalog.Access;

/// <summary>One decision of the gate, as it is kept.</summary>
/// <param name="At">When it was first made.</param>
/// <param name="Principal">Who asked.</param>
/// <param name="Act">To do what.</param>
/// <param name="Node">To what; empty for the catalog itself.</param>
/// <param name="Purpose">What for; <c>none</c> where none was declared.</param>
/// <param name="Ground">What the answer rests on.</param>
/// <param name="Statements">Statements that decided.</param>
/// <param name="Position">The log position of the policies that decided.</param>
/// <param name="Count">How often it was made alike.</param>
/// <param name="Role">What the key allows by itself.</param>
/// <param name="Groups">That a token said the principal is in, sorted, one a line; empty for none.</param>
internal sealed record AccessRecord(
    DateTimeOffset At, string Principal, Act Act, string Node, string Purpose, AccessGround Ground, IReadOnlyList<string> Statements,
    long Position, long Count, Role Role, string Groups)
{
    public static AccessRecord Of(
        Identity who, Act act, NodeId? node, AccessDecision decision, long position, DateTimeOffset at) => new(
        at, who.Principal, act, node?.ToString() ?? "", who.Purpose is { } purpose ? Purposes.Write(purpose) : "none", decision.Ground,
        decision.Statements, position, Count: 1, who.Role, GroupsOf(who));

    /// <summary>As <see cref="Groups"/> has them.</summary>
    public static string GroupsOf(Identity who) =>
        who.Groups.Count == 0 ? "" : string.Join('\n', who.Groups.Order(StringComparer.Ordinal));

    /// <summary>Whether two differ in nothing but time and count.</summary>
    public (string, Act, string, string, AccessGround, long, string, Role, string) Kind =>
        (Principal, Act, Node, Purpose, Ground, Position, string.Join('\n', Statements), Role, Groups);
}

/// <summary>What is counted together of decisions that allow.</summary>
internal readonly record struct AllowedKey(string Principal, Act Act, NodeId Node, string Purpose, Role Role, string Groups);
