using System.Net;
using System.Text.Json;
using Catalog.Cli;
using Catalog.Cli.Printing;
using Catalog.Lineage;
using Catalog.Sdk;
using Xunit;

namespace Catalog.Tests.Cli;

public sealed class PrintingTests
{
    private readonly CommandLine _line = new();

    [Fact]
    public async Task In_a_pipe_a_listing_is_tab_separated_lines()
    {
        _line.Server.Then(HttpStatusCode.OK, """
            {"items":[{"node":"dataset:demo/a","namespace":"demo","name":"a","owner":"[red]me","tags":["x","y"],"latest":2},
                      {"node":"dataset:demo/b","namespace":"demo","name":"b","owner":"you\u001b[2J\n","retired":true}],"next":null}
            """);

        Assert.Equal(0, await _line.RunAsync("dataset", "list"));

        var lines = _line.Out.Split('\n');
        Assert.Equal("dataset:demo/a\t2\t[red]me\tx, y\t0001-01-01 00:00:00Z\t", lines[0]);
        Assert.StartsWith("dataset:demo/b\t0\tyou\\u001B[2J\\u000A\t", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', _line.Out);
    }

    [Theory]
    [InlineData(true, "There is nothing to list.\n")]
    [InlineData(false, "")]
    public async Task An_empty_list_is_said_to_be_empty_where_a_person_reads_it(bool people, string note)
    {
        _line.OutIsTerminal = people;
        _line.Server.Then(HttpStatusCode.OK, """{"items":[],"next":null}""");

        Assert.Equal(0, await _line.RunAsync("dataset", "list"));
        Assert.Equal(note, _line.Error);
        Assert.Empty(_line.Out);
    }

    [Theory]
    [InlineData(2, "schema change\tnone\n")]
    [InlineData(0, null)]
    public async Task A_version_says_that_its_schema_is_that_of_the_version_before(int parent, string? line)
    {
        _line.Server.Then(
            HttpStatusCode.OK,
            $$$"""{"node":"dataset:demo/a@3","number":3,"parent":{{{parent}}},"schemaChange":{"level":"none","changes":[]}}""");

        Assert.Equal(0, await _line.RunAsync("dataset", "show", "demo/a@3"));
        Assert.Equal(line is not null, _line.Out.Contains(line ?? "schema change", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, "492638", "2849113")]
    [InlineData(true, "492,638", "2.8 MB")]
    public async Task Numbers_are_bare_for_other_tools_and_easy_to_read_for_people(bool people, string rows, string size)
    {
        const string Version = """{"node":"dataset:demo/a@1","number":1,"files":1,"bytes":2849113,"rows":492638}""";
        _line.OutIsTerminal = people;
        _line.Server.Then(HttpStatusCode.OK, $$"""{"items":[{{Version}}],"next":null}""").Then(HttpStatusCode.OK, Version);

        Assert.Equal(0, await _line.RunAsync("dataset", "versions", "demo/a"));
        Assert.Contains(rows, _line.Out, StringComparison.Ordinal);
        Assert.Contains(size, _line.Out, StringComparison.Ordinal);

        Assert.Equal(0, await _line.RunAsync("dataset", "show", "demo/a@1"));
        Assert.Contains(rows, _line.Out, StringComparison.Ordinal);
        Assert.Contains(size, _line.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JSON_is_one_value_with_names_as_they_are()
    {
        _line.Server.Then(
            HttpStatusCode.OK, """{"node":"dataset:demo/🛫","namespace":"demo","name":"🛫","owner":"me","compatibility":"backward"}""");

        Assert.Equal(0, await _line.RunAsync("--json", "dataset", "show", "demo/🛫"));

        var root = JsonDocument.Parse(_line.Out).RootElement;
        Assert.Equal(
            ("dataset:demo/🛫", "backward"),
            (root.GetProperty("node").GetString(), root.GetProperty("compatibility").GetString()));
    }

    [Fact]
    public void A_table_for_people_takes_markup_for_text()
    {
        using var output = new StringWriter();
        var screen = new Screen(Terminal(output, people: true), json: false);

        screen.Show(new object(), ("owner", "[bold]me[/] [nope"), ("documentation", "two\nlines"));

        Assert.Contains("[bold]me[/] [nope", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Lineage_is_a_tree_that_opens_each_node_once()
    {
        var text = Draw(Lineage(
            "model:demo/delay@2",
            LineageDirection.Up,
            ("run:r2", "model:demo/delay@2", "trained"),
            ("dataset:demo/flights@3", "run:r2", "input"),
            ("dataset:demo/delays@1", "run:r2", "input"),
            ("run:r1", "dataset:demo/delays@1", "output"),
            ("dataset:demo/flights@3", "run:r1", "input"),
            ($"file:{new string('a', 64)}", "dataset:demo/flights@3", "file")));

        Assert.Equal(
            """
            model:demo/delay@2
            └── run:r2  trained
                ├── dataset:demo/delays@1  input
                │   └── run:r1  output
                │       └── dataset:demo/flights@3  input
                │           └── file:aaaaaaaaaaaa…  file
                └── dataset:demo/flights@3  input  (shown above)
            """,
            text);
    }

    [Fact]
    public void Downstream_the_tree_follows_the_data()
    {
        var text = Draw(Lineage(
            "dataset:demo/flights@1",
            LineageDirection.Down,
            ("dataset:demo/flights@1", "run:r1", "input"),
            ("run:r1", "model:demo/delay@1", "trained"),
            ("model:demo/delay@1", "deployment:demo/eu", "deployed")));

        Assert.Equal(
            """
            dataset:demo/flights@1
            └── run:r1  input
                └── model:demo/delay@1  trained
                    └── deployment:demo/eu  deployed
            """,
            text);
    }

    [Fact]
    public void Of_many_files_some_are_shown_and_the_others_counted()
    {
        var files = Enumerable.Range(0, 1000).Select(i => ($"file:{i:x64}", "dataset:demo/images@1", "file")).ToArray();

        var text = Draw(Lineage("dataset:demo/images@1", LineageDirection.Up, files));

        Assert.EndsWith("… and 992 more files", text, StringComparison.Ordinal);
        Assert.Equal(10, text.Split('\n').Length);
    }

    [Fact]
    public void A_chain_of_ten_thousand_runs_and_a_loop_are_drawn()
    {
        var chain = Enumerable.Range(0, 10_000)
            .Select(i => ($"run:r{i + 1}", $"run:r{i}", "input"))
            .Append(("run:r0", "run:r10000", "input"))
            .ToArray();

        Assert.NotNull(LineageTree.Build(Lineage("run:r0", LineageDirection.Up, chain)));
    }

    [Theory]
    [InlineData(999, "999 B")]
    [InlineData(7_340_032, "7.3 MB")]
    [InlineData(1_500_000_000_000, "1.5 TB")]
    public void Sizes_are_for_people(long bytes, string text) => Assert.Equal(text, Plain.Bytes(bytes));

    private static LineageTrace Lineage(string root, LineageDirection direction, params (string From, string To, string Relation)[] edges)
    {
        var nodes = edges.SelectMany(e => new[] { e.From, e.To }).Distinct().Select(n => new LineageNode(NodeId.Parse(n), 0)).ToList();
        var found = edges
            .Select(e => new LineageEdge(
                NodeId.Parse(e.From), NodeId.Parse(e.To), Enum.Parse<LineageRelation>(e.Relation, ignoreCase: true)))
            .ToList();
        return new LineageTrace(NodeId.Parse(root), direction, LineageGranularity.Version, 20, 1, At: null, Truncated: false, nodes, found);
    }

    private static string Draw(LineageTrace lineage)
    {
        using var output = new StringWriter();
        new Screen(Terminal(output, people: false), json: false).Render(LineageTree.Build(lineage));
        return string.Join('\n', output.ToString().TrimEnd().Split('\n').Select(l => l.TrimEnd()));
    }

    private static Terminal Terminal(TextWriter output, bool people) => new()
    {
        Out = output,
        Error = TextWriter.Null,
        OutIsTerminal = people,
        OpenOut = () => Stream.Null,
        Connect = (_, _, _) => throw new InvalidOperationException("No catalog is asked."),
    };
}
