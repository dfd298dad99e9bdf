using System.Globalization;
using Catalog.Cli.Printing;
using Catalog.Sdk;
using Spectre.Console;

namespace Catalog.Cli.Demo;

/// <summary>Two runs side by side: the inputs, parameters and metrics in which they differ.</summary>
internal static class Differences
{
    public static Table Table(Trained first, Trained second)
    {
        var table = new Table().Border(TableBorder.None).AddColumns(
            new TableColumn("").PadLeft(2),
            new TableColumn(new Text(first.Model.ToString(), new Style(Color.Green))),
            new TableColumn(new Text(second.Model.ToString(), new Style(Color.Green))));
        foreach (var (label, before, after) in Of(first.Run, second.Run))
            table.AddRow(new Text(Plain.Line(label), new Style(Color.Grey)), new Text(Plain.Line(before)), new Text(Plain.Line(after)));
        return table;
    }

    internal static IEnumerable<(string Label, string? Before, string? After)> Of(Run first, Run second)
    {
        return Rows(Inputs(first), Inputs(second), "input")
            .Concat(Rows(first.Parameters, second.Parameters, "parameter"))
            .Concat(Rows(Metrics(first), Metrics(second), "metric"));

        static IEnumerable<(string, string?, string?)> Rows(
            IReadOnlyDictionary<string, string>? before, IReadOnlyDictionary<string, string>? after, string kind) =>
            from key in (before?.Keys ?? []).Union(after?.Keys ?? [], StringComparer.Ordinal)
            let pair = (Before: before?.GetValueOrDefault(key), After: after?.GetValueOrDefault(key))
            where pair.Before != pair.After
            orderby key
            select ($"{kind} {key}", pair.Before, pair.After);
    }

    private static Dictionary<string, string> Inputs(Run run) =>
        run.Inputs?.GroupBy(i => i.Role ?? "", StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => string.Join(", ", g.Select(i => i.Node.ToString())), StringComparer.Ordinal) ?? [];

    private static Dictionary<string, string> Metrics(Run run) =>
        run.Metrics?.ToDictionary(m => m.Key, m => Rounded(m.Value.Last), StringComparer.Ordinal) ?? [];

    private static string Rounded(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
