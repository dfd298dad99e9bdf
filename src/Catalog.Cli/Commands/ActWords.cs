using System.CommandLine;
using System.CommandLine.Parsing;
using Catalog.Access;

namespace Catalog.Cli.Commands;

/// <summary>Acts on the command line: <c>read-data</c>.</summary>
internal static class ActWords
{
    public static Argument<Act> Argument()
    {
        var argument = new Argument<Act>("act")
        {
            Description = $"What is done: {Acts.List}",
            CustomParser = result => Read(result, "The act"),
        };
        argument.CompletionSources.Add(Acts.List.Split(", "));
        return argument;
    }

    public static Option<Act?> Option(string description)
    {
        var option = new Option<Act?>("--act") { Description = description, HelpName = "act", CustomParser = r => Read(r, "--act") };
        option.CompletionSources.Add(Acts.List.Split(", "));
        return option;
    }

    private static Act Read(ArgumentResult result, string what)
    {
        var word = result.Tokens[0].Value;
        if (Acts.Read(word) is { } act)
            return act;
        result.AddError($"{what} must be one of {Acts.List}, not '{word}'.");
        return default;
    }
}
