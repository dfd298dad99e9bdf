using System.Globalization;

namespace Catalog.Cli.Commands;

/// <summary>Lengths of time as people write them: <c>30m</c>, <c>12h</c>, <c>1.5d</c>.</summary>
internal static class Spans
{
    /// <summary>The length; null where it is none, or longer than anybody means.</summary>
    public static TimeSpan? Find(string text) =>
        text.Length > 1
        && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        && number < 100_000
            ? text[^1] switch
            {
                'm' => TimeSpan.FromMinutes(number),
                'h' => TimeSpan.FromHours(number),
                'd' => TimeSpan.FromDays(number),
                _ => null,
            }
            : null;

    /// <exception cref="UsageException">It is none; the message names the option.</exception>
    public static TimeSpan Read(string option, string text) =>
        Find(text) ?? throw new UsageException($"{option} must be a length of time such as 12h or 7d, not '{text}'.");
}
