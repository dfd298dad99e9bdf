using Catalog.Access;
using Catalog.Hot;
using Catalog.Server.Doors.Online;
using Catalog.Serving;

namespace Catalog.Server.Doors.Resp;

/// <summary>
/// Answers <c>HGET</c>, <c>HMGET</c> and <c>HGETALL</c>: a row of a view is a hash with a field for each feature. Values are text: numbers
/// in digits, texts and bytes as they are, lists and the rest as our JSON has them, without quotes.
/// </summary>
internal static class RespHashes
{
    /// <summary>Writes the values of fields, each or null.</summary>
    public static void WriteValues(RespWriter to, RespFields fields, OnlineRead read)
    {
        foreach (var field in fields.Fields)
            WriteValue(to, field, read);
    }

    /// <summary>Writes the fields that have a value, by name; nothing where there is no row.</summary>
    public static void WriteAll(RespWriter to, RespFields fields, OnlineRead read)
    {
        to.Map(fields.Fields.Count(f => IsThere(f, read)));
        foreach (var field in fields.Fields)
        {
            if (!IsThere(field, read))
                continue;
            to.Bulk(field.NameBytes);
            WriteValue(to, field, read);
        }
    }

    private static bool IsThere(RespField field, OnlineRead read) =>
        field.Feature is { } feature && read.StatusOf(feature, 0) == ServingStatus.Present;

    private static void WriteValue(RespWriter to, RespField field, OnlineRead read)
    {
        if (field.Fact is { } fact)
            WriteFact(to, fact, read);
        else if (field.Feature is { Slot: { } slot } feature && read.StatusOf(feature, 0) == ServingStatus.Present)
            WriteValue(to, slot.Type, read.RowOf(feature.View, 0).ValueOf(slot));
        else
            to.Null();
    }

    private static void WriteValue(RespWriter to, HotType type, ReadOnlySpan<byte> value)
    {
        if (type.Kind is HotKind.Text or HotKind.Binary || (type.Kind == HotKind.Bytes && type.Name != "interval"))
        {
            to.Bulk(value);
            return;
        }

        var start = to.BeginBulk();
        ValueJson.Write(to.Buffer, type, value);
        to.EndBulk(start, isQuoted: to.Buffer.WrittenSpan[^1] == (byte)'"');
    }

    private static void WriteFact(RespWriter to, RowFact fact, OnlineRead read)
    {
        var row = read.RowOf(0, 0);
        var view = read.Plan.Views[0].View;
        if (fact == RowFact.Generation && view.GenerationNode.Length > 0)
            to.Text(view.GenerationNode);
        else if (fact == RowFact.Status)
            to.Bulk(!row.IsThere ? "not_found"u8 : read.IsFresh(view, row) ? "present"u8 : "outside_max_age"u8);
        else if (fact == RowFact.Masked && read.ObligedOf(0) is { Shown.Count: > 0 } obliged)
            to.Text(string.Join(',', obliged.Shown.OrderBy(s => s.Key, StringComparer.Ordinal).Select(Written)));
        else if (!row.IsThere || fact is RowFact.Generation or RowFact.Masked)
            to.Null();
        else if (fact == RowFact.EventTime)
            WriteTime(to, row.EventTime);
        else
            WriteOrigin(to, fact, row, view);
    }

    private static string Written(KeyValuePair<string, Mask> shown) => $"{Names.Encode(shown.Key)}={Masks.Write(shown.Value)}";

    private static void WriteOrigin(RespWriter to, RowFact fact, HotRow row, HotView view)
    {
        if (view.OriginOf(row) is { } origin)
            to.Text(fact == RowFact.Version ? view.OriginTextOf(row) ?? "" : $"{origin.Position}");
        else if (row.Origin == HotRow.Pushed && fact == RowFact.Version)
            to.Bulk("push"u8);
        else
            to.Null();
    }

    private static void WriteTime(RespWriter to, long microseconds)
    {
        const long MicrosecondsOfSecond = 1_000_000;
        var (seconds, rest) = Math.DivRem(microseconds, MicrosecondsOfSecond);
        if (rest < 0)
            (seconds, rest) = (seconds - 1, rest + MicrosecondsOfSecond);
        var start = to.BeginBulk();
        JsonTexts.WriteTime(to.Buffer, seconds, (int)rest * 1_000);
        to.EndBulk(start, isQuoted: true);
    }
}
