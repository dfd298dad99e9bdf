using Catalog.Lineage;

namespace Catalog.Tests.Lineage.Exports;

/// <summary>Answers about lineage that the tests of exports share.</summary>
internal static class Extracts
{
    /// <summary>Names that other formats could take for their own: quotes, brackets, comments, keywords, marks of direction.</summary>
    public static IReadOnlyList<string> AwkwardNames { get; } =
    [
        "end", "\"quoted\"]", "a;b#35;c", "style x:y#z;", "%% {init}", "`**bold**`", "<b>&amp;</b>", "🛫 Zürich 東京", "-->|x|",
        "\u202Egnp.exe", "(a)[b]{c}", "-dash.", ".dots.",
    ];

    /// <summary>A deployment, back to its files.</summary>
    public static LineageExtract Deployment { get; } = Of(
        "deployment:demo/eu",
        LineageDirection.Up,
        ("model:demo/delay@1", "deployment:demo/eu", LineageRelation.Deployed),
        ("run:r2", "model:demo/delay@1", LineageRelation.Trained),
        ("dataset:demo/features@2", "run:r2", LineageRelation.Input),
        ("run:r1", "dataset:demo/features@2", LineageRelation.Output),
        ("dataset:demo/flights@1", "run:r1", LineageRelation.Input),
        ($"file:{new string('a', 64)}", "dataset:demo/flights@1", LineageRelation.File));

    /// <summary>A run that read a dataset of each awkward name.</summary>
    public static LineageExtract Awkward { get; } = Of(
        "run:r",
        LineageDirection.Up,
        [.. AwkwardNames.Select(n => (NodeId.Dataset("s3://lake", n, 1).ToString(), "run:r", LineageRelation.Input))]);

    /// <summary>Every relation that an answer can hold, whatever its granularity.</summary>
    public static LineageExtract EveryRelation { get; } = Of(
        "dataset:d/a",
        LineageDirection.Both,
        [
            .. Enum.GetValues<LineageRelation>().Select(r => r switch
            {
                LineageRelation.Reads => ("dataset:d/a", "job:d/load", r),
                LineageRelation.Writes => ("job:d/load", "dataset:d/b", r),
                LineageRelation.Follows => ("job:d/extract", "job:d/load", r),
                LineageRelation.Column or LineageRelation.ColumnInfluence => ("dataset:d/a#x", "dataset:d/b#y", r),
                LineageRelation.HasColumn => ("dataset:d/a", "dataset:d/a#x", r),
                LineageRelation.Input => ("dataset:d/a@1", "run:r", r),
                LineageRelation.Output => ("run:r", "dataset:d/b@1", r),
                LineageRelation.Trained => ("run:r", "model:d/m@1", r),
                LineageRelation.Deployed => ("model:d/m@1", "deployment:d/eu", r),
                LineageRelation.Serves => ("model:d/m", "deployment:d/eu", r),
                LineageRelation.File => ($"file:{new string('a', 64)}", "dataset:d/a@1", r),
                LineageRelation.Ran => ("job:d/load", "run:r", r),
                LineageRelation.Started => ("run:q", "run:r", r),
                LineageRelation.Version => ("dataset:d/a", "dataset:d/a@1", r),
                _ => ("dataset:d/a", "dataset:d/b", r),
            }),
        ]);

    public static LineageExtract Of(
        string root, LineageDirection direction, params (string From, string To, LineageRelation Relation)[] edges)
    {
        var nodes = new List<NodeId> { NodeId.Parse(root) };
        nodes.AddRange(edges.SelectMany(e => new[] { NodeId.Parse(e.To), NodeId.Parse(e.From) }).Where(n => n != nodes[0]).Distinct());
        return new LineageExtract(
            nodes[0], direction, [.. nodes.Select((n, i) => new LineageNode(n, i))],
            [.. edges.Select(e => new LineageEdge(NodeId.Parse(e.From), NodeId.Parse(e.To), e.Relation))], Truncated: false);
    }

    /// <summary>A golden file of these tests.</summary>
    public static string Golden(string name) => Repository.File("tests", "Catalog.Tests", "Lineage", "Exports", "Golden", name);
}
