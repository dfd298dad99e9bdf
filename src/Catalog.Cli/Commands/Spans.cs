using System.Globalization;

namespace Catalog.Cli.Commands;

/// <summary>Lengths of time as people write them: <c>30m</c>, <c>12h</c>, <c>7d</c>.</summary>
internal static class Spans
{
    /// <exception cref="UsageException">It is none; the message names the option.</exception>
    public static TimeSpan Read(string option, string text) =>
        text.Length > 1
        && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number <= 100_000
            ? text[^1] switch
            {
                'm' => TimeSpan.FromMinutes(number),
                'h' => TimeSpan.FromHours(number),
                'd' => TimeSpan.FromDays(number),
                _ => throw Wrong(option, text),
            }
            : throw Wrong(option, text);

    private static UsageException Wrong(string option, string text) =>
        new($"{option} must be a length of time such as 12h or 7d, not '{text}'.");
}
