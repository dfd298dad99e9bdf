using System.Net;
using Catalog.Lineage;
using Catalog.Sdk;
using Xunit;

namespace Catalog.Tests.Sdk;

public sealed class LineageClientTests
{
    private const string Empty =
        """{"root":"dataset:demo/a@1","direction":"both","granularity":"column","depth":3,"position":7,"""
        + """ "truncated":false,"nodes":[],"edges":[]}""";

    private static readonly NodeId Flights = NodeId.Parse("dataset:demo/flights@1");
    private static readonly NodeId Model = NodeId.Parse("model:demo/delay@2");
    private readonly StandInServer _server = new();

    [Fact]
    public async Task All_that_can_be_asked_for_is_in_the_query()
    {
        _server.Then(HttpStatusCode.OK, Empty);
        await using var catalog = _server.Connect();

        await catalog.Lineage.TraceAsync(Flights, LineageDirection.Both, new LineageOptions
        {
            Granularity = LineageGranularity.Column,
            Depth = 3,
            Limit = 50,
            AsOf = 12,
            At = DateTimeOffset.Parse("2026-03-01T13:00:00.5+01:00"),
            Kinds = [NodeKind.Dataset, NodeKind.FeatureView],
            Namespaces = ["s3://lake"],
            Tags = ["a b"],
        });

        Assert.Equal(
            "/v1/lineage?node=dataset%3Ademo%2Fflights%401&direction=both&granularity=column&depth=3&limit=50"
            + "&asOf=12&at=2026-03-01T12%3A00%3A00.5Z"
                + "&kind=dataset&kind=feature-view&namespace=s3%3A%2F%2Flake&tag=a%20b",
            Assert.Single(_server.Requests).Target);
    }

    [Fact]
    public async Task The_short_call_asks_as_it_always_did()
    {
        _server.Then(HttpStatusCode.OK, Empty);
        await using var catalog = _server.Connect();

        await catalog.LineageAsync(Model, LineageDirection.Down, depth: 2);

        Assert.Equal("/v1/lineage?node=model%3Ademo%2Fdelay%402&direction=down&depth=2", Assert.Single(_server.Requests).Target);
    }

