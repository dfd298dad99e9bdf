using System.CommandLine;
using Catalog.Access.Policies;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog policy …</c>: statements of who may do what.</summary>
internal static class PolicyCommand
{
    public static Command Create() => new Command("policy", "Policies: who may do what, for which purpose, with what masked")
    {
        PolicyApplyVerb.Plan(), PolicyApplyVerb.Create(), List(), Show(), PolicyDiffVerb.Create(), PolicyTestVerb.Create(),
        PolicyWhatIfVerb.Create(),
    }.WithConnection();

    /// <summary>Files of policies.</summary>
    public static Argument<string[]> Paths() => new("path")
    {
        Description = "YAML files, and folders of them",
        Arity = ArgumentArity.OneOrMore,
    };

    private static Command List()
    {
        var asOf = AsOf();
        return new Command("list", "Lists the statements that stand, or stood then") { asOf }.Does(async (call, ct) =>
        {
            var listed = await call.Catalog.Policies.ListAsync(call.Value(asOf), ct);
            if (call.Screen.IsJson)
            {
                call.Screen.Json(listed);
                return;
            }

            call.Screen.Table(
                listed.Statements,
                new("STATEMENT", s => s.Statement.Id),
                new("EFFECT", s => Effects.Write(s.Statement.Effect)),
                new("WHAT IT DOES", s => StatementText.Sentence(s.Statement)),
                new("SINCE", s => Plain.Time(s.SetAt)),
                new("BY", s => s.SetBy),
                new("REASON", s => s.Statement.Reason, PipesOnly: true));
        });
    }

    private static Command Show()
    {
        var id = new Argument<string>("id") { Description = "The statement's id" }.NotEmpty();
        var asOf = AsOf();
        return new Command("show", "Shows a statement, field by field") { id, asOf }.Does(async (call, ct) =>
        {
            var listed = await call.Catalog.Policies.ListAsync(call.Value(asOf), ct);
            var found = listed.Statements.FirstOrDefault(s => s.Statement.Id == call.Required(id))
                ?? throw new CatalogException(status: null, "client.policy_not_found", Missing(call.Required(id), listed));
            call.Screen.Show(
                found,
                [
                    ("statement", found.Statement.Id),
                    .. StatementText.Fields(found.Statement),
                    ("since", $"{Plain.Time(found.SetAt)} by {found.SetBy}, position {found.Position}"),
                ]);
        });
    }

    private static string Missing(string id, ListedPolicies listed)
    {
        var near = Misspelling.Nearest(id, listed.Statements.Select(s => s.Statement.Id));
        return $"There is no statement '{id}' at position {listed.Position}{(near is null ? "." : $"; did you mean '{near}'?")}";
    }

    private static Option<AsOf?> AsOf() => LineageQuestionOptions.Moment("--as-of", "As they were then: a log position, or a time");
}
