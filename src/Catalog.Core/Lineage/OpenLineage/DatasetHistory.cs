using System.Runtime.InteropServices;

namespace Catalog.Lineage.OpenLineage;

/// <summary>The versions of one dataset in the order of time, and the runs that read whichever was current.</summary>
/// <param name="name">Names of nodes: they decide between versions of one time, as numbers depend on arrival.</param>
/// <param name="of">The history of a dataset, which changes when two names turn out to be one.</param>
internal sealed class DatasetHistory(Func<int, string> name, Func<int, DatasetHistory> of)
{
    private readonly List<Made> _made = [];
    private readonly List<Reader> _readers = [];
    private readonly Dictionary<(int Maker, int Version), long> _times = [];
    private readonly Dictionary<RunHistory, long> _starts = [];

    /// <summary>Names that the dataset had before, and until when.</summary>
    public HashSet<(long Time, int Dataset)> CameFrom { get; } = [];

    /// <summary>Its later names.</summary>
    public HashSet<int> WentOnAs { get; } = [];

    /// <summary>The version that a run found at a time, which is none of its own making; null when none was there yet.</summary>
    public int? CurrentAt(long time, int run)
    {
        var last = FirstMadeAfter(time) - 1;
        while (last >= 0 && _made[last].Maker == run)
            last--;
        return last < 0 ? null : _made[last].Version;
    }

    /// <summary>A run reads whichever version was current when it started.</summary>
    public void Read(RunHistory run)
    {
        if (_starts.TryGetValue(run, out var start))
        {
            if (start == run.Start)
                return;
            _readers.RemoveAt(_readers.BinarySearch(new Reader(start, run), Reader.Order));
        }

        _starts[run] = run.Start;
        Insert(_readers, new Reader(run.Start, run), Reader.Order);
    }

    /// <returns>Runs whose pins may have changed.</returns>
    public HashSet<RunHistory> Put(int maker, int version, long time)
    {
        var first = time;
        if (_times.TryGetValue((maker, version), out var known))
        {
            if (known == time)
                return [];
            first = Math.Min(known, time);
            _made.Remove(new Made(known, version, maker));
        }

        _times[(maker, version)] = time;
        Insert(_made, new Made(time, version, maker), Comparer<Made>.Create(Compare));
        return ReadersSince(first, until: Math.Max(known, time));
    }

    /// <returns>Runs whose pins may have changed.</returns>
    public HashSet<RunHistory> Remove(int maker, int version)
    {
        if (!_times.Remove((maker, version), out var known))
            return [];
        _made.Remove(new Made(known, version, maker));
        return ReadersSince(known, until: known);
    }

    /// <summary>Takes in all that another history holds.</summary>
    public void Absorb(DatasetHistory other)
    {
        foreach (var made in other._made)
        {
            _times[(made.Maker, made.Version)] = made.Time;
            Insert(_made, made, Comparer<Made>.Create(Compare));
        }

        foreach (var (run, start) in other._starts)
        {
            if (_starts.TryAdd(run, start))
                Insert(_readers, new Reader(start, run), Reader.Order);
        }

        CameFrom.UnionWith(other.CameFrom);
        WentOnAs.UnionWith(other.WentOnAs);
    }

    public HashSet<RunHistory> AllReaders() => ReadersSince(long.MinValue, long.MaxValue);

    /// <summary>
    /// Runs that started at a time or later, up to when the first version after another time took over; and those that read under later
    /// names.
    /// </summary>
    private HashSet<RunHistory> ReadersSince(long time, long until)
    {
        var (found, seen) = (new HashSet<RunHistory>(), new HashSet<DatasetHistory> { this });
        var next = FirstMadeAfter(until);
        Take(this, next < _made.Count ? _made[next].Time : long.MaxValue);
        for (var ahead = new Queue<int>(WentOnAs); ahead.TryDequeue(out var dataset);)
        {
            if (of(dataset) is var later && !seen.Add(later))
                continue;
            Take(later, long.MaxValue);
            foreach (var one in later.WentOnAs)
                ahead.Enqueue(one);
        }

        return found;

        void Take(DatasetHistory history, long end)
        {
            // Those that started just then, too: the version that took over may be their own, which is none that they found.
            for (var i = history.FirstReaderFrom(time); i < history._readers.Count && history._readers[i].Start <= end; i++)
                found.Add(history._readers[i].Run);
        }
    }

    /// <summary>How many versions were made up to and including a time.</summary>
    private int FirstMadeAfter(long time)
    {
        var (low, high) = (0, _made.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _made[middle].Time <= time ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private int FirstReaderFrom(long time)
    {
        var (low, high) = (0, _readers.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _readers[middle].Start < time ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private int Compare(Made a, Made b) =>
        a.Time != b.Time ? a.Time.CompareTo(b.Time)
        : a.Version != b.Version ? string.CompareOrdinal(name(a.Version), name(b.Version))
        : a.Maker.CompareTo(b.Maker);

    private static void Insert<T>(List<T> sorted, T item, IComparer<T> order)
    {
        var at = sorted.BinarySearch(item, order);
        if (at < 0)
            sorted.Insert(~at, item);
    }

    /// <param name="Time">Ticks (UTC).</param>
    /// <param name="Version">The version.</param>
    /// <param name="Maker">The run that made it.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Made(long Time, int Version, int Maker);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Reader(long Start, RunHistory Run)
    {
        public static IComparer<Reader> Order { get; } =
            Comparer<Reader>.Create((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.Run.Node.CompareTo(b.Run.Node));
    }
}
