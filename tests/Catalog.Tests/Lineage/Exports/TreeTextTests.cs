using Catalog.Cli;
using Catalog.Cli.Printing;
using Catalog.Lineage;
using Catalog.Lineage.Exports;
using Catalog.Sdk;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Lineage.Exports;

public sealed class TreeTextTests
{
    [Fact]
    public void A_tree_is_indented_and_says_how_data_flowed() =>
        Golden.Check(Extracts.Golden("deployment.txt"), TreeText.Write(Extracts.Deployment));

    [Fact]
    public void Marks_that_turn_text_around_are_escaped() =>
        Assert.DoesNotContain('\u202E', TreeText.Write(Extracts.Awkward));

    [Fact]
    public void The_server_writes_what_the_command_line_prints() =>
        Gen.Select(Gen.Select(Gen.Int[0, 9], Gen.Int[0, 9]).List[0, 30], Gen.Bool, Gen.Enum<LineageDirection>()).Sample((pairs, cut, way) =>
        {
            var edges = pairs.Select(p => ($"run:r{p.Item1}", $"run:r{p.Item2}", LineageRelation.Input)).Distinct().ToArray();
            var extract = Extracts.Of("run:r0", way, edges) with { Truncated = cut };

            Assert.Equal(Printed(extract), TreeText.Write(extract));
        });

    private static string Printed(LineageExtract extract)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var terminal = new Terminal
        {
            Out = output,
            Error = TextWriter.Null,
            Connect = (_, _, _) => throw new InvalidOperationException("Nobody is asked."),
            OpenOut = () => Stream.Null,
        };
        new Screen(terminal, json: false).Render(LineageTree.Build(new LineageTrace(
            extract.Root, extract.Direction, LineageGranularity.Version, Depth: 20, Position: 1, At: null, extract.Truncated,
            extract.Nodes, extract.Edges)));
        return string.Concat(output.ToString().TrimEnd('\n').Split('\n').Select(l => l.TrimEnd() + "\n"));
    }
}
