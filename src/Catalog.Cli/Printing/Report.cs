using Catalog.Sdk;

namespace Catalog.Cli.Printing;

/// <summary>What events told of a thing.</summary>
internal static class Report
{
    public static void Print(Screen screen, LineageReport report)
    {
        if (screen.IsJson)
            screen.Json(report);
        else if (report.FirstEvent is null)
            screen.Line($"No event told of {report.Node}.{(report.Page is null ? "" : $" What was done here is at {report.Page}.")}");
        else if (screen.IsForPeople)
            screen.Show(report, [.. Members(report), .. report.Facets.Select(f => (Label(f), (string?)FacetText.Of(f)))]);
        else
            ForPipes(screen, report);
    }

    /// <summary>
    /// A line a member, then a line a facet: its name, when it was so, who made and who sent the event, and the facet as JSON.
    /// </summary>
    private static void ForPipes(Screen screen, LineageReport report)
    {
        screen.Show(report, [.. Members(report)]);
        screen.Table(
            report.Facets,
            new("FACET", f => f.Name),
            new("EVENT TIME", f => Plain.Time(f.EventTime)),
            new("PRODUCER", f => f.Producer),
            new("SENDER", f => f.Sender),
            new("VALUE", f => f.Value?.GetRawText()));
    }

    private static string Label(ReportedFacet facet) => facet.Member switch
    {
        "inputFacets" => $"{facet.Name} (as input)",
        "outputFacets" => $"{facet.Name} (as output)",
        _ => facet.Name,
    };

    private static IEnumerable<(string Label, string? Value)> Members(LineageReport report) =>
    [
        ("node", report.Node.ToString()),
        ("page", report.Page),
        ("first event", Plain.Time(report.FirstEvent)),
        ("last event", Plain.Time(report.LastEvent)),
        .. report.Run is { } run ? Members(run) : [],
        .. report.Job is { } job ? Members(job) : [],
        .. report.Dataset is { } dataset ? Members(dataset) : [],
    ];

    private static IEnumerable<(string Label, string? Value)> Members(ReportedRun run) =>
    [
        ("job", run.Job?.ToString()),
        ("state", run.State is null ? null : $"{run.State}, since {Plain.Time(run.StateSince)}"),
        ("started", Plain.Time(run.Started)),
        ("ended", Plain.Time(run.Ended)),
        ("parent", Both(run.ParentRun, run.ParentJob)),
        ("root", Both(run.RootRun, run.RootJob)),
        ("nominal start", Plain.Time(run.NominalStart)),
        ("nominal end", Plain.Time(run.NominalEnd)),
    ];

    private static IEnumerable<(string Label, string? Value)> Members(ReportedJob job) =>
    [
        ("processing", job.ProcessingType),
        ("integration", job.Integration),
        ("type", job.JobType),
        ("parent", job.ParentJob?.ToString()),
        ("last run", job.LastRun?.ToString()),
    ];

    private static IEnumerable<(string Label, string? Value)> Members(ReportedDataset dataset) =>
    [
        ("type", dataset.Type),
        ("last written", Plain.Time(dataset.LastWritten)),
        ("last change", dataset.Change is null ? null : $"{dataset.Change}, {Plain.Time(dataset.ChangedAt)}"),
        ("renamed to", dataset.RenamedTo?.ToString()),
    ];

    private static string? Both(NodeId? run, NodeId? job) => run is null ? null : $"{run} of {job}";
}
