namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>
/// Turns local times of a zone into instants. A local time that a clock set back makes twice is the first of the two; one that a clock set
/// forward leaves out is that much later.
/// </summary>
internal sealed class LocalTimes(TimeZoneInfo zone)
{
    // Clocks are set at full quarters of an hour: within one, the offset mostly is one, and looked up once.
    private const long QuarterMicroseconds = 15 * 60 * 1_000_000L;
    private const long Day = 96 * QuarterMicroseconds;
    private readonly Dictionary<long, long?> _offsets = [];
    private long _lastQuarter = long.MinValue;
    private long? _lastOffset;

    /// <param name="local">Microseconds since 1970 on a clock on the wall.</param>
    /// <returns>Microseconds since 1970 in UTC.</returns>
    public long ToUtc(long local)
    {
        // Counted from a full quarter before all times, so that dividing rounds down.
        var quarter = (local - TimeValues.Least) / QuarterMicroseconds;
        if (quarter != _lastQuarter)
            (_lastQuarter, _lastOffset) = (quarter, OfQuarter(quarter));
        return local - (_lastOffset ?? OffsetAt(local));
    }

    private long? OfQuarter(long quarter)
    {
        if (_offsets.TryGetValue(quarter, out var known))
            return known;

        var first = OffsetAt(TimeValues.Least + (quarter * QuarterMicroseconds));
        var offset = first == OffsetAt(TimeValues.Least + ((quarter + 1) * QuarterMicroseconds) - 1) ? first : default(long?);
        _offsets[quarter] = offset;
        return offset;
    }

    /// <summary>
    /// Asks for offsets of instants only, which are never two: that of the day before holds where it leads to an instant with that offset,
    /// else that of the day after, and in a gap that of the day before.
    /// </summary>
    private long OffsetAt(long local)
    {
        var (before, after) = (OfInstant(local - Day), OfInstant(local + Day));
        return before == after || OfInstant(local - before) == before || OfInstant(local - after) != after ? before : after;
    }

    private long OfInstant(long time)
    {
        var microseconds = Math.Clamp(time, TimeValues.Least, TimeValues.Greatest);
        var instant = DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
        return zone.GetUtcOffset(instant).Ticks / TimeSpan.TicksPerMicrosecond;
    }
}
