using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Catalog.Hot;

namespace Catalog.Server.Doors.Online;

/// <summary>
/// A value of a packed row in our own JSON: dates, times and timestamps as ISO 8601 has them (instants with <c>Z</c>), decimals, ids and
/// intervals as text, bytes in base64, lists as arrays, and what no number of JSON is by its name: <c>"NaN"</c>, <c>"Infinity"</c>,
/// <c>"-Infinity"</c>.
/// </summary>
internal static class ValueJson
{
    private const int LongestWhole = 24;

    public static void Write(AnswerBuffer to, HotType type, ReadOnlySpan<byte> value)
    {
        switch (type.Kind)
        {
            case HotKind.Float32:
                Number(to, MemoryMarshal.Read<float>(value));
                break;
            case HotKind.Float64:
                Number(to, MemoryMarshal.Read<double>(value));
                break;
            case HotKind.Float16:
                Number(to, (double)MemoryMarshal.Read<Half>(value));
                break;
            case HotKind.Bool:
                to.Write(value[0] != 0 ? "true"u8 : "false"u8);
                break;
            case HotKind.UInt64:
                BinaryPrimitives.ReadUInt64LittleEndian(value).TryFormat(to.Room(LongestWhole), out var digits);
                to.Advance(digits);
                break;
            case >= HotKind.Int8 and < HotKind.UInt64:
                ValueTexts.Whole(type, value).TryFormat(to.Room(LongestWhole), out var length);
                to.Advance(length);
                break;
            case HotKind.Timestamp:
                var (seconds, nanoseconds) = (ValueTexts.Seconds(type, value), ValueTexts.Nanoseconds(type, value));
                JsonTexts.WriteTime(to, seconds, nanoseconds, type.IsInstant ? "Z\""u8 : "\""u8);
                break;
            case HotKind.Text:
                JsonTexts.WriteText(to, value);
                break;
            case HotKind.List:
                List(to, new HotList(value, type));
                break;
            case HotKind.Binary or HotKind.Bytes when type.Name != "interval":
                JsonTexts.WriteBase64(to, value);
                break;
            default:
                to.Write((byte)'"');
                ValueTexts.Write(to, type, value);
                to.Write((byte)'"');
                break;
        }
    }

    private static void Number(AnswerBuffer to, double number)
    {
        if (double.IsFinite(number))
            to.Advance(PythonNumbers.Write(to.Room(PythonNumbers.MaxBytes), number));
        else
            to.Write(double.IsNaN(number) ? "\"NaN\""u8 : number > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8);
    }

    private static void List(AnswerBuffer to, HotList list)
    {
        to.Write((byte)'[');
        for (var elements = list.GetEnumerator(); elements.MoveNext();)
        {
            if (elements.Index > 0)
                to.Write((byte)',');
            if (elements.IsNull)
                to.Write("null"u8);
            else
                Write(to, list.Element, elements.Current);
        }

        to.Write((byte)']');
    }
}
