using System.Text.RegularExpressions;
using FluentValidation;

namespace Catalog.Access.Principals;

/// <summary>
/// What attributes may be. They are facts, and stay in the log for ever: what kind of principal it is, never who; no names, no addresses.
/// </summary>
internal static partial class PrincipalAttributes
{
    public const int MaxCount = 64;
    public const int MaxName = 64;
    public const int MaxValue = 256;

    public static IReadOnlyDictionary<string, string> None { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public static IRuleBuilderOptionsConditions<T, IReadOnlyDictionary<string, string>?> AreAttributes<T>(
        this IRuleBuilder<T, IReadOnlyDictionary<string, string>?> rule) => rule.Custom((value, context) =>
    {
        if (value is { Count: > MaxCount })
            context.AddFailure($"must be at most {MaxCount} attributes.");
        foreach (var (name, text) in value ?? None)
        {
            if (Wrong(name, text) is { } wrong)
                context.AddFailure(wrong);
        }
    });

    private static string? Wrong(string name, string? text) =>
        name.Length > MaxName || !Name().IsMatch(name)
            ? $"must have names of 1 to {MaxName} characters a-z, 0-9 and _ that begin with a letter, such as 'region'."
            : string.IsNullOrEmpty(text) ? $"must give '{name}' a value; leave it out to take it away."
            : text.Length > MaxValue ? $"must give '{name}' a value of at most {MaxValue} characters, not {text.Length}."
            : text.Any(char.IsControl) ? $"must give '{name}' a value without control characters."
            : null;

    [GeneratedRegex("^[a-z][a-z0-9_]*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
