namespace Catalog.Storage.Objects.Cache;

/// <summary>
/// Who has to make room: first in, first out, in two queues (S3-FIFO; Yang et al., SOSP 2023), counted in bytes. What is new waits in a
/// small queue, a tenth of the cache, and leaves from there unless it was asked for again; what was asked for again moves to the main
/// queue, where each use buys another round. What left the small queue is remembered for a while, and comes straight to the main queue the
/// next time. So one pass over more data than the cache holds goes through the small queue and takes nothing from those who use theirs
/// again and again.
/// </summary>
/// <remarks>Not safe for several threads: the cache has a lock around it.</remarks>
internal sealed class EvictionQueues(long maxBytes, TimeSpan correlated)
{
    private const int MostUses = 3;
    private const int LeastRemembered = 1_024;

    private readonly LinkedList<CachedObject> _small = [];
    private readonly LinkedList<CachedObject> _main = [];
    private readonly LinkedList<CachedObject> _held = [];
    private readonly LinkedList<string> _left = [];
    private readonly Dictionary<string, LinkedListNode<string>> _remembered = new(StringComparer.Ordinal);

    private long _smallBytes;

    public int Count => _small.Count + _main.Count + _held.Count;

    /// <summary>Of all blocks.</summary>
    public long Bytes { get; private set; }

    /// <summary>Where an object stands.</summary>
    public sealed class Place
    {
        /// <summary>In the main queue.</summary>
        public bool IsKept { get; set; }

        /// <summary>Beside the queues: it does not make room.</summary>
        public bool IsHeld { get; set; }

        /// <summary>Null when it is in no queue.</summary>
        public LinkedListNode<CachedObject>? Node { get; set; }

        /// <summary>That are counted for it.</summary>
        public long Bytes { get; set; }

        public int Uses { get; set; }

        public DateTimeOffset LastUse { get; set; }
    }

    public void Enter(CachedObject entry, DateTimeOffset now)
    {
        if (_remembered.Remove(entry.Key, out var left))
        {
            _left.Remove(left);
            entry.Place.IsKept = true;
        }

        entry.Place.LastUse = now;
        Join(entry);
    }

    /// <summary>Counts what came or went of an object.</summary>
    public void Grow(CachedObject entry, long bytes)
    {
        if (entry.Place.Node is null)
            return;
        Tally(entry, bytes);
        entry.Place.Bytes += bytes;
    }

    /// <summary>Notes that somebody asked for it.</summary>
    public void Use(CachedObject entry, DateTimeOffset now)
    {
        var place = entry.Place;
        if (now - place.LastUse >= correlated && place.Uses < MostUses)
            place.Uses++;
        place.LastUse = now;
    }

    public void Leave(CachedObject entry)
    {
        if (entry.Place.Node is not { } node)
            return;
        QueueOf(entry).Remove(node);
        Tally(entry, -entry.Place.Bytes);
        entry.Place.Node = null;
    }

    /// <summary>Takes it out of the order in which objects make room, or puts it back there.</summary>
    public void Hold(CachedObject entry, bool held)
    {
        if (entry.Place.IsHeld == held)
            return;
        var stands = entry.Place.Node is not null;
        Leave(entry);
        (entry.Place.IsHeld, entry.Place.IsKept) = (held, true);
        if (stands)
            Join(entry);
    }

    /// <summary>The next to make room, which leaves the queues; null when there is none but the one that wants room.</summary>
    public CachedObject? Evict(CachedObject wants)
    {
        for (var tries = (MostUses + 2) * Count; tries > 0; tries--)
        {
            var waiting = _smallBytes - (wants.Place is { IsKept: false, Node: not null } own ? own.Bytes : 0);
            var small = _main.Count == 0 || waiting * 10 > maxBytes;
            var queue = small && _small.Count > 0 ? _small : _main;
            if (queue.Last?.Value is not { } oldest)
                return null;
            Leave(oldest);
            if (oldest == wants || !MayGo(oldest))
            {
                Join(oldest);
                continue;
            }

            if (!oldest.Place.IsKept)
                Remember(oldest.Key);
            return oldest;
        }

        return null;
    }

    // A use in the small queue moves it to the main one; a use there buys a round.
    private static bool MayGo(CachedObject oldest)
    {
        var place = oldest.Place;
        if (place.Uses == 0)
            return true;
        if (place.IsKept)
        {
            place.Uses--;
            return false;
        }

        (place.IsKept, place.Uses) = (true, 0);
        oldest.Keep();
        return false;
    }

    private void Join(CachedObject entry)
    {
        entry.Place.Node = QueueOf(entry).AddFirst(entry);
        Tally(entry, entry.Place.Bytes);
    }

    private void Tally(CachedObject entry, long bytes)
    {
        Bytes += bytes;
        if (!entry.Place.IsKept)
            _smallBytes += bytes;
    }

    private LinkedList<CachedObject> QueueOf(CachedObject entry) => entry.Place.IsHeld ? _held : entry.Place.IsKept ? _main : _small;

    private void Remember(string key)
    {
        _remembered[key] = _left.AddFirst(key);
        while (_left.Count > Math.Max(LeastRemembered, _main.Count) && _left.Last is { } oldest)
        {
            _left.RemoveLast();
            _remembered.Remove(oldest.Value);
        }
    }
}
