using Catalog.Sdk;

namespace Catalog.Cli.Printing;

/// <summary>What applying feature views does, a view after the other: for people indented, and for other tools a line a field.</summary>
internal static class PlanText
{
    public static void Print(Screen screen, IReadOnlyList<PlannedView> views)
    {
        foreach (var view in views)
        {
            if (screen.IsForPeople)
                ForPeople(screen, view);
            else
                ForTools(screen, view);
        }

        if (screen.IsForPeople)
            screen.Line(Sum(views));
    }

    private static void ForPeople(Screen screen, PlannedView view)
    {
        screen.Line($"{view.View}@{view.Version}  {Words(view)}");
        foreach (var difference in view.Differences)
            screen.Line($"    {difference.Field}: {Change(difference.From, difference.To)}");
        foreach (var warning in view.Warnings)
            screen.Line($"    beware: {warning}");
    }

    private static void ForTools(Screen screen, PlannedView view)
    {
        var (node, action) = ($"{view.View}@{view.Version}", Word(view.Action));
        screen.Row(node, action, "", "", "");
        foreach (var difference in view.Differences)
            screen.Row(node, action, difference.Field, difference.From ?? "", difference.To ?? "");
        foreach (var warning in view.Warnings)
            screen.Row(node, "warning", "", "", warning);
    }

    private static string Change(string? from, string? to) => (from, to) switch
    {
        (null, _) => $"+ {to}",
        (_, null) => $"- {from}",
        _ => $"{from} → {to}",
    };

    private static string Words(PlannedView view) => view.Action switch
    {
        PlannedAction.Create => "is new",
        PlannedAction.Extend => "gets features; those that it has stay as they are",
        PlannedAction.NewVersion => $"is a new version beside {view.Version - 1}, because values change",
        PlannedAction.Describe => "is described anew",
        _ => "stays as it is",
    };

    private static string Word(PlannedAction action) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(action.ToString());

    private static string Sum(IReadOnlyList<PlannedView> views)
    {
        var changing = views.Count(v => v.Action is not PlannedAction.Unchanged);
        return changing == 0 ? "Nothing changes." : $"{changing} of {views.Count} {(views.Count == 1 ? "view changes" : "views change")}.";
    }
}
