using System.CommandLine;
using Catalog.Cli.Features;
using Catalog.Cli.Printing;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog feature apply</c>: shows the plan, asks, and carries out what was shown.</summary>
internal static class FeatureApplyVerb
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("path")
        {
            Description = "YAML files, and folders of them",
            Arity = ArgumentArity.OneOrMore,
        };
        var yes = new Option<bool>("--yes", "-y") { Description = "Apply without asking" };
        var dry = new Option<bool>("--dry-run") { Description = "Show what would change, and change nothing" };
        var command = new Command("apply", "Makes feature views and services what files say: shows what changes first, and asks")
        {
            paths, yes, dry,
        };
        return command.Answers((call, ct) => ApplyAsync(call, call.Required(paths), call.Value(yes), call.Value(dry), ct));
    }

    private static async Task<int> ApplyAsync(Call call, IReadOnlyList<string> paths, bool yes, bool dry, CancellationToken ct)
    {
        var specs = FeatureFiles.Read(paths);
        var plan = await call.Catalog.Features.PlanAsync(specs.Views, specs.Services, ct);
        if (!call.Screen.IsJson)
            PlanText.Print(call.Screen, plan);
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

        var applied = await call.Catalog.Features.ApplyAsync(specs.Views, specs.Services, plan, ct);
        if (call.Screen.IsJson)
            call.Screen.Json(applied);
        else if (call.Screen.IsForPeople)
            call.Screen.Line("Applied.");
        return ExitCodes.Done;
    }
}
