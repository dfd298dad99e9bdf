using Catalog.Hot;
using Catalog.Server.Doors.Online;
using Catalog.Serving;

namespace Catalog.Server.Doors.Feast;

/// <summary>Writes <c>feast.serving.GetOnlineFeaturesResponse</c>: what <see cref="FeastAnswer"/> says, on the wire of gRPC.</summary>
internal sealed class FeastProtoAnswer
{
    private const long MicrosecondsOfSecond = 1_000_000;
    private const int Metadata = 1;
    private const int Results = 2;
    private const int Values = 1;
    private const int Statuses = 2;
    private const int EventTimestamps = 3;

    private FieldStatus[] _statuses = new FieldStatus[128];

    public void Write(AnswerBuffer to, FeastPlan plan, OnlineRead read, KeyColumns keys)
    {
        if (_statuses.Length < keys.Rows)
            _statuses = new FieldStatus[keys.Rows * 2];
        var proto = new ProtoWriter(to);
        WriteNames(proto, plan, keys);
        foreach (var key in keys.Order)
            WriteKey(to, proto, keys[key]);
        foreach (var feature in plan.Read.Features)
            WriteFeature(to, proto, feature, read);
    }

    private static void WriteNames(ProtoWriter proto, FeastPlan plan, KeyColumns keys)
    {
        var metadata = proto.Begin(Metadata);
        var names = proto.Begin(1);
        foreach (var key in keys.Order)
            proto.Bytes(1, plan.Keys[key].Text);
        foreach (var name in plan.Names)
            proto.Text(1, name);
        proto.End(names);
        proto.End(metadata);
    }

    private void WriteKey(AnswerBuffer to, ProtoWriter proto, KeyColumn key)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        var statuses = _statuses.AsSpan(0, key.Count);
        statuses.Fill(FieldStatus.Present);
        var vector = proto.Begin(Results);
        for (var row = 0; row < key.Count; row++)
        {
            var value = proto.Begin(Values);
            if (!key.IsMissing(row) && !FeastProtoValues.TryWrite(to, key.Type, key.ValueOf(row, number)))
                statuses[row] = FieldStatus.Invalid;
            proto.End(value);
        }

        WriteStatuses(proto, statuses);
        for (var row = 0; row < key.Count; row++)
            WriteTime(proto, default);
        proto.End(vector);
    }

    private void WriteFeature(AnswerBuffer to, ProtoWriter proto, PlannedFeature feature, OnlineRead read)
    {
        var rows = read.RowsOf(feature.View);
        var statuses = _statuses.AsSpan(0, rows.Length);
        var type = read.TypeOf(feature);
        var vector = proto.Begin(Results);
        for (var i = 0; i < rows.Length; i++)
        {
            statuses[i] = (FieldStatus)read.StatusOf(feature, i);
            var value = proto.Begin(Values);
            if (feature.Slot is { } slot && statuses[i] == FieldStatus.Present
                && !FeastProtoValues.TryWrite(to, type, new HotRow(rows[i]).ValueOf(slot)))
                statuses[i] = FieldStatus.Invalid;
            proto.End(value);
        }

        WriteStatuses(proto, statuses);
        foreach (var row in rows)
            WriteTime(proto, new HotRow(row));
        proto.End(vector);
    }

    private static void WriteStatuses(ProtoWriter proto, ReadOnlySpan<FieldStatus> statuses)
    {
        var packed = proto.Begin(Statuses);
        foreach (var status in statuses)
            proto.Varints((ulong)status);
        proto.End(packed);
    }

    private static void WriteTime(ProtoWriter proto, HotRow row)
    {
        var timestamp = proto.Begin(EventTimestamps);
        if (row.IsThere)
        {
            var (seconds, rest) = Math.DivRem(row.EventTime, MicrosecondsOfSecond);
            if (rest < 0)
                (seconds, rest) = (seconds - 1, rest + MicrosecondsOfSecond);
            proto.Whole(1, seconds);
            proto.Whole(2, rest * 1_000);
        }

        proto.End(timestamp);
    }
}
