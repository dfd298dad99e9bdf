using Catalog.Sdk;
using FeatureDifference = Catalog.Features.FeatureDifference;

namespace Catalog.Cli.Printing;

/// <summary>
/// What applying feature views and services does, one after the other: for people indented, and for other tools a line a field.
/// </summary>
internal static class PlanText
{
    public static void Print(Screen screen, FeaturePlan plan)
    {
        var services = plan.Services ?? [];
        Planned[] all =
        [
            .. plan.Views.Select(v => new Planned(v.View, v.Action, v.Version, v.Differences, v.Warnings)),
            .. services.Select(s => new Planned(s.Service, s.Action, s.Version, s.Differences, s.Warnings)),
        ];
        foreach (var planned in all)
        {
            if (screen.IsForPeople)
                ForPeople(screen, planned);
            else
                ForTools(screen, planned);
        }

        if (screen.IsForPeople)
            screen.Line(Sum(plan.Views.Count, services.Count, all.Count(p => p.Action is not PlannedAction.Unchanged)));
    }

    private static void ForPeople(Screen screen, Planned planned)
    {
        screen.Line($"{planned.Node}@{planned.Version}  {Words(planned)}");
        foreach (var difference in planned.Differences)
            screen.Line($"    {difference.Field}: {Change(difference.From, difference.To)}");
        foreach (var warning in planned.Warnings)
            screen.Line($"    beware: {warning}");
    }

    private static void ForTools(Screen screen, Planned planned)
    {
        var (node, action) = ($"{planned.Node}@{planned.Version}", Word(planned.Action));
        screen.Row(node, action, "", "", "");
        foreach (var difference in planned.Differences)
            screen.Row(node, action, difference.Field, difference.From ?? "", difference.To ?? "");
        foreach (var warning in planned.Warnings)
            screen.Row(node, "warning", "", "", warning);
    }

    private static string Change(string? from, string? to) => (from, to) switch
    {
        (null, _) => $"+ {to}",
        (_, null) => $"- {from}",
        _ => $"{from} → {to}",
    };

    private static string Words(Planned planned) => (planned.Action, planned.Node.Kind) switch
    {
        (PlannedAction.Create, _) => "is new",
        (PlannedAction.Extend, _) => "gets features; those that it has stay as they are",
        (PlannedAction.NewVersion, NodeKind.FeatureService) => $"is a new version beside {planned.Version - 1}",
        (PlannedAction.NewVersion, _) => $"is a new version beside {planned.Version - 1}, because values change",
        (PlannedAction.Describe, _) => "is described anew",
        _ => "stays as it is",
    };

    private static string Word(PlannedAction action) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(action.ToString());

    private static string Sum(int views, int services, int changing) => (views, services) switch
    {
        _ when changing == 0 => "Nothing changes.",
        (1, 0) => "1 of 1 view changes.",
        (_, 0) => $"{changing} of {views} views change.",
        _ => $"{changing} of {views + services} views and services change.",
    };

    private sealed record Planned(
        NodeId Node, PlannedAction Action, long Version, IReadOnlyList<FeatureDifference> Differences, IReadOnlyList<string> Warnings);
}
