using Catalog.Lineage;
using Catalog.Sdk;

namespace Catalog.Cli.Printing;

/// <summary>Why an edge is there: what is known of it, and every fact that says it.</summary>
internal static class EdgeExplanation
{
    public static void Print(Screen screen, LineageExplanation explanation)
    {
        if (screen.IsJson)
            screen.Json(explanation);
        else if (screen.IsForPeople)
            Show(screen, explanation);
        else
            List(screen, explanation);
    }

    /// <summary>A line a fact. Facts that took back what others had said are in the JSON.</summary>
    private static void List(Screen screen, LineageExplanation explanation) => screen.Table(
        explanation.Assertions,
        new("RELATION", a => LineageOutline.Words(a.Relation)),
        new("SINCE", a => Plain.Time(a.Since)),
        new("EVENT TIME", a => Plain.Time(a.EventTime)),
        new("POSITION", a => Plain.Bare(a.Fact.Position)),
        new("TYPE", a => a.Fact.Type),
        new("STREAM", a => a.Fact.Stream),
        new("RECORDED", a => Plain.Time(a.Fact.RecordedAt)),
        new("BY", a => a.Fact.Principal),
        new("FACT", a => a.Fact.Fact.GetRawText()),
        new("BODY", a => Body(a.Body)));

    /// <summary>Statement after statement and fact after fact: a fact does not fit into a column.</summary>
    private static void Show(Screen screen, LineageExplanation explanation)
    {
        foreach (var statement in explanation.Statements)
        {
            screen.Show(
                statement,
                ("relation", LineageOutline.Words(statement.Relation)),
                ("held", Until($"from {Plain.Time(statement.HeldFrom)}", Plain.Time(statement.HeldTo))),
                ("known", Until($"from position {Plain.Bare(statement.KnownFrom)}", Plain.Bare(statement.KnownTo))),
                ("because of", statement.Because is { } b ? Fact(b) : null));
            screen.Line("");
        }

        screen.Line(explanation.Assertions.Count == 1 ? "1 fact says so:" : $"{explanation.Assertions.Count} facts say so:");
        foreach (var said in explanation.Assertions)
        {
            screen.Line("");
            screen.Show(
                said,
                ("relation", LineageOutline.Words(said.Relation)),
                ("since", Plain.Time(said.Since)),
                ("event time", Plain.Time(said.EventTime)),
                ("said by", Fact(said.Fact)),
                ("position", Plain.Bare(said.Fact.Position)),
                ("recorded", $"{Plain.Time(said.Fact.RecordedAt)} by {said.Fact.Principal}"),
                ("fact", said.Fact.Fact.GetRawText()),
                ("body", Body(said.Body)));
        }
    }

    private static string Fact(EdgeEvidence fact) => $"{fact.Type}, fact {Plain.Bare(fact.StreamVersion)} of {fact.Stream}";

    private static string? Body(EventBody? body) => body?.State switch
    {
        null => null,
        EventBodyState.Shown => body.Text,
        EventBodyState.Erased => "(erased)",
        _ => "(left out: the answer would be too large)",
    };

    private static string Until(string from, string to) => to.Length == 0 ? from : $"{from} to {to}";
}
