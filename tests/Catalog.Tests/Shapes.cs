using FluentValidation;
using Xunit;

namespace Catalog.Tests;

/// <summary>What validators say of a command's shape.</summary>
internal static class Shapes
{
    /// <summary>Texts that are no names, each with a reason.</summary>
    public static TheoryData<string> BadNames =>
    [
        "", ".", "..", " led", "trailed ", "a\0b", "a\nb", "a\u0085b", "a\u2028b", "a\u009fb",
        "half \ud83d", "\udeeb half", new string('x', 513),
    ];

    /// <summary>Unusual names that are fine.</summary>
    public static TheoryData<string> GoodNames =>
        ["a", "flights/2001", "s3://lake", "a b", "100%", "%2F", "%252F", "a@b#c", "naïve ✈ 🛫", "...", new string('x', 512)];

    public static void Fits<T>(this IValidator<T> validator, T command) =>
        Assert.Empty(validator.Validate(command).Errors.Select(e => $"{e.PropertyName}: {e.ErrorMessage}"));

    /// <summary>Exactly this field is wrong.</summary>
    public static void Flags<T>(this IValidator<T> validator, T command, string field) =>
        Assert.Equal([field], validator.Validate(command).Errors.Select(e => e.PropertyName).Distinct(StringComparer.Ordinal));
}
