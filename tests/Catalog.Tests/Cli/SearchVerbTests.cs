using System.Net;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class SearchVerbTests
{
    private const string Found =
        """
        {"items":[
        {"node":"dataset:demo/flights","kind":"dataset","namespace":"demo","name":"flights","owner":"demo-team","retired":false,
         "score":0.75,"matches":[{"in":"name","text":"flights"},
                    {"in":"column","text":"dep_delay","node":"dataset:demo/flights#dep_delay"},
                    {"in":"column","text":"arr_delay","node":"dataset:demo/flights#arr_delay"},{"in":"tag","text":"delayed"}]},
        {"node":"job:demo/train","kind":"job","namespace":"demo","name":"train","retired":true,"score":0.1,"matches":[]}],"next":"abc"}
        """;

    private readonly CommandLine _line = new();

    [Fact]
    public async Task Words_and_filters_are_sent_and_what_was_found_is_printed_with_what_it_was_found_by()
    {
        _line.Server.Then(HttpStatusCode.OK, Found);

        Assert.Equal(0, await _line.RunAsync(
            "search", "fligts", "100% delay", "--kind", "dataset", "--namespace", "s3://lake", "--tag", "gold", "--owner", "me",
            "--limit", "2"));

        Assert.Equal(
            "/v1/search?q=fligts%20100%25%20delay&kind=dataset&namespace=s3%3A%2F%2Flake&tag=gold&owner=me&limit=2",
            Assert.Single(_line.Server.Requests).Target);
        Assert.Equal(
            ["dataset:demo/flights\tdemo-team\tcolumn dep_delay, arr_delay; tag delayed\t\t0.75", "job:demo/train\t\t\tretired\t0.1", ""],
            _line.Out.Split('\n'));
    }

    [Fact]
    public async Task Unless_told_the_best_twenty_are_asked_for()
    {
        _line.Server.Then(HttpStatusCode.OK, """{"items":[],"next":null}""");

        Assert.Equal(0, await _line.RunAsync("search", "flights", "--json"));

        Assert.Equal("/v1/search?q=flights&limit=20", Assert.Single(_line.Server.Requests).Target);
        Assert.Equal("[]\n", _line.Out);
    }

    [Fact]
    public async Task A_search_without_words_or_for_things_that_are_not_is_wrong()
    {
        Assert.Equal(2, await _line.RunAsync("search"));
        Assert.Equal(2, await _line.RunAsync("search", "flights", "--kind", "column"));
        Assert.Contains("dataset, job, model, deployment, run", _line.Error);
    }
}
