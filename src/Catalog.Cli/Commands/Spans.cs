namespace Catalog.Cli.Commands;

/// <summary>Lengths of time on the command line: <c>30m</c>, <c>12h</c>, <c>1.5d</c>.</summary>
internal static class Spans
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(100_000);

    /// <summary>The length; null where it is none, or longer than anybody means.</summary>
    public static TimeSpan? Find(string text) => SpanText.Find(text) is { } span && span < s_longest ? span : null;

    /// <exception cref="UsageException">It is none; the message names the option.</exception>
    public static TimeSpan Read(string option, string text) =>
        Find(text) ?? throw new UsageException($"{option} must be a length of time such as 12h or 7d, not '{text}'.");
}
