using System.Net;
using System.Text.Json;
using Catalog.Cli.Printing;
using Catalog.Lineage;
using Catalog.Sdk;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class LineageVerbTests
{
    private const string Trace =
        """
        {"root":"dataset:demo/b@1","direction":"both","granularity":"version","depth":20,"position":7,"at":null,"truncated":true,
         "nodes":[{"id":"dataset:demo/b@1","depth":0},{"id":"run:r1","depth":1},{"id":"run:r2","depth":1},
                  {"id":"dataset:demo/a@1","depth":2},{"id":"model:demo/m@1","depth":2}],
         "edges":[{"from":"run:r1","to":"dataset:demo/b@1","relation":"output"},
                   {"from":"dataset:demo/b@1","to":"run:r2","relation":"input"},
                  {"from":"dataset:demo/a@1","to":"run:r1","relation":"input"},
                   {"from":"run:r2","to":"model:demo/m@1","relation":"trained"}]}
        """;

    private const string Impact =
        """
        {"of":["dataset:demo/a"],"position":7,"truncated":false,"columns":[],
         "versions":[{"node":"dataset:demo/b@1","depth":3,"reason":["dataset:demo/a","dataset:demo/a@1","run:r1","dataset:demo/b@1"]}],
         "models":[{"node":"model:demo/m@1","depth":5,
                    "reason":["dataset:demo/a","dataset:demo/a@1","run:r1","dataset:demo/b@1","run:r2","model:demo/m@1"]}],
         "deployments":[],"owners":[{"owner":"[team]","things":["dataset:demo/b","model:demo/m"]}]}
        """;

    private const string Difference =
        """
        {"from":"model:demo/m@1","to":"model:demo/m@2","position":7,"same":false,
         "datasets":[{"thing":"dataset:demo/a","from":["1"],"to":["1","3"],
                      "schema":{"level":"minor","changes":[{"kind":"added","column":"x","from":null,"to":"int32","level":"minor"}]}}],
         "runs":[{"job":"job:demo/train","from":"run:r1","to":"run:r2","codeRevision":{"name":"codeRevision","from":"a","to":"b"},
                  "parameters":[{"name":"trees","from":"100","to":null}],"environment":[{"name":"host","from":null,"to":"gpu"}]}]}
        """;

    private const string Explanation =
        """
        {"from":"dataset:demo/a@1","to":"run:r1","position":7,"statements":[
         {"relation":"columnInfluence","heldFrom":"2026-03-01T12:00:00Z","heldTo":null,"knownFrom":5,"knownTo":6,
          "because":{"position":5,"stream":"run:r1","streamVersion":2,"type":"run_input_added","recordedAt":"2026-03-01T12:00:01Z",
                     "principal":"ci","fact":{"role":"train"}}}],
         "truncated":true,
         "assertions":[
         {"relation":"columnInfluence","since":"2026-03-01T12:00:00Z","eventTime":null,"body":null,
          "fact":{"position":5,"stream":"run:r1","streamVersion":2,"type":"run_input_added","recordedAt":"2026-03-01T12:00:01Z",
                  "principal":"ci","fact":{"role":"train"}}},
         {"relation":"columnInfluence","since":null,"eventTime":"2026-03-01T11:00:00Z","body":{"state":"erased","text":null},
          "fact":{"position":6,"stream":"run:r1","streamVersion":3,"type":"openlineage_received","recordedAt":"2026-03-01T12:00:02Z",
                  "principal":"airflow","fact":{"late":false}}}]}
        """;

    private const string Report =
        """
        {"node":"run:r1","page":null,"firstEvent":"2026-03-01T12:00:00Z","lastEvent":"2026-03-01T12:05:00Z",
         "run":{"job":"job:demo/load","state":"fail","stateSince":"2026-03-01T12:05:00Z","started":"2026-03-01T12:00:00Z",
                "ended":"2026-03-01T12:05:00Z","parentRun":"run:p","parentJob":"job:demo/dag","rootRun":null,"rootJob":null,
                "nominalStart":null,"nominalEnd":null},
         "job":null,"dataset":null,
         "facets":[{"name":"acme","member":"facets","value":{"_producer":"p","weight":1.50},"eventTime":"2026-03-01T12:00:00Z",
                    "position":3,"producer":"etl","sender":"ci"},
                   {"name":"errorMessage","member":"facets","value":{"message":"disk [full]"},"eventTime":"2026-03-01T12:05:00Z",
                    "position":4,"producer":"etl","sender":"ci"},
                   {"name":"ownership","member":"facets","value":null,"eventTime":"2026-03-01T12:05:00Z",
                    "position":4,"producer":null,"sender":"ci"}]}
        """;

    private readonly CommandLine _line = new();

    [Fact]
    public async Task What_events_told_of_a_run_is_shown_with_every_facet()
    {
        _line.Server.Then(HttpStatusCode.OK, Report).Then(HttpStatusCode.OK, Report);

        Assert.Equal(0, await _line.RunAsync("lineage", "show", "run:r1"));
        Assert.Equal("/v1/lineage/node?node=run%3Ar1", _line.Server.Requests[0].Target);
        Assert.Equal(
            """
            node	run:r1
            first event	2026-03-01 12:00:00Z
            last event	2026-03-01 12:05:00Z
            job	job:demo/load
            state	fail, since 2026-03-01 12:05:00Z
            started	2026-03-01 12:00:00Z
            ended	2026-03-01 12:05:00Z
            parent	run:p of job:demo/dag
            acme	2026-03-01 12:00:00Z	etl	ci	{"_producer":"p","weight":1.50}
            errorMessage	2026-03-01 12:05:00Z	etl	ci	{"message":"disk [full]"}
            ownership	2026-03-01 12:05:00Z		ci
            """,
            Lines(_line.Out));

        Assert.Equal(0, await _line.RunAsync("lineage", "show", "run:r1", "--json"));
        Assert.Contains("\"weight\":1.50", _line.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sql", """{"query":"select 1"}""", "select 1")]
    [InlineData("schema", """{"fields":[{"name":"id","type":"int","description":"key"},{"name":"x"}]}""", "id  int  key\nx")]
    [InlineData("ownership", """{"owners":[{"name":"team","type":"OWNER"}]}""", "team  OWNER")]
    [InlineData("inputStatistics", """{"rowCount":3,"size":40}""", "3 rows  40 bytes")]
    [InlineData("dataQualityAssertions", """{"assertions":[{"assertion":"set","success":false,"column":"k"}]}""", "failed:  set  k")]
    [InlineData("acme", """{"_producer":"p","_schemaURL":"s","a":{"b":[1]},"c":"d"}""", "a: {\"b\":[1]}\nc: \"d\"")]
    [InlineData("sql", """{"other":1}""", "other: 1")]
    public void Facets_of_the_standard_are_laid_out_and_others_are_json(string name, string facet, string expected)
    {
        var value = JsonDocument.Parse(facet).RootElement;

        Assert.Equal(expected, FacetText.Of(new ReportedFacet(name, "facets", value, default, 1, Producer: null, Sender: null)));
    }

    [Fact]
    public async Task All_options_of_a_walk_are_asked_for()
    {
        _line.Server.Then(HttpStatusCode.OK, Trace);

        Assert.Equal(0, await _line.RunAsync(
            "lineage", "both", "dataset:demo/b@1", "--granularity", "version", "--as-of", "12", "--at", "2026-03-01",
            "--depth", "3", "--limit", "9",
            "--kind", "feature-view", "--kind", "model", "--namespace", "demo", "--namespace=s3://lake", "--tag", "pii", "--json"));

        Assert.Equal(
            "/v1/lineage?node=dataset%3Ademo%2Fb%401&direction=both&granularity=version&depth=3&limit=9&asOf=12&at=2026-03-01T00%3A00%3A00Z"
                + "&kind=feature-view&kind=model&namespace=demo&namespace=s3%3A%2F%2Flake&tag=pii",
            Assert.Single(_line.Server.Requests).Target);
        Assert.Equal("both", JsonDocument.Parse(_line.Out).RootElement.GetProperty("direction").GetString());
    }

    [Fact]
    public async Task Both_ways_the_tree_says_which_way_data_flowed()
    {
        _line.Server.Then(HttpStatusCode.OK, Trace);

        Assert.Equal(0, await _line.RunAsync("lineage", "both", "dataset:demo/b@1"));

        Assert.Equal(
            """
            dataset:demo/b@1
            ├── run:r1  ← output
            │   └── dataset:demo/a@1  ← input
            ├── run:r2  → input
            │   └── model:demo/m@1  → trained
            └── … more than was asked for: raise --depth or --limit
            """,
            Lines(_line.Out));
    }

    [Fact]
    public async Task A_way_is_printed_step_by_step()
    {
        _line.Server
            .Then(
                HttpStatusCode.OK,
                """
                {"from":"dataset:demo/a@1","to":"model:demo/m@1","position":7,"found":true,
                 "edges":[{"from":"dataset:demo/a@1","to":"run:r","relation":"input"},
                           {"from":"run:r","to":"model:demo/m@1","relation":"trained"}]}
                """)
            .Then(HttpStatusCode.OK, """{"from":"model:demo/m@1","to":"dataset:demo/a@1","position":7,"found":false,"edges":[]}""");

        Assert.Equal(0, await _line.RunAsync("lineage", "path", "dataset:demo/a@1", "model:demo/m@1", "--as-of", "2026-03-01T12:00Z"));
        Assert.Equal("dataset:demo/a@1\tinput\trun:r\nrun:r\ttrained\tmodel:demo/m@1", Lines(_line.Out));
        Assert.EndsWith(
            "/path?from=dataset%3Ademo%2Fa%401&to=model%3Ademo%2Fm%401&asOf=2026-03-01T12%3A00%3A00Z",
            _line.Server.Requests[0].Target,
            StringComparison.Ordinal);

        Assert.Equal(0, await _line.RunAsync("lineage", "path", "model:demo/m@1", "dataset:demo/a@1"));
        Assert.Equal("No data flowed from model:demo/m@1 to dataset:demo/a@1, as far as is known.", Lines(_line.Out));
    }

    [Fact]
    public async Task Awkward_names_go_through_as_they_are_written()
    {
        const string Awkward = "dataset:s3%3A%2F%2Flake/raw%2Fclicks 50%25@1";
        _line.Server.Then(HttpStatusCode.OK, """{"from":"dataset:a/b@1","to":"dataset:a/b@1","position":7,"found":true,"edges":[]}""");

        Assert.Equal(0, await _line.RunAsync("lineage", "path", Awkward, "--", Awkward));

        var encoded = Uri.EscapeDataString(Awkward);
        Assert.Equal($"/v1/lineage/path?from={encoded}&to={encoded}", Assert.Single(_line.Server.Requests).Target);
    }

    [Fact]
    public async Task An_impact_is_a_tree_of_reasons_and_says_whom_to_tell()
    {
        _line.Server.Then(HttpStatusCode.OK, Impact).Then(HttpStatusCode.OK, Impact);

        Assert.Equal(0, await _line.RunAsync("lineage", "impact", "dataset:demo/a"));
        Assert.Equal(
            """
            dataset:demo/a
            └── dataset:demo/a@1
                └── run:r1
                    └── dataset:demo/b@1
                        └── run:r2
                            └── model:demo/m@1
            [team] owns dataset:demo/b, model:demo/m
            """,
            Lines(_line.Out));

        Assert.Equal(0, await _line.RunAsync("lineage", "impact", "--tag", "pii", "--limit", "3"));
        Assert.Equal(
            ["/v1/lineage/impact?node=dataset%3Ademo%2Fa", "/v1/lineage/impact?tag=pii&limit=3"],
            _line.Server.Requests.Select(r => r.Target));
    }

    [Fact]
    public void Columns_that_are_reached_have_trees_of_their_own()
    {
        var (column, derived) = (NodeId.Parse("dataset:demo/a#x"), NodeId.Parse("dataset:demo/b#y"));
        var version = NodeId.Parse("dataset:demo/b@1");
        var impact = new LineageImpact(
            [column], 7, Truncated: true, [new Affected(version, 1, [version.WithoutVersion(), version])], [], [],
            [new Affected(derived, 1, [column, derived])], []);

        Assert.Equal(3, ImpactTree.Build(impact).Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_difference_is_a_line_a_value(bool people)
    {
        _line.OutIsTerminal = people;
        _line.Server.Then(HttpStatusCode.OK, Difference);

        Assert.Equal(0, await _line.RunAsync("lineage", "diff", "model:demo/m@1", "model:demo/m@2"));

        Assert.Equal("/v1/lineage/diff?from=model%3Ademo%2Fm%401&to=model%3Ademo%2Fm%402", Assert.Single(_line.Server.Requests).Target);
        if (people)
            Assert.Contains("UPSTREAM", _line.Out, StringComparison.Ordinal);
        else
            Assert.Equal(
                [
                    "dataset:demo/a\tversion\t1\t1, 3",
                    "dataset:demo/a\tschema\t\tminor: x added (int32)",
                    "job:demo/train\trun\trun:r1\trun:r2",
                    "job:demo/train\tcode revision\ta\tb",
                    "job:demo/train\tparameter trees\t100\t",
                    "job:demo/train\tenvironment host\t\tgpu",
                ],
                _line.Out.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task One_node_is_compared_at_two_times()
    {
        _line.Server.Then(
            HttpStatusCode.OK,
            """{"from":"model:demo/m@1","to":"model:demo/m@2","position":7,"same":true,"datasets":[],"runs":[]}""");

        Assert.Equal(
            0, await _line.RunAsync("lineage", "diff", "model:demo/m", "--as-of", "5", "--to-as-of", "9", "--to-at", "2026-03-01"));

        Assert.Equal(
            "/v1/lineage/diff?from=model%3Ademo%2Fm&to=model%3Ademo%2Fm&asOf=5&toAsOf=9&toAt=2026-03-01T00%3A00%3A00Z",
            Assert.Single(_line.Server.Requests).Target);
        Assert.Equal("Nothing differs upstream of model:demo/m@1 and model:demo/m@2.", Lines(_line.Out));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_explanation_names_fact_author_and_time(bool people)
    {
        _line.OutIsTerminal = people;
        _line.Server.Then(HttpStatusCode.OK, Explanation);

        Assert.Equal(0, await _line.RunAsync("lineage", "explain", "dataset:demo/a@1", "run:r1", "--body", "--limit", "2"));

        if (people)
            Assert.All(
                ["run_input_added, fact 2 of run:r1", "2 facts say so:", "openlineage_received, fact 3 of run:r1", "(erased)"],
                part => Assert.Contains(part, _line.Out, StringComparison.Ordinal));
        else
            Assert.Equal(
                "column influence\t2026-03-01 12:00:00Z\t\t5\trun_input_added\trun:r1\t2026-03-01 12:00:01Z\tci\t{\"role\":\"train\"}\n"
                + "column influence\t\t2026-03-01 11:00:00Z\t6\topenlineage_received\trun:r1\t2026-03-01 12:00:02Z\tairflow"
                + "\t{\"late\":false}\t(erased)",
                Lines(_line.Out));
        Assert.Equal(
            "/v1/lineage/edge?from=dataset%3Ademo%2Fa%401&to=run%3Ar1&body=true&limit=2", Assert.Single(_line.Server.Requests).Target);
        Assert.Equal("catalog: more facts say so than these: raise --limit, or ask --as-of an earlier time.\n", _line.Error);
    }

    [Fact]
    public async Task Other_formats_are_printed_as_the_server_writes_them()
    {
        const string Flowchart = "flowchart LR\n  n0[\"[red]\"]\n";
        _line.Server.Then(HttpStatusCode.OK, Flowchart, a => a.Headers.Add("Catalog-Truncated", "true")).Then(HttpStatusCode.OK, "[]");

        Assert.Equal(0, await _line.RunAsync("lineage", "up", "dataset:demo/a@1", "--format", "mermaid", "--depth", "0"));
        Assert.Equal((Flowchart, true), (_line.Out, _line.Error.StartsWith("catalog: this is not all", StringComparison.Ordinal)));

        Assert.Equal(0, await _line.RunAsync("lineage", "down", "dataset:demo/a@1", "--format", "openlineage"));
        Assert.Equal(
            [
                "/v1/lineage?node=dataset%3Ademo%2Fa%401&direction=up&format=mermaid&depth=0",
                "/v1/lineage?node=dataset%3Ademo%2Fa%401&direction=down&format=openlineage",
            ],
            _line.Server.Requests.Select(r => r.Target));
    }

    [Theory]
    [InlineData("tree", false)]
    [InlineData("json", true)]
    public async Task The_tree_and_the_JSON_are_the_usual_answers(string format, bool json)
    {
        _line.Server.Then(HttpStatusCode.OK, Trace).Then(HttpStatusCode.OK, Trace);

        Assert.Equal(0, await _line.RunAsync("lineage", "both", "dataset:demo/b@1", "--format", format));
        var written = _line.Out;
        Assert.Equal(0, await _line.RunAsync(["lineage", "both", "dataset:demo/b@1", .. json ? ["--json"] : Array.Empty<string>()]));

        Assert.Equal(written, _line.Out);
        Assert.DoesNotContain("format=", _line.Server.Requests[0].Target, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("impact --tag pii", Impact, "of")]
    [InlineData("diff model:demo/m@1 model:demo/m@2", Difference, "runs")]
    [InlineData("explain dataset:demo/a@1 run:r1", Explanation, "statements")]
    public async Task Every_answer_is_there_as_JSON(string line, string answer, string member)
    {
        _line.Server.Then(HttpStatusCode.OK, answer);

        Assert.Equal(0, await _line.RunAsync(["lineage", .. line.Split(' '), "--json"]));

        Assert.NotEmpty(JsonDocument.Parse(_line.Out).RootElement.GetProperty(member).EnumerateArray());
    }

    [Theory]
    [InlineData("up dataset:demo/a --as-of yesterday")]
    [InlineData("up dataset:demo/a --at 12")]
    [InlineData("up dataset:demo/a --kind table")]
    [InlineData("up dataset:demo/a --granularity row")]
    [InlineData("up --namespace demo --name a")]
    [InlineData("impact")]
    [InlineData("impact dataset:demo/a --tag pii")]
    [InlineData("impact demo/a")]
    [InlineData("path dataset:demo/a")]
    [InlineData("diff model:demo/m")]
    [InlineData("explain dataset:demo/a run:r --depth 3")]
    [InlineData("explain dataset:demo/a run:r --limit 10001")]
    [InlineData("up dataset:demo/a --depth 1001")]
    [InlineData("up dataset:demo/a --depth -1")]
    [InlineData("up dataset:demo/a --limit 0")]
    [InlineData("up dataset:demo/a --limit 10001")]
    [InlineData("up dataset:demo/a --format svg")]
    [InlineData("up dataset:demo/a --format prov --json")]
    public async Task What_cannot_be_meant_is_asked_of_nobody(string line)
    {
        Assert.Equal(2, await _line.RunAsync(["lineage", .. line.Split(' ')]));
        Assert.StartsWith("catalog: ", _line.Error, StringComparison.Ordinal);
        Assert.Empty(_line.Server.Requests);
    }

    [Theory]
    [InlineData(LineageRelation.Input, "input")]
    [InlineData(LineageRelation.ColumnInfluence, "column influence")]
    public void Relations_are_words(LineageRelation relation, string words) => Assert.Equal(words, LineageOutline.Words(relation));

    private static string Lines(string text) => string.Join('\n', text.TrimEnd().Split('\n').Select(l => l.TrimEnd()));
}
