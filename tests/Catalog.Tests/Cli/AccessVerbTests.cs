using System.Net;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class AccessVerbTests
{
    private const string Done = """{"id":"group:analysts","changed":true,"position":7}""";

    private readonly CommandLine _line = new();

    [Fact]
    public async Task Members_are_added_one_after_the_other_and_each_is_named()
    {
        _line.Server.Then(HttpStatusCode.OK, Done)
            .Then(HttpStatusCode.OK, Done.Replace("true", "false", StringComparison.Ordinal));

        Assert.Equal(0, await _line.RunAsync("group", "add", "analysts", "ada", "group:a%2Fb"));

        Assert.Equal(
            ["/v1/groups/analysts/members/ada", "/v1/groups/analysts/members/group%3Aa%252Fb"],
            _line.Server.Requests.Select(r => r.Target));
        Assert.Equal("group:analysts has ada\ngroup:analysts unchanged\n", _line.Out);
    }

    [Fact]
    public async Task Several_members_are_one_json_value()
    {
        _line.Server.Then(HttpStatusCode.OK, Done).Then(HttpStatusCode.OK, Done);

        Assert.Equal(0, await _line.RunAsync("group", "remove", "analysts", "ada", "bob", "--json"));

        Assert.Equal($"[{Done},{Done}]\n", _line.Out);
    }

    [Fact]
    public async Task A_principal_is_registered_with_its_attributes()
    {
        _line.Server.Then(HttpStatusCode.Created, """{"id":"principal:p-7","changed":true,"position":7}""");

        Assert.Equal(
            0, await _line.RunAsync("principal", "register", "p-7", "--kind", "service", "--attribute", "a=1", "--attribute", "b=2"));

        Assert.Equal("""{"id":"p-7","kind":"service","attributes":{"a":"1","b":"2"}}""", Assert.Single(_line.Server.Requests).Body);
        Assert.Equal("principal:p-7 registered\n", _line.Out);
    }

    [Fact]
    public async Task A_principal_that_is_not_registered_is_shown_by_its_profile()
    {
        _line.Server.Then(
            HttpStatusCode.OK,
            """
            {"id":"oidc-1","registered":false,"kind":null,"attributes":{},"disabled":false,"registeredAt":null,"registeredBy":null,
             "profile":{"displayName":"Ada","email":null}}
            """);

        Assert.Equal(0, await _line.RunAsync("principal", "show", "oidc-1"));

        Assert.Equal("principal\toidc-1\nkind\tnot registered\nname\tAda\n", _line.Out);
    }

    [Theory]
    [InlineData("principal", "profile", "p-7")]
    [InlineData("principal", "profile", "p-7", "--erase", "--email", "a@b")]
    [InlineData("principal", "register", "p-7")]
    [InlineData("principal", "set", "p-7", "--attribute", "a")]
    [InlineData("group", "add", "analysts")]
    [InlineData("serve", "--oidc-audience", "catalog")]
    public async Task What_makes_no_sense_is_not_sent(params string[] args)
    {
        Assert.Equal(2, await _line.RunAsync(args));

        Assert.Empty(_line.Server.Requests);
    }

    [Theory]
    [InlineData("http://login.example.org", "catalog", "must be an https:// address")]
    [InlineData("https://login.example.org?tenant=a", "catalog", "must be an https:// address")]
    [InlineData("login.example.org", "catalog", "must be an https:// address")]
    [InlineData("https://login.example.org", "", "--oidc-audience")]
    public async Task An_issuer_that_nobody_vouches_for_keeps_the_server_from_starting(string issuer, string audience, string why)
    {
        Assert.Equal(1, await _line.RunAsync("serve", "--oidc-issuer", issuer, "--oidc-audience", audience));

        Assert.Contains(why, _line.Error, StringComparison.Ordinal);
        Assert.Contains("(oidc.settings_invalid)", _line.Error, StringComparison.Ordinal);
    }
}
