using System.CommandLine;
using Catalog.Cli.Policies;
using Catalog.Cli.Printing;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog policy plan</c> and <c>apply</c>: show what changes; the second asks, and carries out what was shown.</summary>
internal static class PolicyApplyVerb
{
    public static Command Plan()
    {
        var (paths, prune) = (PolicyCommand.Paths(), Prune());
        return new Command("plan", "Shows what applying files would change, and changes nothing") { paths, prune }
            .Answers((call, ct) => ApplyAsync(call, call.Required(paths), call.Value(prune), yes: false, dry: true, ct));
    }

    public static Command Create()
    {
        var (paths, prune) = (PolicyCommand.Paths(), Prune());
        var yes = new Option<bool>("--yes", "-y") { Description = "Apply without asking" };
        var dry = new Option<bool>("--dry-run") { Description = "Show what would change, and change nothing" };
        return new Command("apply", "Makes policies what files say: shows what changes first, and asks") { paths, prune, yes, dry }
            .Answers((call, ct) => ApplyAsync(call, call.Required(paths), call.Value(prune), call.Value(yes), call.Value(dry), ct));
    }

    private static async Task<int> ApplyAsync(
        Call call, IReadOnlyList<string> paths, bool prune, bool yes, bool dry, CancellationToken ct)
    {
        var statements = PolicyFiles.Read(paths).Statements;
        var plan = await call.Catalog.Policies.PlanAsync(statements, prune, ct);
        if (!call.Screen.IsJson)
            PolicyPlanText.Print(call.Screen, plan.Statements);
        if (dry || !plan.Changes)
        {
            if (call.Screen.IsJson)
                call.Screen.Json(plan);
            return ExitCodes.Done;
        }

        if (!yes && !call.Agrees())
        {
            call.Terminal.Error.WriteLine("Nothing was changed.");
            return ExitCodes.Failed;
        }

        var applied = await call.Catalog.Policies.ApplyAsync(statements, prune, plan, ct);
        if (call.Screen.IsJson)
            call.Screen.Json(applied);
        else if (call.Screen.IsForPeople)
            call.Screen.Line($"Applied: every request is decided by this from position {applied.Position} on.");
        return ExitCodes.Done;
    }

    private static Option<bool> Prune() =>
        new("--prune") { Description = "Withdraw every statement that no file names; else those stay" };
}
