using System.Net;
using System.Text.Json;
using Catalog.Tests.Storage;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class PolicyVerbTests : IDisposable
{
    private const string File =
        """
        statements:
          - id: read
            effect: allow
            principals: [group:b, ada]
            actions: [read-data]
            resources: [namespace:demo]
            reason: Because.
        tests:
          - {name: ada reads, principal: ada, action: read-data, resource: dataset:demo/d@1, expect: allow}
          - {name: eve reads, principal: eve, action: read-data, resource: dataset:demo/d@1, expect: allow}
        """;

    private const string Before =
        """{"id":"read","effect":"allow","principals":["ada","eve"],"actions":["read-data"],"reason":"Old.",""" + Rest;

    private const string After =
        """{"id":"read","effect":"allow","principals":["ada","group:b"],"actions":["read-data"],"reason":"Because.",""" + Rest;

    private const string Rest = """ "resources":["namespace:demo"],"purposes":[],"columns":[]}""";
    private const string Changed = $$"""{"id":"read","change":"change","before":{{Before}},"after":{{After}}}""";
    private const string Unchanged = $$"""{"id":"read","change":"unchanged","before":{{After}},"after":{{After}}}""";
    private const string Allowed = """{"ground":"allowed","obligations":{"masks":[],"everywhere":"none","rowFilters":[]}}""";
    private const string Masked =
        """
        {"ground":"allowed","obligations":{"masks":[{"column":"tail","mask":"lastFour"}],"everywhere":"none","rowFilters":["a < 1"]}}
        """;

    private const string Denied = """{"ground":"nothingAllows","obligations":{"masks":[],"everywhere":"none","rowFilters":[]}}""";

    private readonly TempFolder _folder = new();
    private readonly CommandLine _line = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_shown_is_what_is_applied()
    {
        _line.Server.Then(HttpStatusCode.OK, Plan(Changed)).Then(HttpStatusCode.OK, Applied(Changed));

        Assert.Equal(0, await _line.RunAsync("policy", "apply", Written(), "--prune", "--yes"));

        Assert.Equal(
            "read\tchange\t\t\t\nread\tchange\tprincipals\tada, eve\tada, group:b\nread\tchange\treason\tOld.\tBecause.\n",
            _line.Out.ReplaceLineEndings("\n"));
        Assert.Equal(["/v1/policies/plan", "/v1/policies/apply"], _line.Server.Requests.Select(r => r.Target));
        var sent = JsonDocument.Parse(_line.Server.Requests[1].Body).RootElement;
        Assert.Equal(("abc", true), (sent.GetProperty("expectedPlan").GetString(), sent.GetProperty("prune").GetBoolean()));
        Assert.Equal(
            """{"id":"read","effect":"allow","principals":["ada","group:b"],"actions":["read-data"],"resources":["namespace:demo"],"""
            + """ "tags":null,"purposes":[],"when":null,"notBefore":null,"expires":null,"columns":[],"mask":null,"rows":null,"""[1..]
            + """ "requires":null,"reason":"Because."}"""[1..],
            sent.GetProperty("statements")[0].GetRawText());
    }

    [Theory]
    [InlineData("y", 0, 2)]
    [InlineData("n", 1, 1)]
    public async Task A_person_sees_the_changes_field_by_field_and_is_asked(string answer, int code, int requests)
    {
        (_line.OutIsTerminal, _line.In) = (true, answer);
        _line.Server.Then(HttpStatusCode.OK, Plan(Changed)).Then(HttpStatusCode.OK, Applied(Changed));

        Assert.Equal(code, await _line.RunAsync("policy", "apply", Written()));

        Assert.Equal(requests, _line.Server.Requests.Count);
        Assert.StartsWith(
            "read  changes\n    principals: + group:b; - eve\n    reason: Old. → Because.\n1 of 1 statement changes.\n",
            _line.Out.ReplaceLineEndings("\n"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("apply", "--dry-run")]
    public async Task Looking_changes_nothing(string verb, params string[] more)
    {
        _line.Server.Then(HttpStatusCode.OK, Plan(Changed));

        Assert.Equal(0, await _line.RunAsync(["policy", verb, Written(), "--json", .. more]));

        Assert.Equal("change", JsonDocument.Parse(_line.Out).RootElement.GetProperty("statements")[0].GetProperty("change").GetString());
        Assert.Equal("/v1/policies/plan", Assert.Single(_line.Server.Requests).Target);
    }

    [Fact]
    public async Task What_is_so_already_asks_nobody()
    {
        _line.Server.Then(HttpStatusCode.OK, Plan(Unchanged));

        Assert.Equal(0, await _line.RunAsync("policy", "apply", Written()));

        Assert.Single(_line.Server.Requests);
    }

    [Fact]
    public async Task A_statement_is_shown_with_who_said_it_and_a_mistyped_one_is_guessed()
    {
        const string Listed =
            $$"""
            {"position":7,"statements":[{"statement":{{After}},"position":5,"setAt":"2026-01-02T03:04:05Z","setBy":"admin"}]}
            """;
        _line.Server.Then(HttpStatusCode.OK, Listed).Then(HttpStatusCode.OK, Listed).Then(HttpStatusCode.OK, Listed);

        Assert.Equal(0, await _line.RunAsync("policy", "show", "read", "--as-of", "7"));
        Assert.Contains("principals\tada, group:b\n", _line.Out.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("since\t2026-01-02 03:04:05Z by admin, position 5", _line.Out, StringComparison.Ordinal);
        Assert.Equal("/v1/policies?asOf=7", _line.Server.Requests[0].Target);

        Assert.Equal(1, await _line.RunAsync("policy", "show", "raed"));
        Assert.Contains(
            "There is no statement 'raed' at position 7; did you mean 'read'? (client.policy_not_found)", _line.Error,
            StringComparison.Ordinal);

        Assert.Equal(0, await _line.RunAsync("policy", "list"));
        Assert.Equal(
            "read\tallow\tallows ada, group:b, read-data, in namespace:demo\t2026-01-02 03:04:05Z\tadmin\tBecause.\n",
            _line.Out.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task A_comparison_tells_who_gained_and_lost_what_by_which_statements()
    {
        string[] purposes = ["training", "evaluation", "inference", "analytics", "audit"];
        var flips = purposes.Select(p => $"\"{p}\"").Prepend("null").Select(p => Flip("ada", p, Denied, Masked))
            .Append(Flip("eve", "\"audit\"", Allowed, Denied)).Append(Flip("bob", "null", Allowed, Masked));
        var answer = $$"""{"from":1,"to":9,"statements":[{{Changed}}],"flips":[{{string.Join(',', flips)}}]}""";
        _line.OutIsTerminal = true;
        _line.Server.Then(HttpStatusCode.OK, answer);

        Assert.Equal(0, await _line.RunAsync("policy", "diff", "--from", "1", "--node", "dataset:demo/d", "--act", "export"));

        Assert.Equal("/v1/policies/diff?from=1&node=dataset%3Ademo%2Fd&act=export", _line.Server.Requests[0].Target);
        Assert.Contains(
            "ada gains access, whatever the purpose: allowed, with tail as last-four, and only rows where a < 1; "
            + "before, denied, because nothing allows it (read)",
            _line.Out,
            StringComparison.Ordinal);
        Assert.Contains("eve loses access, for audit: denied", _line.Out, StringComparison.Ordinal);
        Assert.Contains("bob sees other columns or rows, for no declared purpose:", _line.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_comparison_needs_a_moment_and_a_node()
    {
        Assert.Equal(2, await _line.RunAsync("policy", "diff"));
        Assert.Equal(2, await _line.RunAsync("policy", "diff", "--from", "0", "--node", "flights"));
        Assert.Equal(2, await _line.RunAsync("policy", "diff", "--from", "0", "--act", "look"));
        Assert.Contains("--act must be one of read, read-data", _line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tests_are_held_against_the_files_alone_and_a_failing_one_is_explained()
    {
        var file = Written();
        _line.OutIsTerminal = true;

        Assert.Equal(1, await _line.RunAsync("policy", "test", file));

        Assert.Contains("    allow was expected, and deny came.", _line.Out, StringComparison.Ordinal);
        Assert.Contains("    No policy allows eve to read data here.", _line.Out, StringComparison.Ordinal);
        Assert.Contains(
            "    The permission 'read' fails only at principals: it means ada, group:b, and not eve.", _line.Out, StringComparison.Ordinal);
        Assert.Contains("1 of 2 tests pass.", _line.Out, StringComparison.Ordinal);
        Assert.Empty(_line.Server.Requests);
    }

    [Fact]
    public async Task Other_tools_get_a_line_a_test_or_all_of_it_as_JSON()
    {
        var file = Written();

        Assert.Equal(1, await _line.RunAsync("policy", "test", file));
        var lines = _line.Out.ReplaceLineEndings("\n").Split('\n');
        Assert.Equal($"passed\tada reads\tallow\tallow\t{file}:9\t", lines[0]);
        Assert.StartsWith($"failed\teve reads\tallow\tdeny\t{file}:10\tallow was expected", lines[1], StringComparison.Ordinal);

        Assert.Equal(1, await _line.RunAsync("policy", "test", file, "--json"));
        var answers = JsonDocument.Parse(_line.Out).RootElement;
        Assert.Equal([true, false], answers.EnumerateArray().Select(a => a.GetProperty("passed").GetBoolean()));
        Assert.Equal("principals", answers[1].GetProperty("nearMisses")[0].GetProperty("clause").GetString());
    }

    [Fact]
    public async Task Tests_that_pass_end_with_0_and_none_at_all_is_a_mistake()
    {
        Assert.Equal(0, await _line.RunAsync("policy", "test", Written(File.Split('\n')[..^1])));
        Assert.Equal(1, await _line.RunAsync("policy", "test", Written(["statements: []"])));
        Assert.Contains("this has no tests: they stand under 'tests' (client.policy_file_invalid)", _line.Error, StringComparison.Ordinal);
    }

    private static string Plan(string statements) => $$"""{"hash":"abc","statements":[{{statements}}]}""";

    private static string Applied(string statements) => $$"""{"plan":{{Plan(statements)}},"changed":true,"position":9}""";

    private static string Flip(string who, string purpose, string before, string after) =>
        $$"""{"principal":"{{who}}","purpose":{{purpose}},"before":{{before}},"after":{{after}},"because":["read"]}""";

    private string Written(params string[] lines)
    {
        var path = _folder.Join("p.yaml");
        System.IO.File.WriteAllText(path, lines.Length == 0 ? File : string.Join('\n', lines));
        return path;
    }
}
