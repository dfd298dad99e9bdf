using Catalog.Access;
using Catalog.Access.Policies;
using Catalog.Lineage;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Catalog.Tests.Access;

/// <summary>Groups by the names that statements give them, and approvals of just what was approved.</summary>
public sealed class CompiledPoliciesTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly NodeId s_model = NodeId.Model("lab", "delay");
    private static readonly Statement s_allow = Statement.Of("allow", Effect.Allow, "because") with { Actions = ["alias"] };
    private static readonly Statement s_require = Statement.Of("require", Effect.Require, "because") with
    {
        Principals = ["*"],
        Actions = ["alias"],
        Resources = ["model:lab/*"],
        Requires = new Requirement(1, ApprovedBy: null, Purpose: false),
    };

    private static readonly InheritedTags s_nothing = InheritedTags.Of(
        new TemporalGraph().Current, new TagHistories().Current, Moment.Latest, TagNames.Of(PolicySet.Empty),
        new Dictionary<string, IReadOnlySet<NodeId>>());

    [Theory]
    [InlineData("eu:all", "group:eu%3Aall")]
    [InlineData("ou=risk/eu", "group:ou=risk%2Feu")]
    [InlineData("100%", "group:100%25")]
    [InlineData("a@b#c", "group:a%40b%23c")]
    [InlineData("Größe", "group:Größe")]
    public void A_group_is_named_as_parts_of_nodes_are(string name, string written)
    {
        var set = With(s_allow with { Principals = [written] }).WithMember(name, "ada").WithMember("inner:x", "bob")
            .WithMember(name, "group:inner%3Ax");

        Assert.True(Answer(set, "ada").Allowed);
        Assert.True(Answer(set, "bob").Allowed); // by way of a group whose name is encoded, too
        Assert.True(Answer(set, "eve", claimed: name).Allowed);
        Assert.False(Answer(set, "eve", claimed: written["group:".Length..] + "x").Allowed);
        Assert.False(Answer(set, "eve").Allowed);
    }

    [Theory]
    [InlineData("group:eu:all", "group:eu%3Aall")]
    [InlineData("group:eu/all", "group:eu%2Fall")]
    [InlineData("group:eu%2fall", "group:eu%2Fall")]
    [InlineData("group:", "and its name, encoded")]
    [InlineData("group:a%zz", "and its name, encoded")]
    public void A_group_that_is_written_otherwise_is_refused_with_how_it_is_written(string principal, string right)
    {
        var problem = Assert.Single(CompiledPolicies.Check(s_allow with { Principals = [principal] }));

        Assert.Equal("principals", problem.Field);
        Assert.Contains(right, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_approval_is_of_just_what_was_approved()
    {
        var set = With(s_require, s_allow with { Principals = ["ada"] });
        var (first, second) = (s_model.WithVersion(1), s_model.WithVersion(2));
        foreach (var approved in (NodeId[])[s_model, first])
        {
            var given = set.WithApproval(new Approval(approved, Act.Alias, "steve", Expires: null));
            foreach (var asked in (NodeId[])[s_model, first, second])
                Assert.Equal(asked == approved ? AccessGround.Allowed : AccessGround.Waits, Answer(given, "ada", asked).Ground);
        }
    }

    [Fact]
    public void To_point_an_alias_at_a_version_it_is_the_version_that_counts()
    {
        var (alias, version) = (s_model.WithVersion("champion"), s_model.WithVersion(1));
        var set = With(s_require, s_allow with { Principals = ["ada"], Resources = [alias.ToString()] });
        Assert.Equal("access.waits", AskFor(set, alias, version)?.Code);

        var ofThing = set.WithApproval(new Approval(s_model, Act.Alias, "steve", Expires: null));
        Assert.Equal("access.waits", AskFor(ofThing, alias, version)?.Code);

        var ofVersion = set.WithApproval(new Approval(version, Act.Alias, "steve", Expires: null));
        Assert.Null(AskFor(ofVersion, alias, version));

        var forbidden = Statement.Of("deny", Effect.Deny, "because") with
        {
            Principals = ["*"],
            Actions = ["alias"],
            Resources = [version.ToString()],
        };
        var both = ofVersion with { Statements = ofVersion.Statements.Add("deny", forbidden) };
        Assert.Equal("access.denied", AskFor(both, alias, version)?.Code);
    }

    private static PolicySet With(params Statement[] statements) => PolicySet.Empty with
    {
        Statements = PolicySet.Empty.Statements.AddRange(statements.Select(s => KeyValuePair.Create(s.Id, s))),
    };

    private static AccessDecision Answer(PolicySet set, string principal, NodeId? resource = null, params string[] claimed) =>
        CompiledPolicies.Compile(set, s_nothing, position: 1)
            .Answer(new AccessRequest(principal, Act.Alias, resource ?? s_model, Purpose: null, []) { Groups = claimed }, s_now);

    private static Platform.Problem? AskFor(PolicySet set, NodeId alias, NodeId version)
    {
        var (caller, standing) = (new Caller(), new StandingPolicies());
        caller.Become(new Identity("ada", KeyId: null, Role.None, Purpose: null, Correlation: null, Causation: null));
        standing.Publish(new PolicyView(CompiledPolicies.Compile(set, s_nothing, position: 1), PolicyBook.Empty, Position: 1, s_nothing));
        return new Gate(caller, standing, decisions: null, TimeProvider.System, NullLogger<Gate>.Instance)
            .AskFor(Act.Alias, alias, version).Refusal;
    }
}
