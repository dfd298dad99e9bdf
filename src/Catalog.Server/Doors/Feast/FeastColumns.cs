using Catalog.Hot;
using Catalog.Server.Doors.Online;

namespace Catalog.Server.Doors.Feast;

/// <summary>The parts of a column in the answer: values, statuses, event times.</summary>
internal static class FeastColumns
{
    private const long MicrosecondsOfSecond = 1_000_000;

    /// <summary>Writes the values of a feature, without brackets. What JSON has no value for becomes invalid.</summary>
    /// <param name="to">The answer.</param>
    /// <param name="slot">The feature's; null where rows are from before it was.</param>
    /// <param name="rows">Of its view, by row that was asked for: addresses, 0 for nothing.</param>
    /// <param name="statuses">By row; anything but <see cref="FieldStatus.Present"/> has no value.</param>
    public static void WriteValues(AnswerBuffer to, FeatureSlot? slot, ReadOnlySpan<nint> rows, Span<FieldStatus> statuses)
    {
        if (slot is { Type.Kind: HotKind.Float32 })
        {
            WriteFloats(to, slot, rows, statuses);
            return;
        }

        for (var i = 0; i < rows.Length; i++)
        {
            if (i > 0)
                to.Write((byte)',');
            if (slot is not null && statuses[i] == FieldStatus.Present)
            {
                if (FeastValues.TryWrite(to, slot.Type, new HotRow(rows[i]).ValueOf(slot)))
                    continue;
                statuses[i] = FieldStatus.Invalid;
            }

            to.Write("null"u8);
        }
    }

    /// <summary>The same of floats, which most values are: without a choice for each.</summary>
    private static void WriteFloats(AnswerBuffer to, FeatureSlot slot, ReadOnlySpan<nint> rows, Span<FieldStatus> statuses)
    {
        var start = to.Length;
        for (var i = 0; i < rows.Length; i++)
        {
            var room = to.Room(PythonNumbers.MaxBytes);
            var length = 0;
            if (statuses[i] == FieldStatus.Present && new HotRow(rows[i]).Read<float>(slot) is var number && float.IsFinite(number))
                length = PythonNumbers.Write(room, number);
            else
                length = WriteNull(room, ref statuses[i]);
            room[length] = (byte)',';
            to.Advance(length + 1);
        }

        EndList(to, start);
    }

    private static int WriteNull(Span<byte> room, ref FieldStatus status)
    {
        if (status == FieldStatus.Present)
            status = FieldStatus.Invalid;
        "null"u8.CopyTo(room);
        return 4;
    }

    /// <summary>Writes statuses by their names, without brackets.</summary>
    public static void WriteStatuses(AnswerBuffer to, ReadOnlySpan<FieldStatus> statuses)
    {
        var start = to.Length;
        foreach (var status in statuses)
            to.Write(NameOf(status));
        EndList(to, start);
    }

    /// <summary>Writes when rows became so, without brackets; the beginning of 1970 where there is no row.</summary>
    public static void WriteTimes(AnswerBuffer to, ReadOnlySpan<nint> rows)
    {
        var start = to.Length;
        foreach (var address in rows)
        {
            var row = new HotRow(address);
            if (row.IsThere)
                WriteTime(to, row.EventTime);
            else
                to.Write("\"1970-01-01T00:00:00Z\""u8);
            to.Write((byte)',');
        }

        EndList(to, start);
    }

    private static void WriteTime(AnswerBuffer to, long microseconds)
    {
        var (seconds, rest) = Math.DivRem(microseconds, MicrosecondsOfSecond);
        if (rest < 0)
            (seconds, rest) = (seconds - 1, rest + MicrosecondsOfSecond);
        JsonTexts.WriteTime(to, seconds, (int)rest * 1_000);
    }

    /// <summary>Takes back the last comma.</summary>
    private static void EndList(AnswerBuffer to, int start)
    {
        if (to.Length > start)
            to.Rewind(to.Length - 1);
    }

    private static ReadOnlySpan<byte> NameOf(FieldStatus status) => status switch
    {
        FieldStatus.Present => "\"PRESENT\","u8,
        FieldStatus.NullValue => "\"NULL_VALUE\","u8,
        FieldStatus.NotFound => "\"NOT_FOUND\","u8,
        FieldStatus.OutsideMaxAge => "\"OUTSIDE_MAX_AGE\","u8,
        _ => "\"INVALID\","u8,
    };
}
