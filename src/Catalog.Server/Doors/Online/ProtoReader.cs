using System.Buffers.Binary;
using System.Text;
using Catalog.Platform;
using Catalog.Platform.Http;

namespace Catalog.Server.Doors.Online;

/// <summary>Reads the wire format of protocol buffers, field by field, where it is.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;
    private const int Fixed32 = 5;

    private ReadOnlySpan<byte> _rest = message;
    private int _wire;

    /// <summary>The number of the field that is read next.</summary>
    public int Field { get; private set; }

    /// <summary>Whether the field is a message, bytes, a text or a packed list.</summary>
    public readonly bool IsDelimited => _wire == Delimited;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Goes to the next field; false at the end.</summary>
    public bool Next()
    {
        if (_rest.IsEmpty)
            return false;
        var tag = Whole();
        (Field, _wire) = (checked((int)(tag >> 3)), (int)(tag & 7));
        return true;
    }

    /// <summary>A number of a field of variable length, or of a packed list of them.</summary>
    public ulong Whole()
    {
        var value = 0UL;
        for (var (at, shift) = (0, 0); at < _rest.Length && shift < 64; at++, shift += 7)
        {
            value |= (ulong)(_rest[at] & 0x7F) << shift;
            if (_rest[at] >= 0x80)
                continue;
            _rest = _rest[(at + 1)..];
            return value;
        }

        throw Damaged();
    }

    public long Fixed() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    public int Fixed4() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public ReadOnlySpan<byte> Bytes()
    {
        if (_wire != Delimited)
            throw Damaged();
        var length = Whole();
        return length <= (ulong)_rest.Length ? Take((int)length) : throw Damaged();
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public void Skip()
    {
        switch (_wire)
        {
            case Varint:
                Whole();
                break;
            case Fixed64:
                Fixed();
                break;
            case Delimited:
                Bytes();
                break;
            case Fixed32:
                Fixed4();
                break;
            default:
                throw Damaged();
        }
    }

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > _rest.Length)
            throw Damaged();
        var taken = _rest[..bytes];
        _rest = _rest[bytes..];
        return taken;
    }

    private static ProblemException Damaged() =>
        new(Problem.Of("request.malformed", "The request is no message of this method: its bytes end too early or make no sense."));
}
