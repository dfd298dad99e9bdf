using System.CommandLine;
using Catalog.Access;

namespace Catalog.Cli;

/// <summary>Options that mean the same everywhere.</summary>
internal static class SharedOptions
{
    public static readonly Option<bool> Json = new("--json")
    {
        Description = "One JSON value on standard output, and nothing else",
        Recursive = true,
    };

    public static readonly Option<string?> Url = new("--url")
    {
        Description = "Address of the catalog (else CATALOG_URL, else the server on this machine)",
        Recursive = true,
    };

    public static readonly Option<string?> Data = new("--data")
    {
        Description = "Data folder of a server on this machine: its address and key are taken from there",
        HelpName = "folder",
        Recursive = true,
    };

    public static readonly Option<Purpose?> Purpose = MakePurpose();

    /// <summary>For a noun whose verbs call the catalog.</summary>
    public static Command WithConnection(this Command command)
    {
        command.Options.Add(Url);
        command.Options.Add(Data);
        command.Options.Add(Purpose);
        return command;
    }

    public static Option<int?> Limit() => new Option<int?>("--limit") { Description = "Print at most this many" }.AtLeast(1);

    public static Option<int?> AtLeast(this Option<int?> option, int min) => option.Must(n => n >= min, $"from {min} up");

    /// <summary>Both bounds included.</summary>
    public static Option<int?> Between(this Option<int?> option, int min, int max) =>
        option.Must(n => n >= min && n <= max, $"from {min} to {max}");

    /// <summary>An argument whose words go into an address, where nothing would be another address.</summary>
    public static Argument<T> NotEmpty<T>(this Argument<T> argument)
    {
        argument.Validators.Add(result =>
        {
            if (result.Tokens.Any(t => t.Value.Length == 0))
                result.AddError($"The {argument.Name} must not be empty.");
        });
        return argument;
    }

    /// <summary>An option of an enum, written as the catalog writes it.</summary>
    public static Option<T?> Choice<T>(string name, string description)
        where T : struct, Enum
    {
        var words = Array.ConvertAll(Enum.GetNames<T>(), n => n.ToLowerInvariant());
        var option = new Option<T?>(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (Enum.TryParse<T>(text, ignoreCase: true, out var value) && words.Contains(text, StringComparer.OrdinalIgnoreCase))
                    return value;

                result.AddError($"{name} must be one of {string.Join(", ", words)}, not '{text}'.");
                return null;
            },
        };
        option.CompletionSources.Clear();
        option.CompletionSources.Add(words);
        return option;
    }

    private static Option<Purpose?> MakePurpose()
    {
        var option = Choice<Purpose>("--purpose", "What the data is wanted for; recorded with the access");
        option.Recursive = true;
        return option;
    }

    private static Option<int?> Must(this Option<int?> option, Predicate<int> holds, string range)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && (!int.TryParse(text, out var number) || !holds(number)))
                result.AddError($"{option.Name} must be a whole number {range}, not '{text}'.");
        });
        return option;
    }
}
