using System.Runtime.InteropServices;
using Catalog.Lineage.Snapshots;

namespace Catalog.Lineage.OpenLineage;

/// <summary>Times in order, each as often as it was added. Events come nearly in order, so that most are appended.</summary>
internal sealed class SortedTimes
{
    private readonly List<long> _times = [];

    /// <summary>The least; null when there is none.</summary>
    public long? First => _times.Count == 0 ? null : _times[0];

    public bool Contains(long time) => CountUpTo(time) is > 0 and var count && _times[count - 1] == time;

    public void Add(long time) => _times.Insert(CountUpTo(time), time);

    /// <summary>Takes a time out once, if it is there.</summary>
    public void Remove(long time)
    {
        if (Contains(time))
            _times.RemoveAt(CountUpTo(time) - 1);
    }

    /// <summary>The first that is no earlier than a time; null when there is none.</summary>
    public long? FirstFrom(long time) => time == long.MinValue ? First : FirstAfter(time - 1);

    /// <summary>The first that is later than a time; null when there is none.</summary>
    public long? FirstAfter(long time) => CountUpTo(time) is var count && count < _times.Count ? _times[count] : null;

    /// <summary>The last that is no later than a time; null when there is none.</summary>
    public long? LastUpTo(long time) => CountUpTo(time) is > 0 and var count ? _times[count - 1] : null;

    public static SortedTimes From(SnapshotReader snapshot)
    {
        var times = new SortedTimes();
        times._times.AddRange(snapshot.Items<long>());
        return times;
    }

    public void WriteTo(SnapshotWriter snapshot) => snapshot.Items<long>(CollectionsMarshal.AsSpan(_times));

    public IEnumerator<long> GetEnumerator() => _times.GetEnumerator();

    private int CountUpTo(long time)
    {
        var (low, high) = (0, _times.Count);
        if (high == 0 || _times[^1] <= time)
            return high;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _times[middle] <= time ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
