namespace Catalog.Serving.Metrics;

/// <summary>
/// What a service's counts were: every ten seconds of the last hour, and every five minutes of the last six. Whoever counts does not come
/// here: counts only grow, and what happened in a window is the difference between now and then.
/// </summary>
internal sealed class LevelHistory
{
    private readonly Lock _gate = new();
    private readonly Ring _fine = new(TimeSpan.FromSeconds(10), TimeSpan.FromHours(1));
    private readonly Ring _coarse = new(TimeSpan.FromMinutes(5), TimeSpan.FromHours(6));

    /// <param name="at">Since the server started, later than all before.</param>
    public void Note(TimeSpan at, LevelCounts counts)
    {
        lock (_gate)
        {
            _fine.Note(at, counts);
            _coarse.Note(at, counts);
        }
    }

    /// <summary>The counts at the beginning of a window; of the beginning of all where that was later.</summary>
    public LevelCounts Before(TimeSpan now, TimeSpan window)
    {
        lock (_gate)
            return (window <= _fine.Span ? _fine : _coarse).At(now - window);
    }

    private sealed class Ring(TimeSpan every, TimeSpan span)
    {
        /// <summary>Timers come a little early or late.</summary>
        private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

        private readonly (TimeSpan At, LevelCounts Counts)[] _samples = new (TimeSpan, LevelCounts)[(int)(span / every) + 1];
        private long _count;

        public TimeSpan Span => span;

        public void Note(TimeSpan at, LevelCounts counts)
        {
            if (_count == 0 || at - Of(_count - 1).At >= every - Tolerance)
                _samples[_count++ % _samples.Length] = (at, counts);
        }

        /// <summary>The newest that is not later; the oldest where all are.</summary>
        public LevelCounts At(TimeSpan moment)
        {
            var oldest = Math.Max(0, _count - _samples.Length);
            var i = _count - 1;
            while (i > oldest && Of(i).At > moment)
                i--;
            return i < 0 ? default : Of(i).Counts;
        }

        private (TimeSpan At, LevelCounts Counts) Of(long i) => _samples[i % _samples.Length];
    }
}
