using System.Net;
using Catalog.Tests.Sdk;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class NodeOnTheCommandLineTests
{
    private readonly CommandLine _line = new();

    [Theory]
    [InlineData("demo/flights", "/v1/datasets/demo/flights")]
    [InlineData("dataset:demo/flights", "/v1/datasets/demo/flights")]
    [InlineData("demo/flights@3", "/v1/datasets/demo/flights/versions/3")]
    [InlineData("demo/flights@gold", "/v1/datasets/demo/flights/versions/gold")]
    [InlineData("@home/x", null)]
    [InlineData("%40home/a b", "/v1/datasets/%40home/a%20b")]
    [InlineData("s3%3A%2F%2Flake/%252F", "/v1/datasets/s3%3A%2F%2Flake/%252F")]
    [InlineData("demo/🛫", "/v1/datasets/demo/%F0%9F%9B%AB")]
    public async Task A_node_is_written_as_text(string text, string? target)
    {
        var code = await _line.RunAsync("dataset", "show", text);

        Assert.Equal(target is null ? 2 : 1, code);
        Assert.Equal(target, _line.Server.Requests.FirstOrDefault()?.Target);
    }

    [Theory]
    [InlineData("s3://lake", "a/b", null, "/v1/datasets/s3%3A%2F%2Flake/a%2Fb")]
    [InlineData("demo", "%2F", "3", "/v1/datasets/demo/%252F/versions/3")]
    [InlineData("demo", "-dash", null, "/v1/datasets/demo/-dash")]
    [InlineData("demo", "dataset show", "gold", "/v1/datasets/demo/dataset%20show/versions/gold")]
    public async Task Or_as_it_is(string ns, string name, string? at, string target)
    {
        string[] args = ["dataset", "show", "--namespace", ns, $"--name={name}", .. at is null ? Array.Empty<string>() : ["--at", at]];

        await _line.RunAsync(args);

        Assert.Equal(target, _line.Server.Requests.Single().Target);
    }

    [Theory]
    [InlineData("dataset alias gold 3 --namespace s3://lake --name a/b")]
    [InlineData("dataset --namespace s3://lake --name a/b alias gold 3")]
    [InlineData("--name=a/b dataset alias --namespace s3://lake gold 3")]
    public async Task Other_arguments_keep_their_places_beside_a_raw_name(string line)
    {
        await _line.RunAsync(line.Split(' '));

        Assert.Equal("/v1/datasets/s3%3A%2F%2Flake/a%2Fb/aliases/gold", _line.Server.Requests.Single().Target);
        Assert.Equal("""{"version":3}""", _line.Server.Requests.Single().Body);
    }

    [Fact]
    public async Task Namespace_stays_a_filter_where_nothing_is_named()
    {
        _line.Server.Then(HttpStatusCode.OK, """{"items":[],"next":null}""");

        Assert.Equal(0, await _line.RunAsync("dataset", "list", "--namespace", "s3://lake", "--json"));
        Assert.Equal("/v1/datasets?namespace=s3%3A%2F%2Flake&limit=100", _line.Server.Requests.Single().Target);
        Assert.Equal("[]\n", _line.Out);
    }

    [Theory]
    [InlineData("dataset show s3://lake/a", "or give --namespace and --name as they are.")]
    [InlineData("dataset versions lab/x@3", "leave out '@3', or write %40 in a name.")]
    [InlineData("dataset show lab/x#a", "leave out '#a', or write %23 in a name.")]
    [InlineData("run show x", "'x' is not the id of a run: ids are UUIDs")]
    [InlineData("run show lab/x", "'lab/x' is not the id of a run: ids are UUIDs")]
    public async Task What_is_no_node_here_is_answered_with_another_way_to_write_it(string line, string way)
    {
        Assert.Equal(2, await _line.RunAsync(line.Split(' ')));
        Assert.Contains(way, _line.Error, StringComparison.Ordinal);
        Assert.Empty(_line.Server.Requests);
    }

    [Fact]
    public async Task A_column_is_named_in_the_node_or_beside_it()
    {
        _line.Server.Then(HttpStatusCode.OK, """{"node":"dataset:demo/x#a","changed":true,"position":1}""");
        await _line.RunAsync("dataset", "tag", "demo/x#a.b", "pii");
        _line.Server.Then(HttpStatusCode.OK, """{"node":"dataset:demo/x#a","changed":true,"position":1}""");
        await _line.RunAsync("dataset", "tag", "demo/x", "pii", "--column", "c/d");

        Assert.Equal(
            ["/v1/datasets/demo/x/columns/a.b/tags/pii", "/v1/datasets/demo/x/columns/c%2Fd/tags/pii"],
            _line.Server.Requests.Select(r => r.Target));
    }
}
