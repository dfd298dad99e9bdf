using Catalog.Access;
using Catalog.Access.Principals;
using Xunit;

namespace Catalog.Tests.Access;

public sealed class PrincipalDecisionTests
{
    private static readonly Dictionary<string, string> s_eu = new(StringComparer.Ordinal) { ["region"] = "eu" };
    private static readonly Dictionary<string, string> s_us = new(StringComparer.Ordinal) { ["region"] = "us" };
    private static readonly PrincipalRegistered s_ada = new("ada", PrincipalKind.User, s_eu);

    [Fact]
    public void A_principal_is_registered_once()
    {
        var command = new RegisterPrincipal.Command("ada", PrincipalKind.User, s_eu);

        Scenario.Given<Principal>().When(p => RegisterPrincipal.Decide(p, command)).Then(s_ada)
            .When(p => RegisterPrincipal.Decide(p, command)).ThenUnchanged();
        Scenario.Given<Principal>(s_ada).When(p => RegisterPrincipal.Decide(p, command with { Kind = PrincipalKind.Service }))
            .ThenRefused("principal.exists");
        Scenario.Given<Principal>(s_ada).When(p => RegisterPrincipal.Decide(p, command with { Attributes = null }))
            .ThenRefused("principal.exists");
    }

    [Fact]
    public void Attributes_are_set_as_a_whole()
    {
        Scenario.Given<Principal>(s_ada).When(p => SetPrincipalAttributes.Decide(p, new("ada", s_eu))).ThenUnchanged()
            .When(p => SetPrincipalAttributes.Decide(p, new("ada", s_us))).Then(new PrincipalAttributesSet("ada", s_us));
        Scenario.Given<Principal>().When(p => SetPrincipalAttributes.Decide(p, new("ada", s_us))).ThenRefused("principal.not_found");
    }

    [Fact]
    public void A_principal_is_shut_out_and_let_in_again() =>
        Scenario.Given<Principal>(s_ada)
            .When(p => DisablePrincipal.Decide(p, new("ada", Disabled: false))).ThenUnchanged()
            .When(p => DisablePrincipal.Decide(p, new("ada", Disabled: true))).Then(new PrincipalDisabled("ada"))
            .When(p => DisablePrincipal.Decide(p, new("ada", Disabled: true))).ThenUnchanged()
            .When(p => DisablePrincipal.Decide(p, new("ada", Disabled: false))).Then(new PrincipalEnabled("ada"));

    [Fact]
    public void The_way_back_in_cannot_be_shut() =>
        Scenario.Given<Principal>(new PrincipalRegistered("admin", PrincipalKind.User, s_eu))
            .When(p => DisablePrincipal.Decide(p, new("admin", Disabled: true))).ThenRefused("principal.protected");

    [Theory]
    [InlineData("region", "eu", true)]
    [InlineData("clearance_2", "high", true)]
    [InlineData("Region", "eu", false)]
    [InlineData("2nd", "eu", false)]
    [InlineData("region\n", "eu", false)]
    [InlineData("region", "", false)]
    [InlineData("region", "e\u0000u", false)]
    public void Attributes_have_plain_names_and_short_values(string name, string value, bool may) =>
        Assert.Equal(may, Validate("ada", new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value }));

    [Fact]
    public void Attributes_are_bounded()
    {
        Assert.False(Validate("ada", new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = new('x', 257) }));
        Assert.False(Validate("ada", new Dictionary<string, string>(StringComparer.Ordinal) { [new('a', 65)] = "x" }));
        Assert.False(Validate("ada", Enumerable.Range(0, 65).ToDictionary(i => $"a{i}", i => "x", StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("group:analysts")]
    [InlineData("")]
    [InlineData(".")]
    public void A_principal_cannot_be_taken_for_a_group(string id) => Assert.False(Validate(id, s_eu));

    [Fact]
    public void A_profile_is_never_written_out()
    {
        var profile = new PrincipalProfile("Ada Lovelace", "ada@example.org");

        Assert.DoesNotContain("Ada", $"{profile} {new SetProfile.Command("p1", profile)}", StringComparison.Ordinal);
        Assert.DoesNotContain("Ada", $"{new SetProfile.Body("Ada", "ada@example.org")}", StringComparison.Ordinal);
    }

    private static bool Validate(string id, IReadOnlyDictionary<string, string> attributes) =>
        new RegisterPrincipal.Validator().Validate(new RegisterPrincipal.Command(id, PrincipalKind.User, attributes)).IsValid;
}
