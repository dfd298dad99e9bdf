using FluentValidation;

namespace Catalog.Jobs;

/// <summary>Sizes of what runs log.</summary>
internal static class RunLimits
{
    public const int Key = 250;
    public const int Value = 8_000;
    public const int Parameters = 1_000;
    public const int Points = 10_000;

    public static IReadOnlyDictionary<string, string> None { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public static IRuleBuilderOptionsConditions<T, IReadOnlyDictionary<string, string>?> AreParameters<T>(
        this IRuleBuilder<T, IReadOnlyDictionary<string, string>?> rule) => rule.Custom((values, context) =>
    {
        if (values is { Count: > Parameters })
            context.AddFailure($"must have at most {Parameters:N0} entries.");
        foreach (var (key, value) in values ?? None)
        {
            if (Wrong(key) is { } wrong)
                context.AddFailure($"{context.PropertyPath}.{Shown(key)}", wrong);
            else if (value is null || value.Length > Value || value.Contains('\0'))
                context.AddFailure($"{context.PropertyPath}.{key}", $"must be a text of at most {Value:N0} characters without U+0000.");
        }
    });

    /// <summary>What is wrong with a parameter's or metric's key, or null.</summary>
    public static string? Wrong(string? key) =>
        string.IsNullOrWhiteSpace(key) || key.Length > Key || key.Any(char.IsControl)
            ? $"Keys must have 1 to {Key} characters and no control characters."
            : null;

    private static string Shown(string key) => key.Length > 40 ? key[..40] + "…" : key;
}
