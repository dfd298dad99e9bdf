using FluentValidation;

namespace Catalog.Platform;

/// <summary>Sizes of what people write, in characters.</summary>
internal static class Limits
{
    public const int Documentation = 100_000;
    public const int Prose = 4_000;
    public const int Message = 2_000;
    public const int Tag = 128;
    public const int Tags = 100;
    public const int Principal = 256;
    public const int IdempotencyKey = 200;
}

/// <summary>Shapes that many commands share, each with the sentence that says what would be right.</summary>
internal static class Rules
{
    public static IRuleBuilderOptionsConditions<T, string> IsName<T>(this IRuleBuilder<T, string> rule) => rule.Custom((value, context) =>
    {
        if (Names.Check(value ?? "") is { } wrong)
            context.AddFailure($"{wrong}.");
    });

    /// <summary>Namespace and name together must fit PostgreSQL's index key once encoded.</summary>
    public static IRuleBuilderOptionsConditions<T, T> FitsStream<T>(
        this IRuleBuilder<T, T> rule, NodeKind kind, Func<T, (string? Namespace, string? Name)> parts, string field = "name") =>
        rule.Custom((value, context) =>
        {
            var (ns, name) = parts(value);
            if (ns is not null && name is not null && Names.Check(ns) is null && Names.Check(name) is null
                && !NodeId.TryCreate(kind, ns, name, version: null, column: null, out _, out var error))
                context.AddFailure(field, error);
        });

    public static IRuleBuilderOptions<T, string?> IsText<T>(this IRuleBuilder<T, string?> rule, int limit) => rule
        .MaximumLength(limit).WithMessage($"must be at most {limit:N0} characters.")
        .Must(t => t is null || !t.Contains('\0')).WithMessage("must not hold the character U+0000.");

    /// <summary>A caller's own key for a request; none is fine, an empty one is a mistake.</summary>
    public static IRuleBuilderOptions<T, string?> IsIdempotencyKey<T>(this IRuleBuilder<T, string?> rule) => rule
        .IsText(Limits.IdempotencyKey)
        .NotEqual("", StringComparer.Ordinal).WithMessage("must not be empty: leave it out where the request needs no key.");

    /// <summary>An opaque id: of a team, a service or a person known elsewhere. Not a place for names or addresses of people.</summary>
    public static IRuleBuilderOptions<T, string?> IsPrincipal<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(value => !string.IsNullOrWhiteSpace(value) && value.Length <= Limits.Principal && !value.Any(char.IsControl))
        .WithMessage($"must be an id of 1 to {Limits.Principal} characters without control characters, such as 'team-data'.");

    public static IRuleBuilderOptionsConditions<T, string> IsTag<T>(this IRuleBuilder<T, string> rule) => rule.Custom((value, context) =>
    {
        if (WrongTag(value) is { } wrong)
            context.AddFailure(wrong);
    });

    public static IRuleBuilderOptionsConditions<T, IReadOnlyList<string>?> AreTags<T>(
        this IRuleBuilder<T, IReadOnlyList<string>?> rule) => rule.Custom((value, context) =>
    {
        if (value is { Count: > Limits.Tags })
            context.AddFailure($"must be at most {Limits.Tags} tags.");
        foreach (var tag in value ?? [])
        {
            if (WrongTag(tag) is { } wrong)
                context.AddFailure(wrong);
        }
    });

    public static IRuleBuilderOptionsConditions<T, string> IsAlias<T>(this IRuleBuilder<T, string> rule) => rule.Custom((value, context) =>
    {
        if (Names.CheckAlias(value) is { } wrong)
            context.AddFailure($"{wrong}.");
        else if (value == Datasets.Dataset.LatestAlias)
            context.AddFailure("must not be 'latest': that one always points to the highest version.");
    });

    private static string? WrongTag(string? tag) =>
        Names.Check(tag ?? "") is { } wrong ? $"{wrong}."
        : tag?.Length > Limits.Tag ? $"must be at most {Limits.Tag} characters."
        : null;
}
