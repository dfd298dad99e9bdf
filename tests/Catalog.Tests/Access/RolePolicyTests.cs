using Catalog.Access;
using Xunit;

namespace Catalog.Tests.Access;

public sealed class RolePolicyTests
{
    private static readonly Act[] s_reading = [Act.Read, Act.ReadData];

    private static readonly Act[] s_administering = [Act.ManageKeys, Act.Backup, Act.Operate, Act.Govern, Act.Audit, Act.Hold, Act.Erase];

    public static TheoryData<Act> Acts => [.. Enum.GetValues<Act>()];

    [Theory]
    [MemberData(nameof(Acts))]
    public void A_reader_only_reads(Act act) => Assert.Equal(s_reading.Contains(act), Evaluate(Role.Reader, act).Allowed);

    [Theory]
    [MemberData(nameof(Acts))]
    public void A_writer_does_all_but_administer(Act act) =>
        Assert.Equal(!s_administering.Contains(act), Evaluate(Role.Writer, act).Allowed);

    [Theory]
    [MemberData(nameof(Acts))]
    public void An_admin_does_everything(Act act) => Assert.True(Evaluate(Role.Admin, act).Allowed);

    [Fact]
    public void A_decision_says_why()
    {
        var denied = Evaluate(Role.Reader, Act.Commit);

        Assert.True(denied.Denied);
        Assert.Equal(["Only a key with the role writer or above may make versions; this one has the role reader."], denied.Reasons);
        Assert.Equal(["The role reader allows Read."], Evaluate(Role.Reader, Act.Read).Reasons);
        Assert.True(Evaluate(Role.Reader, Act.Read).Obligations.IsNone);
    }

    [Fact]
    public void An_act_or_role_that_is_not_listed_is_denied()
    {
        Assert.True(Evaluate(Role.Admin, (Act)999).Denied);
        Assert.True(Evaluate((Role)999, Act.Read).Denied);
    }

    [Theory]
    [InlineData("training", Purpose.Training)]
    [InlineData("Evaluation", Purpose.Evaluation)]
    [InlineData("INFERENCE", Purpose.Inference)]
    [InlineData("analytics", Purpose.Analytics)]
    [InlineData("audit", Purpose.Audit)]
    public void Purposes_are_read_by_name(string text, Purpose expected)
    {
        Assert.True(Purposes.TryParse(text, out var purpose));
        Assert.Equal(expected, purpose);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("training,audit")]
    [InlineData(" training")]
    public void Other_texts_are_no_purpose_and_no_role(string? text)
    {
        Assert.False(Purposes.TryParse(text, out _));
        Assert.False(Roles.TryParse(text, out _));
    }

    [Theory]
    [InlineData("reader", Role.Reader)]
    [InlineData("Writer", Role.Writer)]
    [InlineData("admin", Role.Admin)]
    public void Roles_are_read_by_name(string text, Role expected)
    {
        Assert.True(Roles.TryParse(text, out var role));
        Assert.Equal(expected, role);
        Assert.Equal(text.ToLowerInvariant(), Roles.Write(role));
    }

    private static AccessDecision Evaluate(Role role, Act act) =>
        RolePolicy.Evaluate(role, new AccessRequest("p1", act, NodeId.Dataset("demo", "flights"), Purpose.Training, ["pii"]));
}
