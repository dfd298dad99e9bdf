using System.Text;
using System.Text.Json;
using Catalog.Access;
using Catalog.Hot;
using Catalog.Serving;

namespace Catalog.Server.Doors.Online;

/// <summary>Writes <see cref="FeatureValues"/> from packed rows, without making any.</summary>
internal static class FeatureValuesJson
{
    private const long MicrosecondsOfSecond = 1_000_000;

    public static void Write(AnswerBuffer to, OnlineRead read, bool receipt)
    {
        to.Write("{\"columns\":["u8);
        foreach (var feature in read.Plan.Features)
            WriteColumn(to, feature, read);
        EndList(to);
        to.Write("],\"views\":["u8);
        for (var view = 0; view < read.Plan.Views.Count; view++)
            WriteView(to, read, view, receipt);
        EndList(to);
        to.Write(read.IsStale ? "],\"stale\":true}"u8 : "],\"stale\":false}"u8);
    }

    private static void WriteColumn(AnswerBuffer to, PlannedFeature feature, OnlineRead read)
    {
        to.Write("{\"view\":"u8);
        feature.View.TryFormat(to.Room(16), out var length);
        to.Advance(length);
        Member(to, ",\"name\":"u8, feature.Name);
        Member(to, ",\"type\":"u8, read.TypeOf(feature).Name);
        if (read.MaskOf(feature) is { } mask)
            Member(to, ",\"mask\":"u8, Masks.Write(mask));
        to.Write(",\"values\":["u8);
        var present = 0;
        for (var i = 0; i < read.Count; i++)
        {
            if (feature.Slot is { } slot && read.StatusOf(feature, i) == ServingStatus.Present)
            {
                ValueJson.Write(to, slot.Type, read.RowOf(feature.View, i).ValueOf(slot));
                present++;
            }
            else
            {
                to.Write("null"u8);
            }

            to.Write((byte)',');
        }

        EndList(to);
        to.Write((byte)']');
        if (present < read.Count)
            WriteStatuses(to, feature, read);
        to.Write("},"u8);
    }

    private static void WriteStatuses(AnswerBuffer to, PlannedFeature feature, OnlineRead read)
    {
        to.Write(",\"statuses\":["u8);
        for (var i = 0; i < read.Count; i++)
        {
            to.Write(read.StatusOf(feature, i) switch
            {
                ServingStatus.Present => "\"present\","u8,
                ServingStatus.NullValue => "\"nullValue\","u8,
                ServingStatus.OutsideMaxAge => "\"outsideMaxAge\","u8,
                _ => "\"notFound\","u8,
            });
        }

        EndList(to);
        to.Write((byte)']');
    }

    private static void WriteView(AnswerBuffer to, OnlineRead read, int view, bool receipt)
    {
        var served = read.Plan.Views[view].View;
        Member(to, "{\"node\":"u8, served.Node.ToString());
        Member(to, ",\"tier\":"u8, JsonNamingPolicy.CamelCase.ConvertName(read.TierOf(view).ToString()));
        to.Write(",\"eventTimes\":["u8);
        for (var i = 0; i < read.Count; i++)
        {
            WriteTime(to, read.RowOf(view, i));
            to.Write((byte)',');
        }

        EndList(to);
        to.Write((byte)']');
        if (read.ObligedOf(view) is { IsFiltered: true })
            to.Write(",\"filtered\":true"u8);
        if (receipt)
            WriteReceipt(to, read, view, served);
        to.Write("},"u8);
    }

    private static void WriteReceipt(AnswerBuffer to, OnlineRead read, int view, HotView served)
    {
        if (served.GenerationNode.Length > 0)
            Member(to, ",\"generation\":"u8, served.GenerationNode);
        if (served.RunNode.Length > 0)
            Member(to, ",\"run\":"u8, served.RunNode);

        to.Write(",\"origins\":["u8);
        for (var i = 0; i < read.Count; i++)
        {
            WriteOrigin(to, read.RowOf(view, i), served);
            to.Write((byte)',');
        }

        EndList(to);
        to.Write("],\"positions\":["u8);
        for (var i = 0; i < read.Count; i++)
        {
            if (read.RowOf(view, i) is { IsThere: true } row && served.OriginOf(row) is { } origin)
                to.WriteNumber(origin.Position);
            else
                to.Write("null"u8);
            to.Write((byte)',');
        }

        EndList(to);
        to.Write((byte)']');
    }

    private static void WriteOrigin(AnswerBuffer to, HotRow row, HotView served)
    {
        if (row is { IsThere: true, Origin: HotRow.Pushed })
            to.Write("\"push\""u8);
        else if (row.IsThere && served.OriginTextOf(row) is { } origin)
            Text(to, origin);
        else
            to.Write("null"u8);
    }

    private static void WriteTime(AnswerBuffer to, HotRow row)
    {
        if (!row.IsThere)
        {
            to.Write("null"u8);
            return;
        }

        var (seconds, rest) = Math.DivRem(row.EventTime, MicrosecondsOfSecond);
        if (rest < 0)
            (seconds, rest) = (seconds - 1, rest + MicrosecondsOfSecond);
        JsonTexts.WriteTime(to, seconds, (int)rest * 1_000);
    }

    private static void Member(AnswerBuffer to, ReadOnlySpan<byte> name, string value)
    {
        to.Write(name);
        Text(to, value);
    }

    private static void Text(AnswerBuffer to, string text) => JsonTexts.WriteText(to, Encoding.UTF8.GetBytes(text));

    /// <summary>Takes back a comma behind the last element.</summary>
    private static void EndList(AnswerBuffer to)
    {
        if (to.WrittenSpan[^1] == (byte)',')
            to.Rewind(to.Length - 1);
    }
}
