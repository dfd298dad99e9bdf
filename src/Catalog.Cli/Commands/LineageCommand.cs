using System.CommandLine;
using Catalog.Cli.Printing;
using Catalog.Lineage;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog lineage up|down &lt;node&gt;</c>: what a node was made from, or what was made from it.</summary>
internal static class LineageCommand
{
    public static Command Create() => new Command("lineage", "What something was made from, and what was made from it")
    {
        Walk("up", "What it was made from, back to the files", LineageDirection.Up),
        Walk("down", "What was made from it", LineageDirection.Down),
    }.WithConnection();

    private static Command Walk(string verb, string description, LineageDirection direction)
    {
        var node = NodeArgument.Any();
        var depth = new Option<int?>("--depth") { Description = "Steps at most" }.AtLeast(1);
        var limit = new Option<int?>("--limit") { Description = "Nodes at most" }.AtLeast(1);
        var command = new Command(verb, description) { depth, limit };
        node.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var lineage = await call.Catalog.LineageAsync(call.Required(node), direction, call.Value(depth), call.Value(limit), ct);
            if (call.Screen.IsJson)
                call.Screen.Json(lineage);
            else
                call.Screen.Render(LineageTree.Build(lineage));
        });
    }
}
