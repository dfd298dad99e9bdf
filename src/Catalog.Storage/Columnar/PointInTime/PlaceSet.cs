using System.Numerics;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>
/// Places of rows in a version, each once and in order: a bit for each row up to the last, and how many bits come before each word. So
/// telling the rank of a place takes one look, where searching among a million took twenty.
/// </summary>
internal sealed class PlaceSet
{
    private readonly ulong[] _words;
    private readonly int[] _before;

    /// <param name="places">In any order; those below 0 are none.</param>
    public PlaceSet(ReadOnlySpan<long> places)
    {
        var last = -1L;
        foreach (var place in places)
            last = Math.Max(last, place);
        _words = new ulong[checked((int)((last >> 6) + 1))];
        foreach (var place in places)
        {
            if (place >= 0)
                _words[place >> 6] |= 1UL << (int)(place & 63);
        }

        _before = new int[_words.Length];
        for (var i = 0; i < _words.Length; i++)
        {
            _before[i] = Count;
            Count += BitOperations.PopCount(_words[i]);
        }
    }

    public int Count { get; private set; }

    /// <summary>How many places of the set come before this one, which is of it.</summary>
    public int RankOf(long place) =>
        _before[place >> 6] + BitOperations.PopCount(_words[place >> 6] & ((1UL << (int)(place & 63)) - 1));

    /// <summary>Whether any place of the set is among some rows.</summary>
    public bool HasAny(long first, long rows)
    {
        for (var at = first; at < first + rows && at >> 6 < _words.Length; at = (at | 63) + 1)
        {
            var word = _words[at >> 6] >> (int)(at & 63);
            if (word != 0)
                return at + BitOperations.TrailingZeroCount(word) < first + rows;
        }

        return false;
    }

    /// <summary>Which of some rows are of the set, counted from the first of them.</summary>
    public int[] Within(long first, int rows)
    {
        var found = new List<int>();
        for (var at = first; at < first + rows && at >> 6 < _words.Length; at = (at | 63) + 1)
        {
            for (var word = _words[at >> 6] >> (int)(at & 63); word != 0; word &= word - 1)
            {
                var place = at + BitOperations.TrailingZeroCount(word);
                if (place >= first + rows)
                    return [.. found];
                found.Add((int)(place - first));
            }
        }

        return [.. found];
    }
}
