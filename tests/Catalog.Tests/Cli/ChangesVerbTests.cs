using Catalog.Tests.Sdk;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class ChangesVerbTests
{
    private readonly CommandLine _line = new();

    [Fact]
    public async Task A_change_is_a_line_for_other_tools()
    {
        Tells(ChangeClientTests.Change(7));

        Assert.Equal(0, await _line.RunAsync("changes", "--after", "6", "--type", "dataset_tagged", "--type", "x", "--limit", "5"));

        Assert.Equal(
            "7\t2026-03-01 12:00:00Z\tdataset_tagged\tdataset:a/b\tci\t{\"tag\":\"x\"}" + Environment.NewLine, _line.Out);
        Assert.Equal("/v1/changes?after=6&types=dataset_tagged%2Cx&limit=5&follow=false", _line.Server.Requests[0].Target);
    }

    [Fact]
    public async Task With_json_each_change_is_a_value_on_a_line_of_its_own()
    {
        Tells(ChangeClientTests.Change(7), ChangeClientTests.Change(9));

        Assert.Equal(0, await _line.RunAsync("changes", "--json"));

        var lines = _line.Out.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([7, 9], lines.Select(l => System.Text.Json.JsonDocument.Parse(l).RootElement.GetProperty("position").GetInt64()));
        Assert.Contains("\"stream\":\"dataset:a/b\"", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("node", lines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("yesterday")]
    public async Task A_position_is_a_number(string after)
    {
        Assert.Equal(2, await _line.RunAsync("changes", "--after", after));
        Assert.Contains("--after", _line.Error, StringComparison.Ordinal);
    }

    private void Tells(params string[] events) =>
        _line.Server.Then(_ => ChangeClientTests.Events([.. events, ChangeClientTests.End(9, more: false)]));
}
