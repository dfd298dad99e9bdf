using Catalog.Sdk;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Catalog.Cli.Printing;

/// <summary>Answers about lineage that are no walks: ways, impacts, differences and explanations.</summary>
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
                new("RELATION", e => LineageTree.Words(e.Relation)),
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

    public static void Difference(Screen screen, LineageDifference difference)
    {
        if (screen.IsJson)
            screen.Json(difference);
        else if (difference.Same)
            screen.Line($"Nothing differs upstream of {difference.From} and {difference.To}.");
        else
            screen.Table(Rows(difference), Columns(difference));
    }

    public static void Explanation(Screen screen, LineageExplanation explanation)
    {
        if (screen.IsJson)
            screen.Json(explanation);
        else if (screen.IsForPeople)
            Show(screen, explanation);
        else
            screen.Table(
                explanation.Statements,
                new("RELATION", s => LineageTree.Words(s.Relation)),
                new("HELD FROM", s => Plain.Time(s.HeldFrom)),
                new("HELD TO", s => Plain.Time(s.HeldTo)),
                new("KNOWN FROM", s => Plain.Bare(s.KnownFrom)),
                new("KNOWN TO", s => Plain.Bare(s.KnownTo)),
                new("BECAUSE OF", s => s.Because?.Type),
                new("STREAM", s => s.Because?.Stream),
                new("RECORDED", s => Plain.Time(s.Because?.RecordedAt)),
                new("BY", s => s.Because?.Principal),
                new("FACT", s => s.Because?.Fact.GetRawText()));
    }

    /// <summary>Statement after statement: a fact does not fit into a column.</summary>
    private static void Show(Screen screen, LineageExplanation explanation)
    {
        foreach (var (statement, place) in explanation.Statements.Select((s, i) => (s, i)))
        {
            if (place > 0)
                screen.Line("");
            screen.Show(
                statement,
                ("relation", LineageTree.Words(statement.Relation)),
                ("held", Until($"from {Plain.Time(statement.HeldFrom)}", Plain.Time(statement.HeldTo))),
                ("known", Until($"from position {Plain.Bare(statement.KnownFrom)}", Plain.Bare(statement.KnownTo))),
                ("because of", statement.Because is { } b ? $"{b.Type}, fact {Plain.Bare(b.StreamVersion)} of {b.Stream}" : null),
                ("recorded", statement.Because is { } r ? $"{Plain.Time(r.RecordedAt)} by {r.Principal}" : null),
                ("fact", statement.Because?.Fact.GetRawText()));
        }

        static string Until(string from, string to) => to.Length == 0 ? from : $"{from} to {to}";
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
        .. r.CodeRevision is { } code ? [new Differing(r.Job, "code revision", code.From, code.To)] : Array.Empty<Differing>(),
        .. r.Parameters.Select(p => new Differing(r.Job, $"parameter {p.Name}", p.From, p.To)),
        .. r.Environment.Select(e => new Differing(r.Job, $"environment {e.Name}", e.From, e.To)),
    ];

    private static Shown<Differing>[] Columns(LineageDifference difference) =>
    [
        new("UPSTREAM", d => d.Thing.ToString()),
        new("WHAT", d => d.What),
        new(difference.From.ToString(), d => d.From),
        new(difference.To.ToString(), d => d.To),
    ];
}

/// <summary>A line of a comparison.</summary>
/// <param name="Thing">The dataset, model or job.</param>
/// <param name="What">What of it.</param>
/// <param name="From">On the one side.</param>
/// <param name="To">On the other.</param>
internal sealed record Differing(NodeId Thing, string What, string? From, string? To);
