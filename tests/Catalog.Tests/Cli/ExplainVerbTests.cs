using System.Net;
using System.Text.Json;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class ExplainVerbTests
{
    private const string Denied =
        """
        {"allowed":false,"ground":"nothingAllows","position":12,"principal":"ada","role":"none",
         "reasons":["No policy allows ada to read data here."],"statements":[],
         "obligations":{"masks":[],"everywhere":"none","rowFilters":[]},
         "nearMisses":[{"statement":"x","clause":"purposes","detail":"it is for training, and none was declared"}],
         "tags":["internal","pii"],"groups":["analysts"]}
        """;

    private const string Masked =
        """
        {"allowed":true,"ground":"allowed","position":12,"principal":"ada","role":"none",
         "reasons":["The statement 'x' allows it: They work on it."],
         "statements":[{"id":"x","effect":"allow","principals":[],"actions":[],"resources":[],"purposes":[],"columns":[],
          "reason":"They work on it."}],
         "obligations":{"masks":[{"column":"origin","mask":"none"},{"column":"tail","mask":"hash"}],"everywhere":"redact",
          "rowFilters":["a < 1"]},
         "nearMisses":[],"tags":[],"groups":[]}
        """;

    private readonly CommandLine _line = new();

    [Fact]
    public async Task A_refusal_is_explained_with_its_near_misses()
    {
        _line.Server.Then(HttpStatusCode.OK, Denied);

        Assert.Equal(0, await _line.RunAsync(
            "access", "explain", "read-data", "dataset:demo/flights@1", "--principal", "ada", "--as-of", "2026-01-31", "--group", "g",
            "--role", "none"));

        Assert.Equal(
            """
            ada may not read-data dataset:demo/flights@1: denied, because nothing allows it
            because	No policy allows ada to read data here.
            near misses	The permission 'x' fails only at purposes: it is for training, and none was declared.
            tags	internal, pii
            groups	analysts
            role	none
            policies	as of position 12

            """.ReplaceLineEndings("\n"),
            _line.Out.ReplaceLineEndings("\n"));
        Assert.Equal("/v1/access/explain", _line.Server.Requests[0].Target);
        Assert.Equal(
            """
            {"act":"readData","node":"dataset:demo/flights@1","principal":"ada","role":"none","groups":["g"],
            """ + "\"asOf\":\"2026-01-31T00:00:00+00:00\"}",
            _line.Server.Requests[0].Body);
    }

    [Fact]
    public async Task What_is_let_out_in_part_says_what_part()
    {
        _line.Server.Then(HttpStatusCode.OK, Masked).Then(HttpStatusCode.OK, Masked);

        Assert.Equal(0, await _line.RunAsync("access", "authorize", "read-data", "dataset:demo/flights@1", "--purpose", "analytics"));
        Assert.Equal(
            "ada may read-data dataset:demo/flights@1 for analytics: allowed, with origin as it is, tail as hash, "
            + "all other columns as redact, and only rows where a < 1\n",
            _line.Out.ReplaceLineEndings("\n"));
        Assert.Contains("\"purpose\":\"analytics\"", _line.Server.Requests[0].Body, StringComparison.Ordinal);

        Assert.Equal(0, await _line.RunAsync("access", "explain", "read-data", "dataset:demo/flights@1"));
        Assert.Contains("masks\torigin as it is; tail as hash; all other columns as redact", _line.Out, StringComparison.Ordinal);
        Assert.Contains("statements\tx (allow): They work on it.", _line.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Authorize_ends_with_1_where_it_is_denied()
    {
        _line.Server.Then(HttpStatusCode.OK, Denied).Then(HttpStatusCode.OK, Denied);

        Assert.Equal(1, await _line.RunAsync("access", "authorize", "govern", "--principal", "ada"));
        Assert.Equal(
            "ada may not govern the catalog: denied, because nothing allows it. No policy allows ada to read data here.\n",
            _line.Out.ReplaceLineEndings("\n"));

        Assert.Equal(1, await _line.RunAsync("access", "authorize", "govern", "--json"));
        Assert.False(JsonDocument.Parse(_line.Out).RootElement.GetProperty("allowed").GetBoolean());
    }

    [Fact]
    public async Task Approvals_are_given_and_taken_back()
    {
        const string Receipt = """{"node":"model:demo/m@1","changed":true,"position":9}""";
        _line.Server.Then(HttpStatusCode.OK, Receipt).Then(HttpStatusCode.OK, Receipt);

        Assert.Equal(0, await _line.RunAsync(
            "access", "approve", "alias", "model:demo/m@1", "--reason", "Looked at it.", "--expires", "2027-01-31"));
        Assert.Equal("model:demo/m@1 approved: alias\n", _line.Out.ReplaceLineEndings("\n"));
        Assert.Equal(
            """
            {"node":"model:demo/m@1","act":"alias","reason":"Looked at it.","expiresAt":"2027-01-31T00:00:00+00:00","withdraw":false}
            """,
            _line.Server.Requests[0].Body);

        Assert.Equal(0, await _line.RunAsync("access", "approve", "alias", "model:demo/m@1", "--reason", "No.", "--withdraw"));
        Assert.Equal("""{"node":"model:demo/m@1","act":"alias","reason":"No.","withdraw":true}""", _line.Server.Requests[1].Body);
        Assert.Equal(2, await _line.RunAsync(
            "access", "approve", "alias", "model:demo/m@1", "--reason", "No.", "--withdraw", "--expires", "1d"));
        Assert.Equal(2, await _line.RunAsync("access", "approve", "alias", "model:demo/m@1"));
    }

    [Fact]
    public async Task A_tag_ends_at_a_column_and_does_not_any_more()
    {
        const string Receipt = """{"node":"dataset:demo/d#a","changed":true,"position":9}""";
        _line.Server.Then(HttpStatusCode.OK, Receipt).Then(HttpStatusCode.OK, Receipt);

        Assert.Equal(0, await _line.RunAsync("access", "declassify", "dataset:demo/d#a", "pii", "--reason", "Hashed."));
        Assert.Equal("dataset:demo/d#a ends: pii\n", _line.Out.ReplaceLineEndings("\n"));
        Assert.Equal(0, await _line.RunAsync("access", "declassify", "dataset:demo/d#a", "pii", "--reason", "Not hashed.", "--withdraw"));

        Assert.Equal("/v1/access/declassifications", _line.Server.Requests[0].Target);
        Assert.Equal(
            """{"node":"dataset:demo/d#a","tag":"pii","reason":"Not hashed.","withdraw":true}""", _line.Server.Requests[1].Body);
    }

    [Fact]
    public async Task An_unknown_act_is_answered_with_those_there_are()
    {
        Assert.Equal(2, await _line.RunAsync("access", "explain", "look", "dataset:demo/d"));

        Assert.Contains("The act must be one of read, read-data, register", _line.Error, StringComparison.Ordinal);
        Assert.Empty(_line.Server.Requests);
    }
}
