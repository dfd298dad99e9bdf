using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Catalog.Platform.Writes;

namespace Catalog.Access.Groups;

/// <summary>What deciding about a group needs to know of its past.</summary>
public sealed record Group : IState<Group>
{
    public const int MaxMembers = 10_000;

    /// <summary>How many groups lie in each other at most, the outermost counted.</summary>
    public const int MaxDepth = 8;

    public required string Id { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Ids of principals; a group among them is written as its stream is: <c>group:analysts</c>.</summary>
    public ImmutableSortedSet<string> Members { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    public bool Dissolved { get; init; }

    public static string StreamId(string name) => GroupNames.Prefix + Names.Encode(name);

    public static Group? Fold(Group? state, object fact) => (state, fact) switch
    {
        (null, GroupCreated f) => new Group { Id = StreamId(f.Name), Description = f.Description },
        (null, _) => null,
        (_, GroupMemberAdded f) => state with { Members = state.Members.Add(f.Member) },
        (_, GroupMemberRemoved f) => state with { Members = state.Members.Remove(f.Member) },
        (_, GroupDissolved) => state with { Members = state.Members.Clear(), Dissolved = true },
        _ => state,
    };
}

/// <summary>What holds for every write to a group.</summary>
internal static class GroupRules
{
    /// <summary>Whether the group is there and takes changes; if not, <paramref name="refusal"/> says why.</summary>
    public static bool Writable([NotNullWhen(true)] Group? state, string name, [NotNullWhen(false)] out Decision.Refused? refusal)
    {
        refusal = state switch
        {
            null => Missing(Group.StreamId(name)),
            { Dissolved: true } => Gone(state.Id),
            _ => null,
        };
        return refusal is null;
    }

    public static Decision.Refused Missing(string group) => new("group.not_found", $"There is no '{group}'.");

    public static Decision.Refused Gone(string group) =>
        new("group.dissolved", $"'{group}' was dissolved and takes no more members; names are not reused.");
}
