using System.Net;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class TrainingSetVerbTests
{
    private const string Verified =
        """
        {"node":"dataset:demo/set@1","verified":true,"extent":"whole","contentHash":"abc","derived":"abc","rows":1200,"erased":[],
         "findings":[]}
        """;

    private const string Damaged =
        """
        {"node":"dataset:demo/set@1","verified":false,"extent":"none","contentHash":"abc","derived":null,"rows":0,"erased":[],
         "findings":[{"version":"dataset:demo/flights@3","path":"01.parquet","problem":"is no longer there."}]}
        """;

    private const string Erased =
        """
        {"node":"dataset:demo/set@1","verified":false,"extent":"exceptErased","contentHash":"abc","derived":"abc","rows":1200,
         "erased":["dataset:demo/flights@3"],"findings":[]}
        """;

    private readonly CommandLine _line = new();

    [Fact]
    public async Task What_is_proved_ends_well()
    {
        _line.Server.Then(HttpStatusCode.OK, Verified);

        Assert.Equal(0, await _line.RunAsync("trainingset", "verify", "demo/set@1"));

        Assert.Contains("verified\tyes: made again, bit for bit\n", _line.Out.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Equal("/v1/training-sets/demo/set/versions/1/verify", _line.Server.Requests[0].Target);
    }

    [Fact]
    public async Task What_is_not_proved_ends_with_a_code_and_a_reason()
    {
        _line.Server.Then(HttpStatusCode.OK, Damaged);

        Assert.Equal(1, await _line.RunAsync("trainingset", "verify", "demo/set"));

        var said = _line.Out.ReplaceLineEndings("\n");
        Assert.Contains("made again\tnot made: an input is damaged, or gone\n", said, StringComparison.Ordinal);
        Assert.Contains("found\tdataset:demo/flights@3 01.parquet is no longer there.\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_erased_is_never_said_to_be_proved()
    {
        _line.Server.Then(HttpStatusCode.OK, Erased);

        Assert.Equal(1, await _line.RunAsync("trainingset", "verify", "demo/set@1"));

        var said = _line.Out.ReplaceLineEndings("\n");
        Assert.Contains("verified\tverifiable except what was erased", said, StringComparison.Ordinal);
        Assert.Contains("erased\tdataset:demo/flights@3\n", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("duckdb", "duckDb")]
    [InlineData("spark", "spark")]
    public async Task SQL_is_printed_as_it_is_for_the_engine_that_was_named(string dialect, string asked)
    {
        _line.Server.Then(HttpStatusCode.OK, """{"node":"dataset:demo/set@1","dialect":"spark","sql":"select 1\n"}""");

        Assert.Equal(0, await _line.RunAsync("trainingset", "sql", "demo/set@1", "--dialect", dialect, "--files", "s3://lake/a b"));

        Assert.Equal("select 1\n", _line.Out);
        Assert.Equal(
            $"/v1/training-sets/demo/set/versions/1/sql?dialect={asked}&files=s3%3A%2F%2Flake%2Fa%20b", _line.Server.Requests[0].Target);
    }
}
