using System.CommandLine;
using System.Globalization;
using Catalog.Access;
using Catalog.Cli.Policies;
using Catalog.Cli.Printing;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog policy what-if</c>: which recorded decisions files of statements would turn.</summary>
internal static class PolicyWhatIfVerb
{
    public static Command Create()
    {
        var paths = PolicyCommand.Paths();
        var prune = new Option<bool>("--prune") { Description = "As if all statements that the files do not name were withdrawn" };
        var from = LineageQuestionOptions.Time("--from", "Beginning of the period (else 30 days before its end)");
        var to = LineageQuestionOptions.Time("--to", "End of the period (else now)");
        return new Command("what-if", "Which decisions of a period would be answered otherwise by files of statements")
        {
            paths, prune, from, to,
        }.Does(async (call, ct) =>
        {
            var files = PolicyFiles.Read(call.Required(paths));
            var tried = await call.Catalog.Policies.TryAsync(
                files.Statements, call.Value(prune), call.Value(from), call.Value(to), ct);
            if (call.Screen.IsJson)
            {
                call.Screen.Json(tried);
                return;
            }

            call.Screen.Table(
                tried.Flips,
                new("PRINCIPAL", f => f.Principal),
                new("ACT", f => f.Act),
                new("NODE", f => f.Node),
                new("FOR", f => f.Purpose),
                new("TIMES", f => f.Count.ToString(CultureInfo.InvariantCulture), Right: true),
                new("WAS", f => AccessText.Ground(f.Was, AccessObligations.None)),
                new("WOULD BE", f => AccessText.Ground(f.WouldBe.Ground, f.WouldBe.Obligations)),
                new("BECAUSE OF", f => string.Join(", ", f.Because)));
            if (call.Screen.IsForPeople)
                call.Screen.Line($"{tried.Flips.Count} of {tried.Decisions} recorded kinds of decision would be answered otherwise.");
        });
    }
}
