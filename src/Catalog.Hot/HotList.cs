using System.Buffers.Binary;

namespace Catalog.Hot;

/// <summary>
/// A list in a packed row: how many elements (32 bits), a byte that tells whether some are null, then, where that is so, a bit for each
/// that is not; then the elements one after the other, each text or binary behind its length in 32 bits.
/// </summary>
public readonly ref struct HotList(ReadOnlySpan<byte> bytes, HotType type)
{
    private const int HeadBytes = 5;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Count => BinaryPrimitives.ReadInt32LittleEndian(_bytes);

    public HotType Element { get; } = type.Element ?? throw new ArgumentException($"{type.Name} is no list.", nameof(type));

    private bool HasNulls => _bytes[4] != 0;

    private int First => HeadBytes + (HasNulls ? (Count + 7) / 8 : 0);

    public Enumerator GetEnumerator() => new(this);

    private bool IsNull(int i) => HasNulls && (_bytes[HeadBytes + (i >> 3)] >> (i & 7) & 1) == 0;

    /// <summary>Goes over the elements.</summary>
    public ref struct Enumerator
    {
        private readonly HotList _list;
        private int _at;
        private int _next;
        private int _length;

        internal Enumerator(HotList list)
        {
            _list = list;
            (Index, _next) = (-1, list.First);
        }

        public int Index { get; private set; }

        /// <summary>The bytes of the element; nothing where it is null.</summary>
        public readonly ReadOnlySpan<byte> Current => _list._bytes.Slice(_at, _length);

        public readonly bool IsNull => _list.IsNull(Index);

        public bool MoveNext()
        {
            if (++Index >= _list.Count)
                return false;
            if (_list.Element.IsVariable)
            {
                _length = BinaryPrimitives.ReadInt32LittleEndian(_list._bytes[_next..]);
                _at = _next + 4;
            }
            else
            {
                (_length, _at) = (_list.Element.Width, _next);
            }

            _next = _at + _length;
            return true;
        }
    }

    internal static int SizeOf(HotType type, int count, bool hasNulls, int elementBytes) =>
        HeadBytes + (hasNulls ? (count + 7) / 8 : 0) + elementBytes + ((type.Element?.IsVariable ?? false) ? 4 * count : 0);
}
