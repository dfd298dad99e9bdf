using System.Runtime.InteropServices;
using Catalog.Server.Doors.Online;
using Catalog.Serving;

namespace Catalog.Server.Doors.Feast;

/// <summary>
/// Writes the answer of <c>/get-online-features</c>: by column, join keys first, in the order of the request. Reusable. All features of a
/// view have the same event times, so those are written once for a view, and copied; and so are the statuses of columns that are whole.
/// </summary>
internal sealed class FeastAnswer
{
    private FieldStatus[] _statuses = new FieldStatus[128];
    private (int Start, int Length)[] _times = new (int, int)[4];
    private (int Start, int Length) _present;

    public void Write(AnswerBuffer to, FeastPlan plan, OnlineRead read, KeyColumns keys)
    {
        Begin(plan, keys.Rows);
        to.Write("{\"results\":["u8);
        for (var i = 0; i < keys.Order.Count; i++)
            WriteKey(to, keys[keys.Order[i]]);
        for (var i = 0; i < plan.Read.Features.Count; i++)
            WriteFeature(to, plan.Read.Features[i], read);
        EndList(to);

        to.Write("],\"metadata\":{\"feature_names\":["u8);
        for (var i = 0; i < keys.Order.Count; i++)
        {
            to.Write(plan.Keys[keys.Order[i]].Json);
            to.Write((byte)',');
        }

        to.Write(plan.NamesJson);
        to.Write("]}}"u8);
    }

    private void Begin(FeastPlan plan, int rows)
    {
        if (_statuses.Length < rows)
            _statuses = new FieldStatus[rows * 2];
        if (_times.Length < plan.Read.Views.Count)
            _times = new (int, int)[plan.Read.Views.Count];
        _times.AsSpan().Clear();
        _present = default;
    }

    private static void WriteKey(AnswerBuffer to, KeyColumn key)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        to.Write("{\"values\":["u8);
        for (var row = 0; row < key.Count; row++)
        {
            if (key.IsMissing(row) || !FeastValues.TryWrite(to, key.Type, key.ValueOf(row, number)))
                to.Write("null"u8);
            to.Write((byte)',');
        }

        EndList(to);
        to.Write("],\"statuses\":["u8);
        WriteAlike(to, "\"PRESENT\","u8, key.Count);
        to.Write("],\"event_timestamps\":["u8);
        WriteAlike(to, "\"1970-01-01T00:00:00Z\","u8, key.Count);
        to.Write("]},"u8);
    }

    private void WriteFeature(AnswerBuffer to, PlannedFeature feature, OnlineRead read)
    {
        var rows = read.RowsOf(feature.View);
        var statuses = _statuses.AsSpan(0, read.Count);
        read.StatusesOf(feature, MemoryMarshal.Cast<FieldStatus, ServingStatus>(statuses));

        to.Write("{\"values\":["u8);
        FeastColumns.WriteValues(to, feature.Slot, rows, statuses);
        to.Write("],\"statuses\":["u8);
        WriteStatuses(to, statuses);
        to.Write("],\"event_timestamps\":["u8);
        WriteTimes(to, feature.View, rows);
        to.Write("]},"u8);
    }

    private void WriteStatuses(AnswerBuffer to, ReadOnlySpan<FieldStatus> statuses)
    {
        if (statuses.IndexOfAnyExcept(FieldStatus.Present) >= 0)
        {
            FeastColumns.WriteStatuses(to, statuses);
            return;
        }

        if (_present is { Length: > 0 } written)
        {
            to.Repeat(written.Start, written.Length);
            return;
        }

        var start = to.Length;
        FeastColumns.WriteStatuses(to, statuses);
        _present = (start, to.Length - start);
    }

    private void WriteTimes(AnswerBuffer to, int view, ReadOnlySpan<nint> rows)
    {
        if (_times[view] is { Length: > 0 } written)
        {
            to.Repeat(written.Start, written.Length);
            return;
        }

        var start = to.Length;
        FeastColumns.WriteTimes(to, rows);
        _times[view] = (start, to.Length - start);
    }

    private static void WriteAlike(AnswerBuffer to, ReadOnlySpan<byte> one, int count)
    {
        for (var i = 0; i < count; i++)
            to.Write(one);
        if (count > 0)
            EndList(to);
    }

    private static void EndList(AnswerBuffer to)
    {
        if (to.WrittenSpan[^1] == (byte)',')
            to.Rewind(to.Length - 1);
    }
}
