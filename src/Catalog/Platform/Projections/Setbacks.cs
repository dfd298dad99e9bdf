namespace Catalog.Platform.Projections;

/// <summary>When a page that stopped is started again: at once, and the later the more often in a row it stops.</summary>
internal sealed class Setbacks(TimeProvider clock)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, Setback> _setbacks = new(StringComparer.Ordinal);

    /// <summary>Whether a page that was found stopped is to be started now. If so, it counts as started.</summary>
    public bool IsDue(string page)
    {
        var last = _setbacks.GetValueOrDefault(page);
        if (last is not null && clock.GetElapsedTime(last.At) < last.Pause)
            return false;

        // What ran for a minute had recovered from what stopped it before.
        var pause = last is not null && clock.GetElapsedTime(last.At) < 2 * Longest ? Min(2 * last.Pause, Longest) : Shortest;
        _setbacks[page] = new Setback(clock.GetTimestamp(), pause);
        return true;
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private sealed record Setback(long At, TimeSpan Pause);
}
