using System.Collections.Concurrent;

namespace Catalog.Lineage;

/// <summary>A set of numbers below a bound, one bit each, which is used again by the next walk.</summary>
internal sealed class NodeSet
{
    private static readonly ConcurrentBag<NodeSet> s_idle = [];

    private readonly List<int> _touched = [];
    private ulong[] _bits = [];

    public static NodeSet Rent(int nodes)
    {
        var set = s_idle.TryTake(out var idle) ? idle : new NodeSet();
        if (set._bits.Length * 64 < nodes)
            set._bits = new ulong[(nodes >> 6) + 1];
        return set;
    }

    public bool Contains(int node) => (_bits[node >> 6] & (1UL << node)) != 0;

    public bool Add(int node)
    {
        ref var word = ref _bits[node >> 6];
        if ((word & (1UL << node)) != 0)
            return false;
        if (word == 0)
            _touched.Add(node >> 6);
        word |= 1UL << node;
        return true;
    }

    public void Return()
    {
        foreach (var word in _touched)
            _bits[word] = 0;
        _touched.Clear();
        s_idle.Add(this);
    }
}
