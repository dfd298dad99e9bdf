using System.Runtime.InteropServices;
using Catalog.Lineage.Snapshots;

namespace Catalog.Lineage.OpenLineage;

/// <summary>The versions of one dataset in the order of time, and the runs that read whichever was current.</summary>
/// <param name="graph">
/// Has the names of versions: they decide between those of one time, as numbers depend on arrival. The least is current, so that of the
/// ids that clients count up, a first one stays so.
/// </param>
internal sealed class DatasetHistory(TemporalGraph graph)
{
    private readonly List<Made> _made = [];
    private readonly List<Reader> _readers = [];
    private readonly List<Renamed> _cameFrom = [];

    /// <summary>The names of the dataset: more than one when clients said that they are the same.</summary>
    public List<int> Names { get; } = [];

    /// <summary>Its later names.</summary>
    public HashSet<int> WentOnAs { get; } = [];

    /// <summary>How much there is to move when it turns out to be another's.</summary>
    public int Size => _made.Count + _readers.Count + Names.Count;

    public static DatasetHistory From(SnapshotReader snapshot, TemporalGraph graph)
    {
        var history = new DatasetHistory(graph);
        history.Names.AddRange(snapshot.Items<int>());
        history._cameFrom.AddRange(snapshot.Items<Renamed>());
        history.WentOnAs.UnionWith(snapshot.Items<int>());
        history._made.AddRange(snapshot.Items<Made>());
        history._readers.AddRange(snapshot.Items<Reader>());
        return history;
    }

    public void WriteTo(SnapshotWriter snapshot)
    {
        snapshot.Items<int>(CollectionsMarshal.AsSpan(Names));
        snapshot.Items<Renamed>(CollectionsMarshal.AsSpan(_cameFrom));
        snapshot.Items<int>([.. WentOnAs]);
        snapshot.Items<Made>(CollectionsMarshal.AsSpan(_made));
        snapshot.Items<Reader>(CollectionsMarshal.AsSpan(_readers));
    }

    /// <summary>The version that a run found at a time, which is none of its own making; null when none was there yet.</summary>
    public int? CurrentAt(long time, int run)
    {
        for (var end = MadeUpTo(time); end > 0;)
        {
            var first = MadeBefore(_made[end - 1].Time);
            for (var i = first; i < end; i++)
            {
                if (_made[i].Maker != run)
                    return _made[i].Version;
            }

            end = first;
        }

        return null;
    }

    /// <summary>A run reads, under a name, whichever version was current when it started.</summary>
    public void AddReader(long start, int run, int dataset) => Insert(_readers, new Reader(start, run, dataset), Reader.Order);

    public void RemoveReader(long start, int run, int dataset) => Remove(_readers, new Reader(start, run, dataset), Reader.Order);

    /// <summary>A version was made.</summary>
    /// <returns>Runs whose pins that may change.</returns>
    public IReadOnlyCollection<int> Add(long time, int version, int maker)
    {
        Insert(_made, new Made(time, version, maker), Comparer<Made>.Create(Compare));
        return ReadersOf(new Made(time, version, maker));
    }

    /// <summary>A version was not made after all, or not then.</summary>
    /// <returns>Runs whose pins that may change.</returns>
    public IReadOnlyCollection<int> Remove(long time, int version, int maker)
    {
        Remove(_made, new Made(time, version, maker), Comparer<Made>.Create(Compare));
        return ReadersOf(new Made(time, version, maker));
    }

    /// <summary>Takes in all that another history holds.</summary>
    public void Absorb(DatasetHistory other)
    {
        foreach (var made in other._made)
            Insert(_made, made, Comparer<Made>.Create(Compare));
        foreach (var reader in other._readers)
            Insert(_readers, reader, Reader.Order);
        Names.AddRange(other.Names);
        foreach (var renamed in other._cameFrom)
            ComeFrom(renamed.Dataset, renamed.Time);
        WentOnAs.UnionWith(other.WentOnAs);
    }

