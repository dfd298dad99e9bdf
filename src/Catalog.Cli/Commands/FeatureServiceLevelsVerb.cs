using System.CommandLine;
using System.Globalization;
using Catalog.Cli.Printing;
using Catalog.Features;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog feature service levels</c>: how a service keeps what it promises.</summary>
internal static class FeatureServiceLevelsVerb
{
    public static Command Create()
    {
        var service = NodeArgument.FeatureService();
        var command = new Command("levels", "How a service keeps what it promises, by the lookups of the server that is asked");
        service.AddTo(command);
        return command.Does(async (call, ct) =>
            Print(call.Screen, await call.Catalog.Features.Services.LevelsAsync(call.Name(service), ct)));
    }

    private static void Print(Screen screen, FeatureServiceLevels levels)
    {
        if (screen.IsJson)
        {
            screen.Json(levels);
            return;
        }

        screen.Table<(FeatureServiceObjective Objective, FeatureServiceWindow Window)>(
            [.. levels.Objectives.SelectMany(o => o.Windows.Select(w => (o, w)))],
            new("OBJECTIVE", r => Promise(r.Objective)),
            new("WINDOW", r => SpanText.Write(r.Window.Window), Right: true),
            new("LOOKUPS", r => screen.Count(r.Window.Lookups), Right: true),
            new("MISSED", r => screen.Count(r.Window.Missed), Right: true),
            new("GOOD", r => Number(r.Window.Good, "0.######"), Right: true),
            new("BURN RATE", r => Number(r.Window.BurnRate, "0.###"), Right: true),
            new("BUDGET LEFT", r => r.Window == r.Objective.Windows[^1] ? Number(r.Objective.BudgetLeft, "0.###") : "", Right: true));
    }

    /// <summary><c>0.999 answered</c>, <c>0.99 within 5ms</c>.</summary>
    private static string Promise(FeatureServiceObjective objective)
    {
        var part = objective.Part is { } promised ? $"{Number(promised, "0.######")} " : "";
        return objective.Objective == ServiceObjective.Availability
            ? $"{part}answered"
            : $"{part}within {FeatureServiceCommand.Latency(objective.Within)}";
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
