using System.CommandLine;
using System.Globalization;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary>
/// Verbs about generations of features: <c>generations</c>, <c>generation</c>, <c>activate</c>, <c>rollback</c>, <c>drop</c>.
/// </summary>
internal static class GenerationVerbs
{
    public static Command List()
    {
        var view = NodeArgument.FeatureView();
        var limit = SharedOptions.Limit();
        var command = new Command("generations", "Lists the generations of a view's values, newest first") { limit };
        view.AddTo(command);
        return command.Does((call, ct) => call.Screen.ListAsync(
            call.Catalog.Features.Generations.ListAsync(call.Name(view), DatasetCommand.PageSize(call.Value(limit)), ct),
            call.Value(limit),
            ct,
            new("GENERATION", g => g.Node.ToString()),
            new("VIEW", g => g.View.ToString()),
            new("", State),
            new("ROWS", g => call.Screen.Count(g.Rows), Right: true),
            new("SIZE", g => call.Screen.Bytes(g.Bytes), Right: true),
            new("AS OF", g => Plain.Time(g.AsOf)),
            new("SOURCES", g => string.Join(", ", g.Sources.Select(s => s.Version))),
            new("BUILT", g => Plain.Time(g.BuiltAt)),
            new("BY", g => g.BuiltBy)));
    }

    public static Command Show()
    {
        var generation = Generation();
        return new Command("generation", "Shows a generation of a view's values") { generation }.Does(async (call, ct) =>
        {
            var g = await call.Catalog.Features.Generations.GetAsync(IdOf(call.Required(generation)), ct);
            call.Screen.Show(
                g,
                ("generation", g.Node.ToString()),
                ("view", g.View.ToString()),
                ("state", State(g)),
                ("rows", call.Screen.Count(g.Rows)),
                ("size", call.Screen.Bytes(g.Bytes)),
                ("as of", Plain.Time(g.AsOf)),
                ("pushed through", g.PushedThrough > 0 ? g.PushedThrough.ToString(CultureInfo.InvariantCulture) : null),
                ("sources", string.Join('\n', g.Sources.Select(s => s.Version))),
                ("base", g.Base?.ToString()),
                ("run", g.Run?.ToString()),
                ("sha-256", g.Sha256),
                ("engine", g.Engine),
                ("built", $"{Plain.Time(g.BuiltAt)} by {g.BuiltBy}"),
                ("dropped", g.DroppedAt is { } at ? $"{Plain.Time(at)}: {g.DroppedBecause}" : null));
        });
    }

    public static Command Activate()
    {
        var generations = new Argument<string[]>("generation")
        {
            Description = "Ids of generations, one of each version of a view",
            Arity = ArgumentArity.OneOrMore,
        };
        var reason = Reason();
        var command = new Command("activate", "Serves generations in place of those that serve now, all at once") { generations, reason };
        return command.Does(async (call, ct) => Print(call.Screen, await call.Catalog.Features.Generations.ActivateAsync(
            call.Required(generations).Select(IdOf), call.Value(reason), ct)));
    }

    public static Command RollBack()
    {
        var node = new ServedArgument();
        var reason = Reason();
        var command = new Command("rollback", "Serves what served a view or a service before") { node, reason };
        return command.Does(async (call, ct) => Print(
            call.Screen, await call.Catalog.Features.Generations.RollBackAsync(call.Required(node), call.Value(reason), ct)));
    }

    public static Command Drop()
    {
        var generation = Generation();
        var reason = new Option<string>("--reason") { Description = "Why", Required = true };
        var command = new Command("drop", "Says that a generation is not served any more, so that its bytes can be freed")
        {
            generation, reason,
        };
        return command.Does(async (call, ct) => call.Screen.Receipt(
            await call.Catalog.Features.Generations.DropAsync(IdOf(call.Required(generation)), call.Required(reason), ct), "dropped"));
    }

    private static Argument<string> Generation() => new("generation") { Description = "The generation's id" };

    public static Option<string?> Reason() => new("--reason") { Description = "Why" };

    /// <summary>By itself, or as lineage names it: <c>generation:0198…</c>.</summary>
    private static Guid IdOf(string text) => FindId(text)
        ?? throw new UsageException($"'{text}' is not the id of a generation: ids are UUIDs.");

    public static Guid? FindId(string text) =>
        Guid.TryParse(NodeId.TryParse(text, out var node, out _) && node.Kind == NodeKind.Generation ? node.Name : text, out var id)
            ? id
            : null;

    private static string State(FeatureGeneration g) => g.Active ? "active" : g.DroppedAt is not null ? "dropped" : "";

    private static void Print(Screen screen, SwitchedGenerations switched)
    {
        if (screen.IsJson)
        {
            screen.Json(switched);
            return;
        }

        foreach (var view in switched.Views)
        {
            var before = view.Before == view.Generation ? "as before" : view.Before is { } other ? $"in place of {other}" : "first of all";
            if (screen.IsForPeople)
                screen.Line($"{view.View}: {view.Generation}, {before}");
            else
                screen.Row(view.View.ToString(), view.Generation.ToString(), view.Before?.ToString() ?? "");
        }
    }
}
