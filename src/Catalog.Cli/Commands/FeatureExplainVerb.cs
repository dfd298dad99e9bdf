using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog feature explain</c>: where the values of a key came from.</summary>
internal static class FeatureExplainVerb
{
    public static Command Create()
    {
        var view = new ServedArgument(services: false);
        var keys = ViewWords.Keys("A part of the key, and its value: airport=ATL");
        var at = LineageQuestionOptions.Time("--at", "When the values were served (else now)");
        var command = new Command("explain", "Tells where the values of a key came from that a lookup answered with") { view, keys, at };
        return command.Does(async (call, ct) =>
        {
            var node = call.Required(view);
            var (name, version) = (QualifiedName.Of(node), node.Version is { } v ? new VersionRef(v) : VersionRef.Latest);
            var definition = await ViewWords.DefinitionAsync(call.Catalog, name, version, ct);
            var wanted = FeatureKeys.Of(ViewWords.KeysOf(definition, call.Value(keys)).Select(k => (k.Key, k.Value)));
            Print(call.Screen, await call.Catalog.Features.ExplainAsync(name, wanted, call.Value(at), version, ct));
        });
    }

    private static void Print(Screen screen, ValueExplanation e) => screen.Show(
        e,
        [
            ("view", e.View.ToString()),
            ("at", Plain.Time(e.At)),
            ("generation", e.Generation is { } generation ? $"{generation}, since {Plain.Time(e.ActivatedAt)}" : "none served then"),
            ("as of", Plain.Time(e.AsOf)),
            ("run", e.Run?.ToString()),
            .. e.Masked is { Count: > 0 } masked ? [("masked", string.Join(", ", masked.Select(m => $"{m.Key}: {m.Value}")))] : Nothing,
            .. e.Filtered ? [("filtered", "rows that you may not see are left out, and so are the events behind all of them")] : Nothing,
            .. e.Served is { } row ? Members(row) : [("served", (string?)"no row for the key")],
            .. e.Sources.SelectMany(Members),
            .. e.Pushed.Select(p => ("pushed", (string?)$"{Values(p.Values)}; of {Plain.Time(p.EventTime)}, {Sender(p)}")),
        ]);

    private static (string, string?)[] Nothing => [];

    private static IEnumerable<(string, string?)> Members(ServedRow row) =>
    [
        ("served", $"{From(row)}, of {Plain.Time(row.EventTime)}{(row.TooOld ? "; held back: older than the view's ttl" : "")}"),
        .. row.Values.Select(v => ($"  {v.Key}", (string?)(v.Value.ValueKind == JsonValueKind.Null ? "no value" : v.Value.ToString()))),
    ];

    private static string From(ServedRow row) => row.Origin is { } origin ? $"from a row of {origin}" : $"from a {row.From}";

    private static IEnumerable<(string, string?)> Members(SourceEvents source)
    {
        yield return ("source", $"{source.Version}: {Plain.Count(source.Count)} {(source.Count == 1 ? "event" : "events")} of the key");
        foreach (var e in source.Events)
            yield return ("  event", string.Create(CultureInfo.InvariantCulture, $"{e.Path} row {e.Row}, {Plain.Time(e.EventTime)}"));
    }

    private static string Sender(PushedBefore pushed) =>
        $"pushed {Plain.Time(pushed.PushedAt)} by {pushed.PushedBy}{(pushed.Run is { } run ? $" for {run}" : "")}";

    private static string Values(IReadOnlyDictionary<string, JsonElement> values) =>
        string.Join(", ", values.Select(v => $"{v.Key}={(v.Value.ValueKind == JsonValueKind.Null ? "" : v.Value.ToString())}"));
}
