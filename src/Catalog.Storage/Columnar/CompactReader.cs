using System.Runtime.InteropServices;

namespace Catalog.Storage.Columnar;

/// <summary>Why a footer is not one. Caught where the file's name is known.</summary>
internal sealed class FooterException(string problem) : Exception(problem);

/// <summary>Wire types of Thrift's compact protocol.</summary>
internal enum CompactType : byte
{
    Stop = 0,
    True = 1,
    False = 2,
    Byte = 3,
    Int16 = 4,
    Int32 = 5,
    Int64 = 6,
    Double = 7,
    Binary = 8,
    List = 9,
    Set = 10,
    Map = 11,
    Struct = 12,
    Uuid = 13,
}

/// <summary>A field of a struct; start with the default and hand it to <see cref="CompactReader.Next"/> until that is false.</summary>
[StructLayout(LayoutKind.Auto)]
internal record struct CompactField(short Id, CompactType Type);

/// <summary>
/// Reads Thrift's compact protocol (thrift-compact-protocol.md) out of bytes nobody vouches for. Each step takes at least a byte, counts
/// are held against the bytes that are left, nesting is bounded, and types are checked, so time and memory are proportional to the input
/// at worst. (The reader in Parquet.Net 6.1.0 loops forever on a footer that ends within a number, and allocates what a list claims to
/// hold.)
/// </summary>
internal ref struct CompactReader(ReadOnlySpan<byte> bytes)
{
    private const int MaxNesting = 32;
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; set; }

    public bool Next(ref CompactField field)
    {
        var header = Byte();
        var type = (CompactType)(header & 0x0f);
        if (type is CompactType.Stop)
            return false;

        var id = header >> 4 is var delta and not 0 ? field.Id + delta : ZigZag(Varint());
        if (type > CompactType.Uuid || id is < short.MinValue or > short.MaxValue)
            throw new FooterException("its footer holds a field of no known type");
        field = new((short)id, type);
        return true;
    }

    public readonly bool Bool(CompactField field) => field.Type switch
    {
        CompactType.True => true,
        CompactType.False => false,
        _ => throw Unexpected(field),
    };

    public int Int32(CompactField field)
    {
        Require(field, CompactType.Int32);
        return ZigZag(Varint()) is >= int.MinValue and <= int.MaxValue and var number
            ? (int)number
            : throw new FooterException("its footer holds a number out of range");
    }

    public long Int64(CompactField field)
    {
        Require(field, CompactType.Int64);
        return ZigZag(Varint());
    }

    public sbyte Int8(CompactField field)
    {
        Require(field, CompactType.Byte);
        return (sbyte)Byte();
    }

    public ReadOnlySpan<byte> Binary(CompactField field)
    {
        Require(field, CompactType.Binary);
        return Take(Count());
    }

    /// <summary>Begins a list of structs and says how many there are.</summary>
    public int Structs(CompactField field)
    {
        Require(field, CompactType.List);
        var (type, count) = ListHeader();
        return count == 0 || type is CompactType.Struct ? count : throw Unexpected(field);
    }

    /// <summary>Checks that a struct begins here; its fields follow.</summary>
    public readonly void Struct(CompactField field) => Require(field, CompactType.Struct);

    public void Skip(CompactField field) => Skip(field.Type, isElement: false, MaxNesting);

    private void Skip(CompactType type, bool isElement, int nesting)
    {
        if (nesting == 0)
            throw new FooterException("its footer is nested too deeply");

        switch (type)
        {
            case CompactType.True or CompactType.False:
                Take(isElement ? 1 : 0);
                break;
            case CompactType.Byte:
                Take(1);
                break;
            case CompactType.Int16 or CompactType.Int32 or CompactType.Int64:
                Varint();
                break;
            case CompactType.Double:
                Take(sizeof(double));
                break;
            case CompactType.Binary:
                Take(Count());
                break;
            case CompactType.List or CompactType.Set:
                var (element, count) = ListHeader();
                for (var i = 0; i < count; i++)
                    Skip(element, isElement: true, nesting - 1);
                break;
            case CompactType.Map:
                SkipMap(nesting);
                break;
            case CompactType.Struct:
                for (var field = default(CompactField); Next(ref field);)
                    Skip(field.Type, isElement: false, nesting - 1);
                break;
            case CompactType.Uuid:
                Take(16);
                break;
            default:
                throw new FooterException("its footer holds a value of no known type");
        }
    }

    private void SkipMap(int nesting)
    {
        var count = Count();
        var types = count == 0 ? 0 : Byte();
        for (var i = 0; i < count; i++)
        {
            Skip((CompactType)(types >> 4), isElement: true, nesting - 1);
            Skip((CompactType)(types & 0x0f), isElement: true, nesting - 1);
        }
    }

    private (CompactType Element, int Count) ListHeader()
    {
        var header = Byte();
        var count = header >> 4;
        return ((CompactType)(header & 0x0f), count == 15 ? Count() : count);
    }

    /// <summary>A count of things that take a byte each at least.</summary>
    private int Count() => Varint() is var count && count <= (ulong)(_bytes.Length - Position)
        ? (int)count
        : throw new FooterException("its footer says that it holds more than it has room for");

    private ulong Varint()
    {
        var number = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = Byte();
            number |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return number;
        }

        throw new FooterException("its footer holds a number without an end");
    }

    private byte Byte() => Take(1)[0];

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - Position)
            throw new FooterException("its footer ends early");
        var taken = _bytes.Slice(Position, count);
        Position += count;
        return taken;
    }

    private static long ZigZag(ulong n) => (long)(n >> 1) ^ -(long)(n & 1);

    private static void Require(CompactField field, CompactType type)
    {
        if (field.Type != type)
            throw Unexpected(field);
    }

    private static FooterException Unexpected(CompactField field) =>
        new($"its footer holds {field.Type} where that cannot be (field {field.Id})");
}
