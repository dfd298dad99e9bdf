using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Catalog.Hot;
using Catalog.Server.Doors.Online;

namespace Catalog.Server.Doors.Feast;

/// <summary>A value of a packed row as <c>feast.types.Value</c>.</summary>
internal static class FeastProtoValues
{
    /// <summary>
    /// Writes the one member that a value has. False, and nothing written, where Feast's types cannot hold it: unsigned numbers above those
    /// of <c>int64</c>, and lists with one of them or with a null.
    /// </summary>
    public static bool TryWrite(AnswerBuffer to, HotType type, ReadOnlySpan<byte> value)
    {
        if (type.Kind == HotKind.List)
            return TryWriteList(to, new HotList(value, type));
        if (!Fits(type, value))
            return false;
        var proto = new ProtoWriter(to);
        var feast = FeastTypes.Of(type);
        Write(to, proto, (int)feast, feast, type, value);
        return true;
    }

    private static void Write(AnswerBuffer to, ProtoWriter proto, int field, FeastType feast, HotType type, ReadOnlySpan<byte> value)
    {
        switch (feast)
        {
            case FeastType.Double:
                proto.Double(field, MemoryMarshal.Read<double>(value));
                break;
            case FeastType.Float:
                proto.Float(field, Single(type, value));
                break;
            case FeastType.Int32 or FeastType.Int64 or FeastType.Bool:
                proto.Whole(field, ValueTexts.Whole(type, value));
                break;
            case FeastType.UnixTimestamp:
                proto.Whole(field, ValueTexts.Seconds(type, value));
                break;
            case FeastType.Bytes:
                proto.Bytes(field, value);
                break;
            case FeastType.String or FeastType.Json when type.Kind == HotKind.Text:
                proto.Bytes(field, value);
                break;
            default:
                var start = proto.Begin(field);
                ValueTexts.Write(to, type, value);
                proto.End(start);
                break;
        }
    }

    /// <summary>Numbers are packed.</summary>
    private static bool TryWriteList(AnswerBuffer to, HotList list)
    {
        var start = to.Length;
        var proto = new ProtoWriter(to);
        var feast = FeastTypes.Of(list.Element);
        var isPacked = feast is FeastType.Double or FeastType.Float or FeastType.Int32 or FeastType.Int64 or FeastType.Bool
            or FeastType.UnixTimestamp;
        var begin = proto.Begin(FeastTypes.ListOf(feast));
        var packed = isPacked ? proto.Begin(1) : 0;
        for (var elements = list.GetEnumerator(); elements.MoveNext();)
        {
            if (elements.IsNull || !Fits(list.Element, elements.Current))
            {
                to.Rewind(start);
                return false;
            }

            if (isPacked)
                WritePacked(proto, feast, list.Element, elements.Current);
            else
                Write(to, proto, 1, feast, list.Element, elements.Current);
        }

        if (isPacked)
            proto.End(packed);
        proto.End(begin);
        return true;
    }

    private static void WritePacked(ProtoWriter proto, FeastType feast, HotType type, ReadOnlySpan<byte> value)
    {
        switch (feast)
        {
            case FeastType.Double:
                proto.Double(MemoryMarshal.Read<double>(value));
                break;
            case FeastType.Float:
                proto.Float(Single(type, value));
                break;
            case FeastType.UnixTimestamp:
                proto.Varints((ulong)ValueTexts.Seconds(type, value));
                break;
            default:
                proto.Varints((ulong)ValueTexts.Whole(type, value));
                break;
        }
    }

    private static float Single(HotType type, ReadOnlySpan<byte> value) =>
        type.Kind == HotKind.Float16 ? (float)MemoryMarshal.Read<Half>(value) : MemoryMarshal.Read<float>(value);

    private static bool Fits(HotType type, ReadOnlySpan<byte> value) =>
        type.Kind != HotKind.UInt64 || BinaryPrimitives.ReadUInt64LittleEndian(value) <= long.MaxValue;
}
