using System.Buffers;
using System.Numerics;
using System.Text;
using Catalog.Lineage.Snapshots;

namespace Catalog.Lineage;

/// <summary>
/// Names of nodes by number and numbers by name: the texts lie in one array of UTF-8, so that a million nodes cost little more than their
/// letters. One writer adds; readers hold a <see cref="Reader"/>, which sees the nodes that were there when it was made and is never
/// blocked: what it refers to only grows, or is replaced by a larger copy.
/// </summary>
internal sealed class NodeTable
{
    private const int FirstNodes = 16;
    private const int FirstBytes = 1024;

    private byte[] _text = new byte[FirstBytes];
    private int[] _ends = new int[FirstNodes];
    private int[] _slots = new int[FirstNodes * 2];
    private int _count;

    public int Count => _count;

    /// <summary>The number of a node, which is made on first sight: 0, 1, 2, …</summary>
    public int Intern(NodeId node)
    {
        Span<byte> small = stackalloc byte[512];
        var name = node.ToString();
        var length = Encoding.UTF8.GetByteCount(name);
        var utf8 = length <= small.Length ? small[..length] : new byte[length];
        Encoding.UTF8.GetBytes(name, utf8);
        return Intern(utf8);
    }

    public int Intern(ReadOnlySpan<byte> name)
    {
        var found = Find(name, _slots, _ends, _text, _count, out var slot);
        if (found >= 0)
            return found;

        var start = _count == 0 ? 0 : _ends[_count - 1];
        EnsureRoom(start + name.Length);
        name.CopyTo(_text.AsSpan(start));
        _ends[_count] = start + name.Length;
        var node = _count++;
        if (_count * 2 > _slots.Length)
            Rehash();
        else
            Volatile.Write(ref _slots[slot], node + 1); // after the text: a reader that meets the slot finds the letters
        return node;
    }

    /// <summary>What is there now, for readers.</summary>
    public Reader Read() => new(_text, _ends, _slots, _count);

    public static NodeTable From(SnapshotReader snapshot)
    {
        var table = new NodeTable { _ends = snapshot.Items<int>(), _text = snapshot.Items<byte>() };
        table._count = table._ends.Length;
        table._slots = new int[Math.Max(FirstNodes * 2, (int)BitOperations.RoundUpToPowerOf2((uint)table._count * 2 + 2))];
        table.Fill(table._slots);
        return table;
    }

    private void EnsureRoom(int bytes)
    {
        if (_count == PackedEdge.MaxNodes || bytes > Array.MaxLength)
            throw new InvalidOperationException(
                $"The lineage graph holds at most {PackedEdge.MaxNodes:N0} nodes, and 2 GiB of their names.");
        if (bytes > _text.Length)
            Array.Resize(ref _text, (int)Math.Min(Array.MaxLength, Math.Max(bytes, _text.Length * 2L)));
        if (_count == _ends.Length)
            Array.Resize(ref _ends, Math.Max(FirstNodes, _ends.Length * 2));
    }

    private void Rehash()
    {
        var slots = new int[_slots.Length * 2];
        Fill(slots);
        _slots = slots;
    }

    private void Fill(int[] slots)
    {
        for (var node = 0; node < _count; node++)
        {
            var slot = Hash(Name(node, _ends, _text)) & (slots.Length - 1);
            while (slots[slot] != 0)
                slot = (slot + 1) & (slots.Length - 1);
            slots[slot] = node + 1;
        }
    }

    private static int Find(ReadOnlySpan<byte> name, int[] slots, int[] ends, byte[] text, int count, out int slot)
    {
        var mask = slots.Length - 1;
        for (slot = Hash(name) & mask; Volatile.Read(ref slots[slot]) is var taken and not 0; slot = (slot + 1) & mask)
        {
            // A node that came after the reader is passed over: its text may lie beyond the reader's arrays.
            if (taken <= count && name.SequenceEqual(Name(taken - 1, ends, text)))
                return taken - 1;
        }

        return -1;
    }

    private static ReadOnlySpan<byte> Name(int node, int[] ends, byte[] text)
    {
        var start = node == 0 ? 0 : ends[node - 1];
        return text.AsSpan(start, ends[node] - start);
    }

    /// <summary>Seeded by the process, so that nobody can choose names that collide.</summary>
    private static int Hash(ReadOnlySpan<byte> name)
    {
        var hash = default(HashCode);
        hash.AddBytes(name);
        return hash.ToHashCode();
    }

    /// <summary>The nodes that were there at one moment.</summary>
    public sealed class Reader(byte[] text, int[] ends, int[] slots, int count)
    {
        public int Count => count;

        /// <summary>Of the arrays, room to grow included.</summary>
        public long Bytes => text.Length + (ends.Length * 4L) + (slots.Length * 4L);

        /// <summary>The number of a node; -1 when it is not here.</summary>
        public int Find(NodeId node)
        {
            // Every decision about access looks a node up, so that short names, which most are, take no memory of the heap.
            Span<char> letters = stackalloc char[256];
            if (node.Kind == default || !node.TryFormat(letters, out var length))
                return FindLong(node.ToString());
            Span<byte> name = stackalloc byte[256 * 3];
            return NodeTable.Find(name[..Encoding.UTF8.GetBytes(letters[..length], name)], slots, ends, text, count, out _);
        }

        private int FindLong(string name)
        {
            var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(name.Length));
            var found = NodeTable.Find(rented.AsSpan(0, Encoding.UTF8.GetBytes(name, rented)), slots, ends, text, count, out _);
            ArrayPool<byte>.Shared.Return(rented);
            return found;
        }

        public void WriteTo(SnapshotWriter snapshot)
        {
            snapshot.Items<int>(ends.AsSpan(0, count));
            snapshot.Items<byte>(text.AsSpan(0, count == 0 ? 0 : ends[count - 1]));
        }

        public ReadOnlySpan<byte> NameOf(int node) => Name(node, ends, text);

        public NodeId this[int node] => NodeIdText.ReadWritten(NameOf(node));

        /// <summary>The kind, from the first letters alone.</summary>
        public NodeKind KindOf(int node)
        {
            var name = NameOf(node);
            return name[0] switch
            {
                (byte)'d' => name[1] == (byte)'a' ? NodeKind.Dataset : NodeKind.Deployment,
                (byte)'j' => NodeKind.Job,
                (byte)'m' => NodeKind.Model,
                (byte)'r' => NodeKind.Run,
                (byte)'g' => NodeKind.Generation,
                _ => name[1] == (byte)'i' ? NodeKind.File : name[8] == (byte)'v' ? NodeKind.FeatureView : NodeKind.FeatureService,
            };
        }

        /// <summary>Whether a node is a thing at one version: its name has an unescaped <c>@</c>.</summary>
        public bool HasVersion(int node) => NameOf(node).Contains((byte)'@');
    }
}
