using Catalog.Platform.Writes;

namespace Catalog.Access.Groups;

internal static class GroupFacts
{
    public static FactRegistry.Area Area { get; } = new FactRegistry.Area()
        .Fact<Group, GroupCreated>("group_created")
        .Fact<Group, GroupMemberAdded>("group_member_added")
        .Fact<Group, GroupMemberRemoved>("group_member_removed")
        .Fact<Group, GroupDissolved>("group_dissolved");
}
