namespace Catalog.Serving.Metrics;

/// <summary>
/// How much of what this server can answer at a time was asked of it lately. What is in flight at an instant says little: a lookup is over
/// in microseconds. Its mean is the time that lookups took, all together, of the time that went by (Little's law).
/// </summary>
internal sealed class ServingLoad(LookupMeter lookups, Admission admission, TimeProvider clock)
{
    private long _at = clock.GetTimestamp();
    private TimeSpan _busy;
    private double _mean;

    /// <summary>1 where as many were in flight all the while as may be.</summary>
    public double Mean => Volatile.Read(ref _mean);

    /// <summary>Looks at what was asked since the last time.</summary>
    public void Sample()
    {
        var (at, busy) = (clock.GetTimestamp(), lookups.Busy);
        var gone = clock.GetElapsedTime(_at, at);
        if (gone <= TimeSpan.Zero)
            return;
        Volatile.Write(ref _mean, (busy - _busy) / gone / Math.Max(1, admission.Limit));
        (_at, _busy) = (at, busy);
    }
}
