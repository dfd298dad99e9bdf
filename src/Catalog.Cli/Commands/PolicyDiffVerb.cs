using System.CommandLine;
using Catalog.Access;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog policy diff</c>: what changed between two moments, and whose access that changed.</summary>
internal static class PolicyDiffVerb
{
    public static Command Create()
    {
        var from = LineageQuestionOptions.Moment("--from", "The earlier moment: a log position, or a time; 0 is before all policies");
        from.Required = true;
        var to = LineageQuestionOptions.Moment("--to", "The later moment (else now)");
        var node = new Option<string?>("--node")
        {
            Description = "Whose access to this changed, as dataset:demo/flights@3",
            HelpName = "node",
        };
        var act = ActWords.Option("What is done to the node (else read-data)");
        return new Command("diff", "What changed in policies, and who gained or lost access by it") { from, to, node, act }
            .Does(async (call, ct) => Print(
                call.Screen,
                await call.Catalog.Policies.CompareAsync(
                    call.Chosen(from), call.Value(to), Read(call.Value(node)), call.Value(act) ?? Act.ReadData, ct),
                call.Value(node)));
    }

    private static void Print(Screen screen, PolicyComparison changes, string? node)
    {
        if (screen.IsJson)
        {
            screen.Json(changes);
            return;
        }

        PolicyPlanText.Print(screen, changes.Statements);
        FlipText.Print(screen, changes.Flips);
        if (node is not null && changes.Flips.Count == 0 && screen.IsForPeople)
            screen.Line($"Nobody's access to {node} changed.");
    }

    /// <exception cref="UsageException">It is no node.</exception>
    private static NodeId? Read(string? text) => text is null ? null
        : NodeId.TryParse(text, out var node, out var error) ? node
        : throw new UsageException($"--node: {error}");
}
