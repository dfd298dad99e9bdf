using System.Buffers.Binary;
using Catalog.Access;
using Catalog.Hot;
using Catalog.Server.Doors.Online;
using Catalog.Serving;

namespace Catalog.Server.Doors.Lookup;

/// <summary>Writes <c>LookupAnswer</c>: rows are copied, and nothing is looked at but what tells where values of any length are.</summary>
internal static class LookupAnswer
{
    /// <param name="to">The answer.</param>
    /// <param name="plan">How.</param>
    /// <param name="read">What was found.</param>
    /// <param name="known">The schema that the client has.</param>
    /// <param name="receipt">Whether to say where rows come from.</param>
    public static void Write(AnswerBuffer to, LookupPlan plan, OnlineRead read, ulong known, bool receipt)
    {
        var proto = new ProtoWriter(to);
        proto.Fixed(1, plan.SchemaId);
        if (known != plan.SchemaId)
            proto.Bytes(2, plan.Schema);

        using var variable = AnswerBuffer.Take();
        var bytes = checked(read.Count * plan.RowBytes);
        var start = proto.Begin(3);
        var rows = to.Room(bytes)[..bytes];
        rows.Clear();
        for (var i = 0; i < read.Count; i++)
            WriteRow(rows.Slice(i * plan.RowBytes, plan.RowBytes), variable, plan, read, i);
        to.Advance(bytes);
        proto.End(start);

        if (variable.Length > 0)
            proto.Bytes(4, variable.WrittenSpan);
        proto.Bool(5, read.IsStale);
        if (receipt)
            LookupReceipts.Write(proto, read);
        if (read.IsObliged)
            WriteObligations(proto, read);
    }

    /// <summary>What is masked, and of which views rows are left out: in each answer, since schemas are the same for all.</summary>
    private static void WriteObligations(ProtoWriter to, OnlineRead read)
    {
        for (var i = 0; i < read.Plan.Features.Count; i++)
        {
            if (read.MaskOf(read.Plan.Features[i]) is not { } mask)
                continue;
            var message = to.Begin(8);
            to.Whole(1, i);
            to.Text(2, Masks.Write(mask));
            to.End(message);
        }

        var filtered = to.Begin(9);
        for (var view = 0; view < read.Plan.Views.Count; view++)
        {
            if (read.ObligedOf(view) is { IsFiltered: true })
                to.Varints((ulong)view);
        }

        to.End(filtered);
    }

    private static void WriteRow(Span<byte> into, AnswerBuffer variable, LookupPlan plan, OnlineRead read, int i)
    {
        for (var view = 0; view < plan.Views.Length; view++)
            WriteHead(into, plan.Views[view], read, view, i);
        foreach (var run in plan.Runs)
        {
            if (into[plan.Views[run.View].Status] != (byte)FieldStatus.Present)
                continue;
            var row = read.RowOf(run.View, i);
            var from = row.Bytes.Slice(run.From, run.Bytes);
            if (run.IsVariable)
                WriteVariable(into[run.To..], variable, row.Bytes, from);
            else
                from.CopyTo(into[run.To..]);
        }
    }

    private static void WriteHead(Span<byte> into, ViewPlace place, OnlineRead read, int view, int i)
    {
        var row = read.RowOf(view, i);
        if (!row.IsThere)
        {
            into[place.Status] = (byte)FieldStatus.NotFound;
            return;
        }

        BinaryPrimitives.WriteInt64LittleEndian(into[place.EventTime..], row.EventTime);
        var isFresh = read.IsFresh(read.Plan.Views[view].View, row);
        into[place.Status] = (byte)(isFresh ? FieldStatus.Present : FieldStatus.OutsideMaxAge);
        if (isFresh)
            row.Bytes.Slice(RowLayout.HeaderBytes, place.PresenceBytes).CopyTo(into[place.Presence..]);
    }

    private static void WriteVariable(Span<byte> into, AnswerBuffer variable, ReadOnlySpan<byte> row, ReadOnlySpan<byte> slot)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(slot[4..]);
        if (length == 0)
            return;
        BinaryPrimitives.WriteInt32LittleEndian(into, variable.Length);
        BinaryPrimitives.WriteInt32LittleEndian(into[4..], length);
        variable.Write(row.Slice(BinaryPrimitives.ReadInt32LittleEndian(slot), length));
    }
}
