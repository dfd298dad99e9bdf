using System.CommandLine;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog changes</c>: the log, a line a fact.</summary>
internal static class ChangesCommand
{
    public static Command Create()
    {
        var after = After();
        var follow = new Option<bool>("--follow") { Description = "Go on with what is still to come, until interrupted" };
        var types = new Option<string[]>("--type")
        {
            Description = "Facts of this type only, such as dataset_version_committed; may be given several times",
        };
        var limit = SharedOptions.Limit();
        var command = new Command("changes", "What was recorded, fact by fact; with --json each is a line of its own")
        {
            after, follow, types, limit,
        };
        return command.WithConnection().Does(async (call, ct) =>
        {
            var options = new ChangeOptions
            {
                Follow = call.Value(follow),
                Types = call.Value(types) ?? [],
                Limit = call.Value(limit),
            };
            await foreach (var change in call.Catalog.Changes.ReadAsync(call.Value(after) ?? 0, options, ct))
                Print(call.Screen, change);
        });
    }

    private static Option<long?> After()
    {
        var option = new Option<long?>("--after")
        {
            Description = "Begin behind this log position (else at the beginning)",
            HelpName = "position",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!long.TryParse(text, out var position) || position < 0))
                result.AddError($"--after must be a log position, such as 0 or 4711, not '{text}'.");
        });
        return option;
    }

    private static void Print(Screen screen, CatalogChange change)
    {
        string[] words = [Plain.Time(change.Time), change.Type, change.Stream, change.Principal ?? ""];
        if (screen.IsJson)
            screen.Json(change);
        else if (screen.IsForPeople)
            screen.Line($"{change.Position,8}  {string.Join("  ", words).TrimEnd()}");
        else
            screen.Row([Plain.Bare(change.Position), .. words, change.Data.GetRawText()]);
    }
}
