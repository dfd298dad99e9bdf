using System.Globalization;

namespace Catalog.IntegrationTests.Access.Cedar;

/// <summary>
/// A condition or tag expression in both languages. Here a condition is true, false or an error, which <c>and</c> and <c>or</c> pass over
/// where the other side decides; Cedar stops at an error and leaves the policy out. So Cedar is told twice, in expressions that cannot
/// err: when it holds, and when it does not; where neither is so, there is an error.
/// </summary>
/// <param name="Ours">As a statement says it.</param>
/// <param name="Holds">In Cedar: it holds.</param>
/// <param name="Fails">In Cedar: it does not hold, without an error.</param>
internal sealed record SaidTwice(string Ours, string Holds, string Fails)
{
    /// <summary>What can be looked up, and what is compared with it, in both languages.</summary>
    /// <param name="ours">The name here.</param>
    /// <param name="guard">In Cedar: it has a value.</param>
    /// <param name="sign">One of both languages.</param>
    /// <param name="cedar">The name in Cedar.</param>
    /// <param name="value">Here and in Cedar.</param>
    public static SaidTwice Compared(string ours, string guard, string cedar, string sign, (string Ours, string Cedar) value) => new(
        $"{ours} {sign} {value.Ours}", $"({guard} && {cedar} {sign} {value.Cedar})", $"({guard} && !({cedar} {sign} {value.Cedar}))");

    /// <summary>A question that always has an answer.</summary>
    public static SaidTwice Plain(string ours, string cedar) => new(ours, $"({cedar})", $"(!({cedar}))");

    /// <summary>What is wrong whoever asks.</summary>
    public static SaidTwice Error(string ours) => new(ours, "false", "false");

    public SaidTwice And(SaidTwice other) =>
        new($"({Ours}) and ({other.Ours})", $"({Holds} && {other.Holds})", $"({Fails} || {other.Fails})");

    public SaidTwice Or(SaidTwice other) =>
        new($"({Ours}) or ({other.Ours})", $"({Holds} || {other.Holds})", $"({Fails} && {other.Fails})");

    public SaidTwice Not() => new($"not ({Ours})", Fails, Holds);

    /// <summary>A text of one language and of the other.</summary>
    public static (string Ours, string Cedar) Text(string text) =>
        ($"'{text.Replace("'", "''", StringComparison.Ordinal)}'", $"\"{text}\"");

    public static (string Ours, string Cedar) Number(int number) =>
        (number.ToString(CultureInfo.InvariantCulture), number.ToString(CultureInfo.InvariantCulture));
}
