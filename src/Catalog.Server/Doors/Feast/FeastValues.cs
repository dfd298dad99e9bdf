using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Catalog.Hot;
using Catalog.Server.Doors.Online;

namespace Catalog.Server.Doors.Feast;

/// <summary>
/// A value of a packed row as Feast's HTTP server writes it: whole numbers plain, floating-point ones as Python does (of 32 and 16 bits
/// widened first), bytes in base64, dates and timestamps as whole seconds since 1970, decimals, ids, times of day and intervals as text,
/// lists as arrays.
/// </summary>
internal static class FeastValues
{
    private const int LongestWhole = 24;

    /// <summary>Writes a value; false, and nothing written, where JSON has none for it: NaN, the infinities, and lists with one.</summary>
    public static bool TryWrite(AnswerBuffer to, HotType type, ReadOnlySpan<byte> value)
    {
        switch (type.Kind)
        {
            case HotKind.Float32:
                return TryWrite(to, MemoryMarshal.Read<float>(value));
            case HotKind.Float64:
                return TryWrite(to, MemoryMarshal.Read<double>(value));
            case HotKind.Float16:
                return TryWrite(to, (double)MemoryMarshal.Read<Half>(value));
            case HotKind.Bool:
                to.Write(value[0] != 0 ? "true"u8 : "false"u8);
                return true;
            case HotKind.UInt64:
                WriteWhole(to, BinaryPrimitives.ReadUInt64LittleEndian(value));
                return true;
            case >= HotKind.Int8 and < HotKind.UInt64:
                WriteWhole(to, ValueTexts.Whole(type, value));
                return true;
            case HotKind.Date or HotKind.Timestamp:
                WriteWhole(to, ValueTexts.Seconds(type, value));
                return true;
            case HotKind.Text:
                JsonTexts.WriteText(to, value);
                return true;
            case HotKind.List:
                return TryWriteList(to, new HotList(value, type));
            case HotKind.Binary or HotKind.Bytes when type.Name != "interval":
                JsonTexts.WriteBase64(to, value);
                return true;
            default:
                to.Write((byte)'"');
                ValueTexts.Write(to, type, value);
                to.Write((byte)'"');
                return true;
        }
    }

    private static bool TryWrite(AnswerBuffer to, double number)
    {
        if (!double.IsFinite(number))
            return false;
        to.Advance(PythonNumbers.Write(to.Room(PythonNumbers.MaxBytes), number));
        return true;
    }

    /// <summary>An empty list is <c>null</c>: clients of Feast infer types from elements, and fail where there is none.</summary>
    private static bool TryWriteList(AnswerBuffer to, HotList list)
    {
        if (list.Count == 0)
        {
            to.Write("null"u8);
            return true;
        }

        var start = to.Length;
        var separator = (byte)'[';
        for (var elements = list.GetEnumerator(); elements.MoveNext();)
        {
            to.Write(separator);
            separator = (byte)',';
            if (elements.IsNull)
            {
                to.Write("null"u8);
            }
            else if (!TryWrite(to, list.Element, elements.Current))
            {
                to.Rewind(start);
                return false;
            }
        }

        to.Write((byte)']');
        return true;
    }

    private static void WriteWhole(AnswerBuffer to, long number)
    {
        number.TryFormat(to.Room(LongestWhole), out var length);
        to.Advance(length);
    }

    private static void WriteWhole(AnswerBuffer to, ulong number)
    {
        number.TryFormat(to.Room(LongestWhole), out var length);
        to.Advance(length);
    }
}