    /// <summary>The dataset had another name before.</summary>
    /// <param name="dataset">The other name.</param>
    /// <param name="time">Until when, in ticks (UTC).</param>
    /// <returns>Whether that is news.</returns>
    public bool ComeFrom(int dataset, long time)
    {
        var (renamed, order) = (new Renamed(time, dataset), Comparer<Renamed>.Create(Compare));
        if (_cameFrom.BinarySearch(renamed, order) >= 0)
            return false;
        Insert(_cameFrom, renamed, order);
        return true;
    }

    /// <summary>The last name that it had before a time; null where it had none.</summary>
    public int? CameFromAt(long time) =>
        CountBelow(_cameFrom, time, static (renamed, time) => renamed.Time <= time) is > 0 and var count
            ? _cameFrom[count - 1].Dataset
            : null;

    /// <summary>The runs that read, started from one time to another, both included.</summary>
    public void TakeReaders(long from, long to, ICollection<int> found)
    {
        for (var i = ReadersBefore(from); i < _readers.Count && _readers[i].Start <= to; i++)
            found.Add(_readers[i].Run);
    }

    /// <summary>
    /// From when on no run is without a version here: that of the second maker, as the first may be the run itself.
    /// </summary>
    public long IsKnownToAllFrom()
    {
        foreach (var made in _made)
        {
            if (made.Maker != _made[0].Maker)
                return made.Time;
        }

        return long.MaxValue;
    }

    /// <summary>
    /// The readers of a version, were it there: those that started when it was made or later, and before the next was. Where another is
    /// preferred to it, only the run that made that one, as it did not find it; and of those after it, too.
    /// </summary>
    private List<int> ReadersOf(Made version)
    {
        var (found, first, end) = (new List<int>(), MadeBefore(version.Time), MadeUpTo(version.Time));
        if (first < end && Compare(_made[first], version) < 0)
        {
            found.Add(_made[first].Maker);
            return found;
        }

        if (end < _made.Count)
        {
            TakeReaders(version.Time, _made[end].Time - 1, found);
            found.Add(_made[end].Maker);
        }
        else
        {
            TakeReaders(version.Time, long.MaxValue, found);
        }

        return found;
    }

    /// <summary>How many versions were made up to and including a time.</summary>
    private int MadeUpTo(long time) => CountBelow(_made, time, static (made, time) => made.Time <= time);

    private int MadeBefore(long time) => CountBelow(_made, time, static (made, time) => made.Time < time);

    private int ReadersBefore(long time) => CountBelow(_readers, time, static (reader, time) => reader.Start < time);

    private static int CountBelow<T>(List<T> sorted, long time, Func<T, long, bool> isBelow)
    {
        var (low, high) = (0, sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = isBelow(sorted[middle], time) ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private int Compare(Made a, Made b) =>
        a.Time != b.Time ? a.Time.CompareTo(b.Time)
        : a.Version != b.Version ? graph.NameOf(a.Version).SequenceCompareTo(graph.NameOf(b.Version))
        : a.Maker.CompareTo(b.Maker);

    private int Compare(Renamed a, Renamed b) =>
        a.Time != b.Time
            ? a.Time.CompareTo(b.Time)
            : graph.NameOf(a.Dataset).SequenceCompareTo(graph.NameOf(b.Dataset));

    private static void Insert<T>(List<T> sorted, T item, IComparer<T> order)
    {
        // Nearly always the newest.
        if (sorted.Count == 0 || order.Compare(sorted[^1], item) < 0)
            sorted.Add(item);
        else if (sorted.BinarySearch(item, order) is < 0 and var at)
            sorted.Insert(~at, item);
    }

    private static void Remove<T>(List<T> sorted, T item, IComparer<T> order)
    {
        if (sorted.BinarySearch(item, order) is >= 0 and var at)
            sorted.RemoveAt(at);
    }

    /// <param name="Time">Ticks (UTC).</param>
    /// <param name="Version">The version.</param>
    /// <param name="Maker">The run that made it; itself where the catalog did.</param>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Made(long Time, int Version, int Maker);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Renamed(long Time, int Dataset);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Reader(long Start, int Run, int Dataset)
    {
        public static IComparer<Reader> Order { get; } = Comparer<Reader>.Create((a, b) =>
            a.Start != b.Start ? a.Start.CompareTo(b.Start)
            : a.Run != b.Run ? a.Run.CompareTo(b.Run)
            : a.Dataset.CompareTo(b.Dataset));
    }
}
