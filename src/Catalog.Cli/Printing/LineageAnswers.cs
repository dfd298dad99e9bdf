using Catalog.Lineage;
using Catalog.Sdk;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Catalog.Cli.Printing;

/// <summary>Answers about lineage that are no walks: ways, impacts and differences.</summary>
internal static class LineageAnswers
{
    public static void Path(Screen screen, LineagePath path)
    {
        if (screen.IsJson)
            screen.Json(path);
        else if (!path.Found)
            screen.Line($"No data flowed from {path.From} to {path.To}, as far as is known.");
        else if (path.Edges.Count == 0)
            screen.Line($"{path.From} is where it ends, too.");
        else
            screen.Table(
                path.Edges,
                new("FROM", e => e.From.ToString()),
                new("RELATION", e => LineageOutline.Words(e.Relation)),
                new("TO", e => e.To.ToString()));
    }

    public static void Impact(Screen screen, LineageImpact impact)
    {
        if (screen.IsJson)
        {
            screen.Json(impact);
            return;
        }

        if (impact.Of.Count == 0)
            screen.Line("Nothing carries that tag.");
        foreach (var tree in ImpactTree.Build(impact))
            screen.Render(tree);
        foreach (var line in Owners(impact))
            screen.Line(line);
    }

    /// <param name="screen">Where to.</param>
    /// <param name="difference">What differs.</param>
    /// <param name="times">What tells the sides apart where both are the same node, such as <c>as of 12</c>.</param>
    public static void Difference(Screen screen, LineageDifference difference, (string From, string To)? times = null)
    {
        if (screen.IsJson)
            screen.Json(difference);
        else if (difference.Same)
            screen.Line($"Nothing differs upstream of {difference.From} and {difference.To}.");
        else
            screen.Table(Rows(difference), Columns(difference, difference.From == difference.To ? times : null));
    }

    /// <summary>Whom to tell.</summary>
    public static IEnumerable<string> Owners(LineageImpact impact) =>
        impact.Owners.Select(o => $"{o.Owner} owns {string.Join(", ", o.Things)}");

    public static IRenderable Table(LineageDifference difference) => Screen.ToTable(Rows(difference), Columns(difference));

    internal static IReadOnlyList<Differing> Rows(LineageDifference difference) =>
        [.. difference.Datasets.SelectMany(Rows), .. difference.Runs.SelectMany(Rows)];

    private static IEnumerable<Differing> Rows(VersionsDiffer d)
    {
        yield return new(d.Thing, "version", string.Join(", ", d.From), string.Join(", ", d.To));
        if (Printing.Columns.Changes(d.Schema) is { } changes)
            yield return new(d.Thing, "schema", "", changes);
    }

    private static IEnumerable<Differing> Rows(RunsDiffer r) =>
    [
        new(r.Job, "run", r.From?.ToString(), r.To?.ToString()),
        .. r.CodeRevision is { } code
            ? [new Differing(r.Job, code.Name == "codeRevision" ? "code revision" : code.Name, InShort(code.From), InShort(code.To))]
            : Array.Empty<Differing>(),
        .. r.Parameters.Select(p => new Differing(r.Job, $"parameter {p.Name}", p.From, p.To)),
        .. r.Environment.Select(e => new Differing(r.Job, $"environment {e.Name}", e.From, e.To)),
    ];

    /// <summary>Code can be a whole query: all of it is in the JSON.</summary>
    private static string? InShort(string? code)
    {
        const int Most = 60;
        if (code is null)
            return null;
        var line = string.Join(' ', code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= Most ? line : $"{line[..Most]}…";
    }

    private static Shown<Differing>[] Columns(LineageDifference difference, (string From, string To)? times = null) =>
    [
        new("UPSTREAM", d => d.Thing.ToString()),
        new("WHAT", d => d.What),
        new(times is { } earlier ? $"{difference.From} {earlier.From}" : difference.From.ToString(), d => d.From),
        new(times is { } later ? $"{difference.To} {later.To}" : difference.To.ToString(), d => d.To),
    ];
}

/// <summary>A line of a comparison.</summary>
/// <param name="Thing">The dataset, model or job.</param>
/// <param name="What">What of it.</param>
/// <param name="From">On the one side.</param>
/// <param name="To">On the other.</param>
internal sealed record Differing(NodeId Thing, string What, string? From, string? To);
