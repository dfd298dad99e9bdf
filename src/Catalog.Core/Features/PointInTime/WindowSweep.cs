namespace Catalog.Features.PointInTime;

/// <summary>
/// Slides windows over the events of one key after another and stops at each row. An event enters a window when a row is not before it,
/// and leaves when it is as long ago as the window is wide; so each is touched twice for each window, however many rows there are.
/// </summary>
public sealed class WindowSweep
{
    private readonly IReadOnlyList<WindowFeature> _features;
    private readonly SlidingWindow[] _windows;
    private readonly SlidingColumn?[] _columns;
    private readonly SlidingWindow[] _windowOf;

    public WindowSweep(IReadOnlyList<WindowFeature> features)
    {
        _features = features;
        _windows = [.. features.Select(f => f.Window).Distinct().Select(width => new SlidingWindow(width, features))];
        _windowOf = [.. features.Select(f => _windows.First(w => w.Width == f.Window))];
        _columns = [.. features.Select((f, i) => f.Column < 0 ? null : _windowOf[i].Column(f.Column))];
    }

    /// <summary>How far back any window reaches, in microseconds.</summary>
    public long Longest => _features.Max(f => f.Window);

    /// <summary>Computes the features of the rows of some keys.</summary>
    /// <param name="slots">The rows.</param>
    /// <param name="events">All that count for these keys, in order.</param>
    /// <param name="firstGroup">The first of the keys.</param>
    /// <param name="groupCount">How many they are.</param>
    /// <param name="into">By feature.</param>
    /// <exception cref="SumOverflowException">A sum of whole numbers is beyond <c>int64</c>.</exception>
    public void Run(RowSlots slots, KeyedEvents events, int firstGroup, int groupCount, IReadOnlyList<WindowValues> into)
    {
        var at = 0;
        for (var group = firstGroup; group < firstGroup + groupCount; group++)
        {
            var from = at;
            while (at < events.Count && events.Groups[at] == group)
                at++;
            foreach (var window in _windows)
                window.Start(from);
            for (var slot = slots.Starts[group]; slot < slots.Starts[group + 1]; slot++)
                Stop(events, at, slots.Slots[slot].Time, slots.Rows[slot], into);
        }
    }

    private void Stop(KeyedEvents events, int end, long time, int row, IReadOnlyList<WindowValues> into)
    {
        foreach (var window in _windows)
            window.MoveTo(events, end, time);
        for (var i = 0; i < _features.Count; i++)
        {
            if (ValueOf(i, events) is { } bits)
                into[i].Set(row, bits);
        }
    }

    private long? ValueOf(int feature, KeyedEvents events)
    {
        if (_features[feature].Function == AggregateFunction.Count)
            return _columns[feature]?.Count ?? _windowOf[feature].Count;
        try
        {
            return _columns[feature]?.Value(_features[feature], events);
        }
        catch (OverflowException)
        {
            throw new SumOverflowException(feature);
        }
    }
}

/// <summary>A sum of whole numbers is beyond <c>int64</c>.</summary>
/// <param name="feature">Its place among the features.</param>
public sealed class SumOverflowException(int feature) : Exception($"The sum of feature {feature} is beyond int64.")
{
    public int Feature { get; } = feature;
}

/// <summary>Which events are in a window now.</summary>
internal sealed class SlidingWindow
{
    private readonly SlidingColumn[] _columns;
    private int _head;
    private int _tail;

    public SlidingWindow(long width, IReadOnlyList<WindowFeature> features)
    {
        Width = width;
        var ofColumns = features.Where(f => f.Window == width && f.Column >= 0).GroupBy(f => f.Column);
        _columns = [.. ofColumns.Select(g => new SlidingColumn(g.Key, [.. g]))];
    }

    public long Width { get; }

    public long Count => _head - _tail;

    public SlidingColumn Column(int column) => Array.Find(_columns, c => c.Place == column)
        ?? throw new ArgumentOutOfRangeException(nameof(column), column, "No feature of this window reads this column.");

    public void Start(int event_)
    {
        (_head, _tail) = (event_, event_);
        foreach (var column in _columns)
            column.Clear();
    }

    public void MoveTo(KeyedEvents events, int end, long time)
    {
        for (; _head < end && events.Times[_head] <= time; _head++)
        {
            foreach (var column in _columns)
                column.Enter(events, _head);
        }

        for (; _tail < _head && events.Times[_tail] <= time - Width; _tail++)
        {
            foreach (var column in _columns)
                column.Leave(events, _tail);
        }
    }
}
