using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog feature get</c>: features as they are served now.</summary>
internal static class FeatureGetVerb
{
    public static Command Create()
    {
        var what = new Argument<string[]>("what")
        {
            Description = "A feature service or view (namespace/name, with @version), or features: namespace/view:feature",
            Arity = ArgumentArity.OneOrMore,
        };
        var keys = new Option<string[]>("--key")
        {
            Description = "A part of the key and its value: airport=ATL. Given again, another row",
            AllowMultipleArgumentsPerToken = true,
        };
        var receipt = new Option<bool>("--receipt") { Description = "Also say which generation and dataset version each row is of" };
        return new Command("get", "Looks up features by their keys") { what, keys, receipt }.Does(async (call, ct) =>
        {
            var rows = await ReadAsync(
                call.Catalog, call.Required(what), KeysOf(call.Value(keys) ?? []), new OnlineReadOptions(call.Value(receipt)), ct);
            Print(call.Screen, rows);
        });
    }

    /// <summary>Parts that come again begin another row: each must come as often.</summary>
    private static FeatureKeys KeysOf(IEnumerable<string> words)
    {
        var keys = new FeatureKeys();
        foreach (var part in words.Select(word => KeyValues.Read([word]).Single()).GroupBy(part => part.Key, part => part.Value))
        {
            if (keys.Rows > 0 && keys.Rows != part.Count())
                throw new UsageException($"'{part.Key}' is given {part.Count()} times, and the keys before {keys.Rows} times.");
            keys.Add(part.Key, part.ToList());
        }

        return keys;
    }

    private static async Task<FeatureRows> ReadAsync(
        CatalogClient catalog, string[] what, FeatureKeys keys, OnlineReadOptions options, CancellationToken ct)
    {
        if (what is not [var only] || IsFeature(only))
            return await catalog.Features.Online.ReadAsync(what, keys, options, ct);
        if (only.StartsWith("feature-view:", StringComparison.Ordinal))
            return await ReadViewAsync(catalog, only, keys, options, ct);
        try
        {
            return NodeArgument.TryRead(only, NodeKind.FeatureService, out var service, out var error)
                ? await catalog.Features.Online.ReadAsync(service, keys, options, ct)
                : throw new UsageException(error);
        }
        catch (CatalogException e) when (e.Code == "feature_service.not_found" && !only.Contains(':', StringComparison.Ordinal))
        {
            return await ReadViewAsync(catalog, only, keys, options, ct);
        }
    }

    /// <summary>All features of a view.</summary>
    private static async Task<FeatureRows> ReadViewAsync(
        CatalogClient catalog, string text, FeatureKeys keys, OnlineReadOptions options, CancellationToken ct)
    {
        if (!NodeArgument.TryRead(text, NodeKind.FeatureView, out var node, out var error))
            throw new UsageException(error);
        var view = await catalog.Features.GetVersionAsync(node.Version is null ? node.WithVersion("latest") : node, ct);
        var name = view.Node.ToString()["feature-view:".Length..];
        return await catalog.Features.Online.ReadAsync(
            view.Definition.Features.Select(f => $"{name}:{Names.Encode(f.Name)}"), keys, options, ct);
    }

    private static bool IsFeature(string word) =>
        word.Contains(':', StringComparison.Ordinal) && !word.StartsWith("feature-", StringComparison.Ordinal);

    private static void Print(Screen screen, FeatureRows rows)
    {
        if (screen.IsJson)
        {
            screen.Json(rows);
            return;
        }

        screen.Table(
            [.. Enumerable.Range(0, rows.Count).SelectMany(row => rows.Columns.Select(column => (Row: row, Column: column)))],
            new("ROW", l => l.Row.ToString(CultureInfo.InvariantCulture), Right: true),
            new("FEATURE", l => l.Column.Name),
            new("VALUE", l => l.Column.Values[l.Row].ValueKind == JsonValueKind.Null ? "" : l.Column.Values[l.Row].ToString()),
            new("", l => StatusOf(l.Column.StatusOf(l.Row))),
            new("MASK", l => l.Column.Mask),
            new("SINCE", l => rows.Views[l.Column.View].EventTimes[l.Row] is { } time ? Plain.Time(time) : ""),
            new("VIEW", l => rows.Views[l.Column.View].Node.ToString()),
            new("GENERATION", l => rows.Views[l.Column.View].Generation?.ToString()),
            new("ORIGIN", l => rows.Views[l.Column.View].Origins?[l.Row]),
            new("RUN", l => rows.Views[l.Column.View].Run?.ToString()));
        if (rows.Views.Any(v => v.Filtered == true))
            screen.Line("Rows that you may not see are told as not found.");
        if (rows.Stale)
            screen.Line("Some of this may be older than what the catalog has.");
    }

    private static string StatusOf(FeatureStatus status) =>
        status == FeatureStatus.Present ? "" : JsonNamingPolicy.CamelCase.ConvertName(status.ToString());
}
