using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Catalog.Cli.Commands;
using Catalog.Cli.Printing;

namespace Catalog.Cli;

/// <summary>The <c>catalog</c> command: its nouns, and how a command line is run.</summary>
internal static class CatalogCommand
{
    /// <summary>Names may begin with <c>@</c>, so there are no response files.</summary>
    private static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null };

    public static RootCommand Create() => new("The catalog of AI data: datasets and their versions, runs, models, and what came from what.")
    {
        ServeCommand.Create(),
        DemoCommand.Create(),
        DoctorCommand.Create(),
        BackupCommand.Create(),
        RestoreCommand.Create(),
        SearchCommand.Create(),
        DatasetCommand.Create(),
        RunCommand.Create(),
        JobCommand.Create(),
        ModelCommand.Create(),
        FeatureCommand.Create(),
        TrainingSetCommand.Create(),
        LineageCommand.Create(),
        ChangesCommand.Create(),
        ObjectCommand.Create(),
        UsageCommand.Create(),
        TierCommand.Create(),
        RetentionCommand.Create(),
        EraseCommand.Create(),
        ErasureCommand.Create(),
        GarbageCommand.Create(),
        KeyCommand.Create(),
        GroupCommand.Create(),
        PrincipalCommand.Create(),
        PolicyCommand.Create(),
        AccessCommand.Create(),
        WhoAmICommand.Create(),
        CompletionCommand.Create(),
        SharedOptions.Json,
    };

    /// <summary>Runs one command line.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Terminal terminal, CancellationToken ct = default)
    {
        var root = Create();
        ParseResult parsed;
        try
        {
            parsed = root.Parse(RawNames.Rewrite(root, args), Parser);
        }
        catch (UsageException e)
        {
            return Wrong(terminal, root.Parse(args, Parser), e.Message);
        }

        if (Mistake(parsed) is { } mistake)
            return Wrong(terminal, parsed, mistake);

        var invocation = new CliInvocation(terminal)
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = LongRunning.Contains(parsed.CommandResult.Command.Name)
                ? TimeSpan.FromMinutes(1)
                : TimeSpan.FromSeconds(5),
        };
        return await parsed.InvokeAsync(invocation, ct);
    }

    /// <summary>Commands that have a server to stop when asked to end.</summary>
    private static readonly HashSet<string> LongRunning = new(["serve", "demo", "restore"], StringComparer.Ordinal);

    private static string? Mistake(ParseResult parsed)
    {
        if (parsed.Action is ParseErrorAction)
            return (parsed.CommandResult.Command.Subcommands.Count, parsed.UnmatchedTokens) switch
            {
                (0, _) => parsed.Errors[0].Message,
                (_, []) => "Say which command.",
                (_, [['-', ..] option, ..]) => $"There is no option '{option}' here.",
                (_, [var verb, ..]) => NoCommand(parsed.CommandResult, verb),
            };

        // Help, version and completion have actions of their own.
        return parsed.Action == parsed.CommandResult.Command.Action ? UnknownOption(parsed) : null;
    }

    private static string NoCommand(CommandResult noun, string verb)
    {
        var whole = string.Join(' ', noun.Path().Prepend("catalog"));
        var near = Misspelling.Nearest(verb, noun.Command.Subcommands.Select(c => c.Name));
        return $"There is no command '{verb}' in '{whole}'{(near is null ? "." : $"; did you mean '{near}'?")}";
    }

    /// <summary>An argument that takes anything would swallow a mistyped option; after <c>--</c> it may.</summary>
    private static string? UnknownOption(ParseResult parsed)
    {
        var free = parsed.Tokens.SkipWhile(t => t.Type is not TokenType.DoubleDash).ToHashSet(ReferenceEqualityComparer.Instance);
        var wrong = parsed.CommandResult.Tokens.FirstOrDefault(t => t.Value.Length > 1 && t.Value[0] == '-' && !free.Contains(t));
        return wrong is null ? null : $"There is no option '{wrong.Value}' here; what is meant as a value goes after '--'.";
    }

    private static int Wrong(Terminal terminal, ParseResult parsed, string mistake)
    {
        string[] path = [.. parsed.CommandResult.Path()];
        terminal.Error.WriteLine($"catalog: {Plain.Line(mistake)}");
        if (parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.UnmatchedTokens.Count == 0)
            Create().Parse([.. path, "--help"], Parser).Invoke(new InvocationConfiguration { Output = terminal.Error });
        else
            terminal.Error.WriteLine($"See '{string.Join(' ', path.Prepend("catalog").Append("--help"))}'.");

        return ExitCodes.Usage;
    }

    private static IEnumerable<string> Path(this CommandResult result) =>
        result.Parent is CommandResult parent ? parent.Path().Append(result.Command.Name) : [];
}

/// <summary>Carries the terminal to the command that runs.</summary>
internal sealed class CliInvocation(Terminal terminal) : InvocationConfiguration
{
    public Terminal Terminal { get; } = terminal;
}
