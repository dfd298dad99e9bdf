using System.CommandLine;
using Catalog.Access.Policies;
using Catalog.Cli.Features;
using Catalog.Cli.Policies;
using Catalog.Cli.Printing;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog policy test</c>: holds the tests of files against their statements. No server is asked.</summary>
internal static class PolicyTestVerb
{
    public static Command Create()
    {
        var paths = PolicyCommand.Paths();
        return new Command("test", "Holds the tests in files against the statements in them; needs no server") { paths }
            .Answers((call, _) => Task.FromResult(Run(call, call.Required(paths))));
    }

    private static int Run(Call call, IReadOnlyList<string> paths)
    {
        var policies = PolicyFiles.Read(paths);
        if (policies.Tests.Count == 0)
            throw FileMistakes.At(new FilePlace(YamlFile.OfPolicies(paths[0]), 1), "this has no tests: they stand under 'tests'.");
        var run = new PolicyTestRun(policies, call.Terminal.Time.GetUtcNow());
        var answers = policies.Tests.Select(run.Answer).ToList();
        if (call.Screen.IsJson)
            call.Screen.Json(answers.Select(Shown));
        else
            Print(call.Screen, answers);
        return answers.All(a => a.Passed) ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void Print(Screen screen, IReadOnlyList<TestedPolicy> answers)
    {
        screen.Table(
            answers,
            new("", a => a.Passed ? "passed" : "failed"),
            new("TEST", a => a.Test.Name),
            new("EXPECTED", a => Verdicts.Write(a.Test.Expected.Verdict)),
            new("CAME", a => Verdicts.Write(Verdicts.Of(a.Told.Decision.Ground))),
            new("PLACE", a => a.Test.Place.ToString()),
            new("WHY", a => string.Join(' ', Why(a)), PipesOnly: true));
        if (!screen.IsForPeople)
            return;
        foreach (var failed in answers.Where(a => !a.Passed))
        {
            screen.Line("");
            screen.Line($"{failed.Test.Name} ({failed.Test.Place})");
            foreach (var sentence in Why(failed))
                screen.Line($"    {sentence}");
        }

        screen.Line("");
        screen.Line($"{answers.Count(a => a.Passed)} of {answers.Count} {(answers.Count == 1 ? "test passes" : "tests pass")}.");
    }

    /// <summary>What differs, and what the answer rests on.</summary>
    private static IEnumerable<string> Why(TestedPolicy answer) =>
        answer.Passed ? [] : [.. answer.Differences, .. answer.Told.Decision.Reasons, .. answer.Told.NearMisses.Select(AccessText.Of)];

    private static object Shown(TestedPolicy answer) => new
    {
        answer.Test.Name,
        Place = answer.Test.Place.ToString(),
        answer.Passed,
        Expected = answer.Test.Expected.Verdict,
        Came = Verdicts.Of(answer.Told.Decision.Ground),
        answer.Differences,
        answer.Told.Decision.Reasons,
        answer.Told.Decision.Statements,
        answer.Told.Decision.Obligations,
        answer.Told.NearMisses,
        answer.Told.Tags,
        answer.Told.Groups,
    };
}
