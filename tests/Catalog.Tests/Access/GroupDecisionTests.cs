using Catalog.Access.Groups;
using Xunit;

namespace Catalog.Tests.Access;

public sealed class GroupDecisionTests
{
    private static readonly GroupCreated s_analysts = new("analysts", "Look at sales.");

    [Fact]
    public void A_group_is_made_once()
    {
        var command = new CreateGroup.Command("analysts", "Look at sales.");

        Scenario.Given<Group>().When(g => CreateGroup.Decide(g, command)).Then(s_analysts).When(g => CreateGroup.Decide(g, command))
            .ThenUnchanged();
        Scenario.Given<Group>(s_analysts).When(g => CreateGroup.Decide(g, command with { Description = "Others." }))
            .ThenRefused("group.exists");
    }

    [Fact]
    public void A_member_is_added_and_removed_once()
    {
        var (add, remove) = (new AddGroupMember.Command("analysts", "ada"), new RemoveGroupMember.Command("analysts", "ada"));

        Scenario.Given<Group>(s_analysts)
            .When(g => AddGroupMember.Decide(g, add, GroupNesting.None)).Then(new GroupMemberAdded("analysts", "ada"))
            .When(g => AddGroupMember.Decide(g, add, GroupNesting.None)).ThenUnchanged()
            .When(g => RemoveGroupMember.Decide(g, remove)).Then(new GroupMemberRemoved("analysts", "ada"))
            .When(g => RemoveGroupMember.Decide(g, remove)).ThenUnchanged();
        Scenario.Given<Group>().When(g => AddGroupMember.Decide(g, add, GroupNesting.None)).ThenRefused("group.not_found");
    }

    [Fact]
    public void A_group_that_was_dissolved_has_no_members_and_its_name_is_not_reused()
    {
        var gone = Scenario.Given<Group>(s_analysts, new GroupMemberAdded("analysts", "ada"))
            .When(g => DissolveGroup.Decide(g, new("analysts"))).Then(new GroupDissolved("analysts"))
            .When(g => DissolveGroup.Decide(g, new("analysts"))).ThenUnchanged();

        Assert.Empty(Assert.IsType<Group>(gone.State).Members);
        gone.When(g => CreateGroup.Decide(g, new("analysts"))).ThenRefused("group.dissolved");
        gone.When(g => AddGroupMember.Decide(g, new("analysts", "bob"), GroupNesting.None)).ThenRefused("group.dissolved");
        gone.When(g => RemoveGroupMember.Decide(g, new("analysts", "ada"))).ThenRefused("group.dissolved");
    }

    [Fact]
    public void A_group_is_put_into_another_but_not_round_in_a_circle()
    {
        var (a, b, c) = (GroupOf("a", "group:b"), GroupOf("b", "group:c"), GroupOf("c"));

        Nest(a, "group:c", a, b, c).Accepts(new GroupMemberAdded("a", "group:c"));
        Nest(c, "group:a", a, b, c).Refuses("group.cycle", "group:a > group:b > group:c");
        Nest(c, "group:c", a, b, c).Refuses("group.cycle", "group:c");
        Nest(c, "group:d", a, b, c).Refuses("group.not_found", "group:d");
        Nest(c, "group:d", a, b, c, GroupOf("d") with { Dissolved = true }).Refuses("group.dissolved");
    }

    [Fact]
    public void Groups_lie_in_each_other_eight_deep_and_no_deeper()
    {
        Group[] chain = [.. Enumerable.Range(1, 7).Select(i => i < 7 ? GroupOf($"g{i}", $"group:g{i + 1}") : GroupOf("g7"))];
        var (top, pair) = (GroupOf("top"), GroupOf("pair", "group:leaf"));

        Nest(top, "group:g1", [top, .. chain]).Accepts(new GroupMemberAdded("top", "group:g1"));
        Nest(chain[6], "group:leaf", [GroupOf("leaf"), .. chain]).Accepts(new GroupMemberAdded("g7", "group:leaf"));
        Nest(chain[6], "group:pair", [pair, GroupOf("leaf"), .. chain]).Refuses("group.too_deep", "9 groups");
        Nest(chain[5], "group:pair", [pair, GroupOf("leaf"), .. chain]).Accepts(new GroupMemberAdded("g6", "group:pair"));
    }

    [Fact]
    public void A_group_has_ten_thousand_members_at_most()
    {
        var full = GroupOf("a", [.. Enumerable.Range(0, Group.MaxMembers).Select(i => $"m{i}")]);

        AddGroupMember.Decide(full, new("a", "one-more"), GroupNesting.None).Refuses("group.full");
        AddGroupMember.Decide(full, new("a", "m7"), GroupNesting.None).IsUnchanged();
    }

    [Theory]
    [InlineData("ada", true)]
    [InlineData("group:analysts", true)]
    [InlineData("group:a%2Fb", true)]
    [InlineData("group:a/b", false)]
    [InlineData("group:", false)]
    [InlineData("group:a%2fb", false)]
    [InlineData(" ada", false)]
    [InlineData("", false)]
    public void A_member_is_a_principal_or_a_group_as_its_stream_is_written(string member, bool may) =>
        Assert.Equal(may, new AddGroupMember.Validator().Validate(new AddGroupMember.Command("analysts", member)).IsValid);

    private static Decision Nest(Group outer, string inner, params Group[] all) =>
        AddGroupMember.Decide(outer, new(outer.Id["group:".Length..], inner), new GroupNesting(all));

    private static Group GroupOf(string name, params string[] members) => new() { Id = Group.StreamId(name), Members = [.. members] };
}
