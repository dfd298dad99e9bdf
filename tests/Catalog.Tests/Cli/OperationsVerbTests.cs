using System.Net;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class OperationsVerbTests
{
    private readonly CommandLine _line = new();

    [Fact]
    public async Task Usage_is_asked_for_and_printed_by_what_it_is_summed_by()
    {
        _line.Server.Then(
            HttpStatusCode.OK,
            """
            {"since":"2026-11-01","until":"2026-11-26","by":"owner","currency":"EUR","rows":[
            {"key":"team-data","requests":3,"bytes":4096,"lastReadAt":"2026-11-26T02:00:00Z","storedBytes":100,"archivedBytes":40,
             "readCost":0.25,"storageCost":1.5}]}
            """);

        Assert.Equal(
            0, await _line.RunAsync("usage", "dataset:demo/flights", "--by", "owner", "--since", "2026-11-01", "--within", "demo"));

        Assert.Equal(
            "/v1/usage?by=owner&since=2026-11-01&namespace=demo&node=dataset%3Ademo%2Fflights",
            Assert.Single(_line.Server.Requests).Target);
        Assert.Equal("team-data\t3\t4096\t2026-11-26 02:00:00Z\t100\t40\t0.25\t1.50\n", _line.Out);
    }

    [Fact]
    public async Task A_plan_for_people_says_what_would_move_and_what_it_costs()
    {
        _line.OutIsTerminal = true;
        _line.Server.Then(
            HttpStatusCode.OK,
            """
            {"at":"2026-11-26T02:00:00Z",
             "tiers":[{"tier":"warm","objectsBefore":3,"bytesBefore":3000,"objectsAfter":1,"bytesAfter":1000},
                      {"tier":"cold","objectsBefore":0,"bytesBefore":0,"objectsAfter":2,"bytesAfter":2000}],
             "moves":[{"from":"warm","to":"cold","objects":2,"bytes":2000}],
             "versions":[{"node":"dataset:demo/flights@1","tier":"cold","reason":"not read for 100 days","bytes":2000,"movingBytes":2000}],
             "moreVersions":4,"inPlaceBytes":0,"missingObjects":1,
             "costs":{"currency":"EUR","storageBefore":3,"storageAfter":1.2,"readsBefore":0.1,"readsAfter":0.2,"moving":0.05},
             "notes":["A note."]}
            """);

        Assert.Equal(0, await _line.RunAsync("tier", "plan", "--limit", "7"));

        Assert.Equal("/v1/tiers/plan?versions=7", Assert.Single(_line.Server.Requests).Target);
        Assert.Contains("dataset:demo/flights@1", _line.Out);
        Assert.Contains("not read for 100 days", _line.Out);
        Assert.Contains("… and 4 more versions.", _line.Out);
        Assert.Contains("2 objects, 2.0 kB, would move from warm to cold.", _line.Out);
        Assert.Contains("Storage a month: 3.00 EUR now, 1.20 after", _line.Out);
        Assert.Contains("1 files of versions are in no tier", _line.Out);
        Assert.Contains("A note.", _line.Out);
    }

    [Fact]
    public async Task Apply_follows_its_plan_to_the_end()
    {
        const string Plan = "0198c0de-0000-7000-8000-000000000000";
        _line.Server.Then(
            HttpStatusCode.OK, $$"""{"plan":"{{Plan}}","objects":2,"bytes":2000,"held":0,"notes":[],"position":7}""");
        _line.Server.Then(HttpStatusCode.OK, Progress(moved: 2, failed: 0, done: true));

        Assert.Equal(0, await _line.RunAsync("tier", "apply"));

        Assert.Equal(["/v1/tiers/apply", "/v1/tiers/progress?atLeast=7"], _line.Server.Requests.Select(r => r.Target));
        Assert.Equal($"plan\t{Plan}\nmoved\t2 of 2 objects, 2000 of 2000\n", _line.Out);

        static string Progress(int moved, int failed, bool done) =>
            $$"""
            {"plan":"{{Plan}}","objects":2,"bytes":2000,"movedObjects":{{moved}},"movedBytes":{{moved * 1_000}},"failedObjects":{{failed}},
             "failures":[],"heldObjects":0,"heldBytes":0,"cachedBytes":0,"done":{{(done ? "true" : "false")}}}
            """;
    }

    [Fact]
    public async Task A_policy_is_of_a_dataset_or_of_a_namespace()
    {
        _line.Server.Then(HttpStatusCode.OK, """{"node":"dataset:demo/flights","changed":true,"position":7,"streamVersion":2}""");
        _line.Server.Then(HttpStatusCode.OK, """{"changed":false,"position":8}""");

        Assert.Equal(0, await _line.RunAsync("tier", "set", "demo/flights", "--hot-days", "2", "--cold-days", "90"));
        Assert.Equal("dataset:demo/flights policy set\n", _line.Out);
        Assert.Equal(0, await _line.RunAsync("tier", "set", "--within", "s3://lake", "--cold-days", "90"));
        Assert.Equal("unchanged\n", _line.Out);

        Assert.Equal(
            ["/v1/datasets/demo/flights/tiers", "/v1/namespaces/s3%3A%2F%2Flake/tiers"], _line.Server.Requests.Select(r => r.Target));
        Assert.Equal(2, await _line.RunAsync("tier", "set", "--cold-days", "90"));
        Assert.Equal(2, await _line.RunAsync("tier", "set", "demo/flights", "--within", "demo", "--cold-days", "90"));
        Assert.Contains("and not both", _line.Error);
    }

    [Fact]
    public async Task Garbage_is_collected_after_the_grace_that_was_given()
    {
        _line.Server.Then(
            HttpStatusCode.OK,
            """
            {"dryRun":true,"unusedObjects":2,"unusedBytes":30,"freedObjects":1,"freedBytes":10,"objects":[
            {"sha256":"aa","bytes":10,"since":"2026-11-25T00:00:00Z","freeFrom":"2026-11-25T12:00:00Z","freed":true},
            {"sha256":"bb","bytes":20,"freed":false}]}
            """);

        Assert.Equal(0, await _line.RunAsync("gc", "--dry-run", "--grace", "12h"));

        Assert.Equal("""{"dryRun":true,"graceSeconds":43200}""", Assert.Single(_line.Server.Requests).Body);
        Assert.Equal("aa\t10\t2026-11-25 00:00:00Z\twould be freed\nbb\t20\tnot noted yet\tto be noted first\n", _line.Out);
    }

    [Theory]
    [InlineData("gc", "--grace", "soon")]
    [InlineData("gc", "--grace", "-1h")]
    [InlineData("usage", "--since", "yesterday")]
    [InlineData("usage", "--by", "moon")]
    [InlineData("tier", "prices", "--warm", "0.1")]
    [InlineData("tier", "prices", "--currency", "EUR", "--warm", "0.1,x")]
    [InlineData("tier", "prices", "--currency", "EUR", "--warm", "1,2,3,4")]
    public async Task What_cannot_be_meant_is_refused_before_anything_is_sent(params string[] args)
    {
        Assert.Equal(2, await _line.RunAsync(args));
        Assert.Empty(_line.Server.Requests);
    }
}
