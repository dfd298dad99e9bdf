using System.Text.Json;
using Catalog.Sdk;

namespace Catalog.Cli.Printing;

/// <summary>What becomes of statements of policy: for people indented, and for other tools a line a field.</summary>
internal static class PolicyPlanText
{
    public static void Print(Screen screen, IReadOnlyList<PlannedPolicy> statements)
    {
        foreach (var planned in statements)
        {
            if (screen.IsForPeople)
                ForPeople(screen, planned);
            else
                ForTools(screen, planned);
        }

        if (screen.IsForPeople)
            screen.Line(Sum(statements));
    }

    private static void ForPeople(Screen screen, PlannedPolicy planned)
    {
        screen.Line($"{planned.Id}  {Words(planned.Change)}");
        foreach (var difference in StatementText.Differences(planned.Before, planned.After))
            screen.Line($"    {difference.Field}: {difference.InWords}");
    }

    private static void ForTools(Screen screen, PlannedPolicy planned)
    {
        var change = JsonNamingPolicy.CamelCase.ConvertName(planned.Change.ToString());
        screen.Row(planned.Id, change, "", "", "");
        foreach (var difference in StatementText.Differences(planned.Before, planned.After))
            screen.Row(planned.Id, change, difference.Field, string.Join(", ", difference.From), string.Join(", ", difference.To));
    }

    private static string Words(PlannedChange change) => change switch
    {
        PlannedChange.Create => "is new",
        PlannedChange.Change => "changes",
        PlannedChange.Withdraw => "is withdrawn",
        _ => "stays as it is",
    };

    private static string Sum(IReadOnlyList<PlannedPolicy> statements) =>
        (statements.Count(s => s.Change is not PlannedChange.Unchanged), statements.Count) switch
        {
            (0, _) => "Nothing changes.",
            (1, 1) => "1 of 1 statement changes.",
            var (changing, all) => $"{changing} of {all} statements change.",
        };
}
