using Catalog.Hot;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;

namespace Catalog.Server.Doors.Feast;

/// <summary>Reads what a request gives for a join key as <c>feast.types.RepeatedValue</c>.</summary>
internal static class FeastProtoKeys
{
    /// <exception cref="ProblemException">A value is not of the key's type, or there are too many.</exception>
    public static void Read(ReadOnlySpan<byte> values, KeyColumn into)
    {
        var list = new ProtoReader(values);
        while (list.Next())
        {
            if (list.Field != 1)
            {
                list.Skip();
                continue;
            }

            if (into.Count == RowLimit.MostRows)
                throw RowLimit.Exceeded();
            ReadValue(list.Bytes(), into);
        }
    }

    private static void ReadValue(ReadOnlySpan<byte> message, KeyColumn into)
    {
        const int Null = 19;
        var value = new ProtoReader(message);
        if (!value.Next() || value.Field == Null)
            into.AddMissing();
        else if (!TryRead(ref value, into))
        {
            throw new ProblemException(Problem.Field(
                "request.invalid",
                into.Field,
                $"'{into.Key.Name}' is of another type in row {into.Count}; it must be {KeyTexts.Wanted(into.Type)}."));
        }
    }

    private static bool TryRead(ref ProtoReader value, KeyColumn into) => ((FeastType)value.Field, into.Type.Kind) switch
    {
        (FeastType.Int32 or FeastType.Int64, >= HotKind.Int8 and <= HotKind.UInt64) => TryAdd((long)value.Whole(), into),
        (FeastType.Bool, HotKind.Bool) => TryAdd((long)value.Whole(), into),
        (FeastType.UnixTimestamp or FeastType.Int64, HotKind.Timestamp) =>
            KeyTimes.TryScale((long)value.Whole(), into.Type.Scale, out var units) && TryAdd(units, into),
        (FeastType.String or FeastType.Json, HotKind.Text) => Added(value.Bytes(), into),
        (FeastType.Bytes, HotKind.Binary) => Added(value.Bytes(), into),
        (FeastType.Bytes, HotKind.Bytes) => value.Bytes() is var bytes && bytes.Length == into.Type.Width && Added(bytes, into),
        (FeastType.String or FeastType.Uuid or FeastType.Decimal, _) => KeyTexts.TryRead(value.Bytes(), into),
        _ => false,
    };

    private static bool TryAdd(long number, KeyColumn into)
    {
        if (!HotNumbers.Fits(into.Type.Kind, number))
            return false;
        into.Add(number);
        return true;
    }

    private static bool Added(ReadOnlySpan<byte> value, KeyColumn into)
    {
        into.Add(value);
        return true;
    }
}