    [Fact]
    public async Task A_past_state_is_a_position_or_a_time()
    {
        _server.Then(HttpStatusCode.OK, Empty).Then(HttpStatusCode.OK, Empty);
        await using var catalog = _server.Connect();

        var then = new LineageOptions { AsOf = DateTimeOffset.Parse("2026-03-01T12:00:00Z") };
        await catalog.Lineage.TraceAsync(Model, LineageDirection.Up, then);
        await catalog.Lineage.TraceAsync(Model, LineageDirection.Up, new LineageOptions { AsOf = 0 });

        Assert.EndsWith("&asOf=2026-03-01T12%3A00%3A00Z", _server.Requests[0].Target, StringComparison.Ordinal);
        Assert.EndsWith("&asOf=0", _server.Requests[1].Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_way_is_asked_for_from_one_end_to_the_other()
    {
        _server.Then(
            HttpStatusCode.OK,
            """
            {"from":"dataset:demo/flights@1","to":"model:demo/delay@2","position":7,"found":true,
             "edges":[{"from":"dataset:demo/flights@1","to":"run:r","relation":"input"},
                       {"from":"run:r","to":"model:demo/delay@2","relation":"trained"}]}
            """);
        await using var catalog = _server.Connect();

        var path = await catalog.Lineage.FindPathAsync(Flights, Model);

        Assert.Equal(
            "/v1/lineage/path?from=dataset%3Ademo%2Fflights%401&to=model%3Ademo%2Fdelay%402",
            Assert.Single(_server.Requests).Target);
        Assert.Equal((true, LineageRelation.Trained), (path.Found, path.Edges[^1].Relation));
    }

    [Fact]
    public async Task An_impact_begins_at_a_node_or_a_tag_and_shows_all()
    {
        const string Answer =
            """
            {"of":["dataset:demo/flights@1"],"position":7,"truncated":false,"versions":[],"deployments":[],"columns":[],
             "models":[{"node":"model:demo/delay@2","depth":2,"reason":["dataset:demo/flights@1","run:r","model:demo/delay@2"]}],
             "owners":[{"owner":"team","things":["model:demo/delay"]}]}
            """;
        _server.Then(HttpStatusCode.OK, Answer).Then(HttpStatusCode.OK, Answer);
        await using var catalog = _server.Connect();

        var impact = await catalog.Lineage.ImpactAsync(Flights, new LineageOptions { Limit = 5 });
        await catalog.Lineage.ImpactOfTagAsync("pii", new LineageOptions { Tags = ["other"], Depth = 1 });

        Assert.Equal(
            ["/v1/lineage/impact?node=dataset%3Ademo%2Fflights%401&limit=5", "/v1/lineage/impact?tag=pii&depth=1"],
            _server.Requests.Select(r => r.Target));
        Assert.Equal(("model:demo/delay@2", 3), (Assert.Single(impact.Models).Node.ToString(), impact.Models[0].Reason.Count));
        Assert.Equal("team", Assert.Single(impact.Owners).Owner);
    }

    [Fact]
    public async Task One_node_is_compared_at_two_times()
    {
        _server.Then(
            HttpStatusCode.OK,
            """
            {"from":"model:demo/delay@2","to":"model:demo/delay@2","position":7,"same":false,
             "datasets":[{"thing":"dataset:demo/flights","from":["1"],"to":["1","3"],"schema":null}],
             "runs":[{"job":"job:demo/train","from":"run:r1","to":null,"codeRevision":null,"environment":[],
                      "parameters":[{"name":"trees","from":null,"to":"200"}]}]}
            """);
        await using var catalog = _server.Connect();

        var difference = await catalog.Lineage.CompareAsync(
            Model, Model, new LineageOptions { AsOf = 5 }, toAsOf: 9, toAt: DateTimeOffset.Parse("2026-03-01T12:00:00Z"));

        Assert.EndsWith("&asOf=5&toAsOf=9&toAt=2026-03-01T12%3A00%3A00Z", Assert.Single(_server.Requests).Target, StringComparison.Ordinal);
        Assert.Equal(["1", "3"], Assert.Single(difference.Datasets).To);
        var run = Assert.Single(difference.Runs);
        Assert.Equal(
            (NodeId.Run("r1"), null, new ValueDiffers("trees", From: null, "200")),
            (run.From, run.To, Assert.Single(run.Parameters)));
    }

    [Fact]
    public async Task An_explanation_holds_the_facts_and_the_events_word_for_word()
    {
        const string Because =
            """
            {"position":5,"stream":"run:r","streamVersion":2,"type":"run_input_added","recordedAt":"2026-03-01T12:00:00Z",
             "principal":"ci","fact":{"role":"train"}}
            """;
        _server.Then(
            HttpStatusCode.OK,
            """
            {"from":"dataset:demo/flights@1","to":"run:r","position":7,"truncated":true,
             "statements":[{"relation":"input","heldFrom":"2026-03-01T12:00:00Z","heldTo":null,"knownFrom":5,"knownTo":null,
                            "because":@BECAUSE}],
             "assertions":[{"relation":"input","since":"2026-03-01T12:00:00Z","eventTime":"2026-03-01T12:00:00Z","fact":@BECAUSE,
                            "body":{"state":"shown","text":"{}"}}]}
            """.Replace("@BECAUSE", Because, StringComparison.Ordinal));
        await using var catalog = _server.Connect();

        var explained = await catalog.Lineage.ExplainAsync(
            Flights, NodeId.Run("r"), new LineageOptions { Limit = 1 }, withBodies: true);

        Assert.Equal(
            "/v1/lineage/edge?from=dataset%3Ademo%2Fflights%401&to=run%3Ar&body=true&limit=1", Assert.Single(_server.Requests).Target);
        var (known, said) = (Assert.Single(explained.Statements).Because, Assert.Single(explained.Assertions));
        Assert.Equal(("ci", "train"), (known?.Principal, known?.Fact.GetProperty("role").GetString()));
        Assert.Equal(("ci", new EventBody(EventBodyState.Shown, "{}"), true), (said.Fact.Principal, said.Body, explained.Truncated));
    }

    [Fact]
    public async Task An_export_is_a_text_with_what_the_headers_say_of_it()
    {
        _server
            .Then(
                HttpStatusCode.OK, "flowchart LR\n",
                answer =>
                {
                    answer.Headers.Add("Catalog-Position", "12");
                    answer.Headers.Add("Catalog-Truncated", "true");
                })
            .Then(HttpStatusCode.OK, Empty);
        await using var catalog = _server.Connect();

        var export = await catalog.Lineage.ExportAsync(
            Flights, LineageDirection.Down, LineageFormat.OpenLineage, new LineageOptions { Depth = 2 });
        await catalog.Lineage.TraceAsync(Flights, LineageDirection.Up);

        Assert.Equal(new LineageExport("flowchart LR\n", "application/json", 12, Truncated: true), export);
        Assert.Equal(
            "/v1/lineage?node=dataset%3Ademo%2Fflights%401&direction=down&format=openlineage&depth=2", _server.Requests[0].Target);
        Assert.EndsWith("&atLeast=12", _server.Requests[1].Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_position_from_elsewhere_is_included()
    {
        _server.Then(HttpStatusCode.OK, Empty);
        await using var catalog = _server.Connect();

        catalog.Include(41);
        await catalog.Lineage.TraceAsync(Flights, LineageDirection.Up);

        Assert.EndsWith("&atLeast=41", Assert.Single(_server.Requests).Target, StringComparison.Ordinal);
    }
}
