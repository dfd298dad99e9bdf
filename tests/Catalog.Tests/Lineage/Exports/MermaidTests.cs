using System.Net;
using System.Text.RegularExpressions;
using Catalog.Lineage;
using Catalog.Lineage.Exports;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Lineage.Exports;

public sealed partial class MermaidTests
{
    [Fact]
    public void A_flowchart_has_a_shape_for_each_kind() =>
        Golden.Check(Extracts.Golden("deployment.mmd"), Mermaid.Write(Extracts.Deployment));

    [Fact]
    public void Awkward_names_are_labels_and_nothing_else() =>
        Golden.Check(Extracts.Golden("awkward.mmd"), Mermaid.Write(Extracts.Awkward with { Truncated = true }));

    [Fact]
    public void Any_name_reads_back_and_no_line_holds_what_could_be_syntax() =>
        Gen.String[1, 40].Where(n => Names.Check(n) is null).Sample(name =>
        {
            var node = NodeId.Dataset("ns", name);
            var text = Mermaid.Write(new LineageExtract(node, LineageDirection.Up, [new LineageNode(node, 0)], [], Truncated: false));

            var label = Label().Match(text);
            Assert.True(label.Success, text);
            var entities = label.Groups["label"].Value.Replace("#", "&#", StringComparison.Ordinal);
            Assert.Equal(LineageOutline.Short(node), WebUtility.HtmlDecode(entities));
        });

    [GeneratedRegex("""\Aflowchart LR\n  n0\[\("(?<label>(?:[\p{L}\p{N}\p{Cs} \-_./@…]|#\d+;)*)"\)\]\n  style n0 stroke-width:3px\n\z""")]
    private static partial Regex Label();
}
