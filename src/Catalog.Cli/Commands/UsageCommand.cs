using System.CommandLine;
using System.Globalization;
using Catalog.Cli.Printing;
using Catalog.Sdk;
using Catalog.Usage;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog usage</c>: what was read, by whom and for what, and what is stored.</summary>
internal static class UsageCommand
{
    public static Command Create()
    {
        var node = NodeArgument.Any();
        node.Description = "Only this dataset, model or version of one: dataset:demo/flights@3";
        node.Arity = ArgumentArity.ZeroOrOne;
        var by = SharedOptions.Choice<UsageBy>("--by", "What to sum by; dataset unless told");
        var ns = new Option<string?>("--within") { Description = "Only this namespace", HelpName = "namespace" };
        var since = Day("--since", "The first day, in UTC; 29 days before the last unless told");
        var until = Day("--until", "The last day, in UTC; today unless told");
        var command = new Command("usage", "What was read, and what is stored; only administrators may") { node, by, ns, since, until };
        return command.WithConnection().Does(async (call, ct) =>
        {
            var report = await call.Catalog.Usage.ReadAsync(
                call.Value(by) ?? UsageBy.Dataset,
                new UsageQuery(call.Value(since), call.Value(until), call.Value(ns), call.Given(node)),
                ct);
            Print(call.Screen, report);
        });
    }

    private static void Print(Screen screen, UsageReport report)
    {
        if (screen.IsJson)
        {
            screen.Json(report);
            return;
        }

        List<Shown<UsageRow>> columns =
        [
            new(report.By.ToString().ToUpperInvariant(), r => r.Key.Length > 0 || !screen.IsForPeople ? r.Key : "(none declared)"),
            new("REQUESTS", r => screen.Count(r.Requests), Right: true),
            new("READ", r => screen.Bytes(r.Bytes), Right: true),
            new("LAST READ", r => Plain.Time(r.LastReadAt)),
        ];
        if (report.By is UsageBy.Owner or UsageBy.Dataset)
        {
            columns.Add(new("STORED", r => screen.Bytes(r.StoredBytes), Right: true));
            columns.Add(new("ARCHIVED", r => screen.Bytes(r.ArchivedBytes), Right: true));
        }

        if (report.Currency is { } currency)
        {
            columns.Add(new($"READS {currency}", r => Money(r.ReadCost), Right: true));
            if (report.By is UsageBy.Owner or UsageBy.Dataset)
                columns.Add(new($"STORAGE {currency}/MONTH", r => Money(r.StorageCost), Right: true));
        }

        screen.Table(report.Rows, [.. columns]);
    }

    internal static string Money(decimal? amount) => amount?.ToString("0.00####", CultureInfo.InvariantCulture) ?? "";

    internal static Option<DateOnly?> Day(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "day",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
                return day;
            result.AddError($"{name} must be a day, such as 2027-01-31, not '{text}'.");
            return null;
        },
    };
}
