using System.Net;
using System.Text.Json;
using Catalog.Cli;
using Catalog.Tests.Sdk;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class ExitCodeTests
{
    private const string Registered = """{"node":"dataset:demo/flights","changed":true,"position":1}""";
    private readonly CommandLine _line = new();

    [Fact]
    public async Task What_was_done_is_0()
    {
        _line.Server.Then(HttpStatusCode.Created, Registered);

        Assert.Equal(0, await _line.RunAsync("dataset", "register", "demo/flights", "--owner", "me"));
        Assert.Equal("dataset:demo/flights registered\n", _line.Out);
        Assert.Empty(_line.Error);
    }

    [Fact]
    public async Task What_was_so_before_says_so()
    {
        _line.Server.Then(HttpStatusCode.OK, Registered.Replace("true", "false", StringComparison.Ordinal));

        Assert.Equal(0, await _line.RunAsync("dataset", "register", "demo/flights", "--owner", "me"));
        Assert.Equal("dataset:demo/flights unchanged\n", _line.Out);
    }

    [Fact]
    public async Task What_the_catalog_refused_is_1_and_one_sentence_with_its_code()
    {
        _line.Server.Then(HttpStatusCode.NotFound, StandInServer.Problem(404, "dataset.not_found", "There is no 'dataset:demo/flights'."));

        Assert.Equal(1, await _line.RunAsync("dataset", "show", "demo/flights", "--json"));
        Assert.Equal("catalog: There is no 'dataset:demo/flights' (dataset.not_found)\n", _line.Error);
        Assert.Empty(_line.Out);
    }

    [Fact]
    public async Task A_catalog_that_is_not_there_is_1()
    {
        _line.Server.ThenBreaks(HttpRequestError.ConnectionError);

        Assert.Equal(1, await _line.RunAsync("whoami"));
        Assert.EndsWith("(network.unreachable)\n", _line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_are_not_what_they_were_are_1_and_named()
    {
        _line.Server.Then(
            HttpStatusCode.OK,
            """{"node":"dataset:demo/flights@1","verified":false,"files":2,"bytes":7,"failures":[{"path":"a","problem":"changed"}]}""");

        Assert.Equal(1, await _line.RunAsync("dataset", "verify", "demo/flights@1", "--json"));
        Assert.False(JsonDocument.Parse(_line.Out).RootElement.GetProperty("verified").GetBoolean());

        _line.Server.Then(
            HttpStatusCode.OK,
            """{"node":"dataset:demo/flights@1","verified":false,"files":2,"bytes":7,"failures":[{"path":"a","problem":"changed"}]}""");

        Assert.Equal(1, await _line.RunAsync("dataset", "verify", "demo/flights@1"));
        Assert.Equal("dataset:demo/flights@1 is not what its manifest says: 2 files, 7 B\na: changed\n", _line.Out);
    }

    [Fact]
    public async Task What_was_interrupted_is_130_and_says_nothing()
    {
        using var interrupt = new CancellationTokenSource();
        _line.Server.Then(_ =>
        {
            interrupt.Cancel();
            interrupt.Token.ThrowIfCancellationRequested();
            return new HttpResponseMessage();
        });

        Assert.Equal(ExitCodes.Interrupted, await _line.RunAsync(["whoami"], interrupt.Token));
        Assert.Empty(_line.Error);
    }

    [Theory]
    [InlineData("dataset")]
    [InlineData("dataset frob")]
    [InlineData("dataset show")]
    [InlineData("dataset show demo")]
    [InlineData("dataset show demo/a/b")]
    [InlineData("dataset show model:demo/a")]
    [InlineData("dataset show demo/flights --frob")]
    [InlineData("dataset tag demo/flights pii --frob")]
    [InlineData("dataset versions demo/flights@3")]
    [InlineData("dataset register demo/flights")]
    [InlineData("dataset compatibility demo/flights sideways")]
    [InlineData("dataset alias demo/flights gold three")]
    [InlineData("dataset commit demo/flights --remove a")]
    [InlineData("dataset describe demo/flights")]
    [InlineData("dataset list --limit 0")]
    [InlineData("dataset show --namespace demo")]
    [InlineData("dataset show --at 3")]
    [InlineData("run show x@3")]
    [InlineData("run show not-a-uuid")]
    [InlineData("run metric 0198c5f4-0000-7000-8000-000000000001 auc=high")]
    [InlineData("run param 0198c5f4-0000-7000-8000-000000000001 trees")]
    [InlineData("run list --state asleep")]
    [InlineData("lineage up demo/flights")]
    [InlineData("lineage up dataset:demo/flights --depth -1")]
    [InlineData("key create ci --role root")]
    [InlineData("key create ci --role reader --expires soon")]
    [InlineData("completion powershell")]
    public async Task A_wrong_command_line_is_2_and_asks_nobody(string line)
    {
        Assert.Equal(2, await _line.RunAsync(line.Split(' ')));
        Assert.StartsWith("catalog: ", _line.Error, StringComparison.Ordinal);
        Assert.Empty(_line.Out);
        Assert.Empty(_line.Server.Requests);
    }

    [Fact]
    public async Task Help_is_0_and_on_standard_output()
    {
        Assert.Equal(0, await _line.RunAsync("dataset", "commit", "--help"));
        Assert.Contains("--expected-parent", _line.Out, StringComparison.Ordinal);
        Assert.Empty(_line.Error);
    }

    [Fact]
    public async Task A_name_that_looks_like_an_option_goes_after_two_dashes()
    {
        _line.Server.Then(HttpStatusCode.OK, Registered);

        Assert.Equal(0, await _line.RunAsync("dataset", "tag", "demo/flights", "--", "-odd"));
        Assert.Equal("/v1/datasets/demo/flights/tags/-odd", _line.Server.Requests[0].Target);
    }
}
