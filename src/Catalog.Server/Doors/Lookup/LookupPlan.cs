using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using Catalog.Hot;
using Catalog.Server.Doors.Online;
using Catalog.Serving;

namespace Catalog.Server.Doors.Lookup;

/// <summary>
/// How packed rows become rows of an answer (<c>RowSchema</c> in catalog_lookup.proto): event times of all views, then for each view a
/// status and its bits, then values in the order asked. Slots that lie beside each other are copied at once.
/// </summary>
internal sealed class LookupPlan
{
    private LookupPlan(ReadPlan read)
    {
        Read = read;
        var at = read.Views.Count * sizeof(long);
        Views = [.. read.Views.Select((view, place) => ViewPlace.Of(view.View.Layout, place, IsLate(read, place), ref at))];
        Values = [.. read.Features.Select(f => ValuePlace.Of(f, Views[f.View], ref at))];
        RowBytes = at;
        Runs = [.. RunsOf(Values)];
        KeyNames = [.. read.Keys.Select(k => Encoding.UTF8.GetBytes(k.Name))];
        Schema = WriteSchema();
        SchemaId = Math.Max(1, XxHash3.HashToUInt64(Schema));
    }

    public ReadPlan Read { get; }

    /// <summary>Names of the keys, as requests write them.</summary>
    public ImmutableArray<byte[]> KeyNames { get; }

    public int RowBytes { get; }

    public ImmutableArray<ViewPlace> Views { get; }

    public ImmutableArray<ValuePlace> Values { get; }

    /// <summary>What is copied for a row: an array, since going through any other list would allocate for each row.</summary>
    public ImmutableArray<ValueRun> Runs { get; }

    /// <summary>The message <c>RowSchema</c>.</summary>
    public byte[] Schema { get; }

    /// <summary>Tells schemas apart; never 0.</summary>
    public ulong SchemaId { get; }

    public static LookupPlan Of(ReadPlan read) => new(read);

    /// <summary>Whether a feature of a view is asked for that rows do not have yet.</summary>
    private static bool IsLate(ReadPlan read, int view) => read.Features.Any(f => f.View == view && f.Slot is null);

    private static List<ValueRun> RunsOf(ImmutableArray<ValuePlace> values)
    {
        var runs = new List<ValueRun>();
        foreach (var value in values)
        {
            if (value.Slot is not { } slot)
                continue;
            var run = new ValueRun(value.View, slot.Offset, value.Offset, value.Width, slot.Type.IsVariable);
            if (runs.Count > 0 && runs[^1].Precedes(run))
                runs[^1] = runs[^1] with { Bytes = runs[^1].Bytes + run.Bytes };
            else
                runs.Add(run);
        }

        return runs;
    }

    private byte[] WriteSchema()
    {
        using var to = new AnswerBuffer();
        var proto = new ProtoWriter(to);
        proto.Whole(1, RowBytes);
        for (var view = 0; view < Views.Length; view++)
        {
            var message = proto.Begin(2);
            proto.Text(1, Read.Views[view].View.Node.ToString());
            proto.Whole(2, Views[view].EventTime);
            proto.Whole(3, Views[view].Status);
            proto.Whole(4, Views[view].Presence);
            proto.End(message);
        }

        foreach (var value in Values)
        {
            var message = proto.Begin(3);
            proto.Text(1, value.Name);
            proto.Whole(2, value.View);
            proto.Whole(3, value.Bit);
            proto.Whole(4, value.Offset);
            proto.Whole(5, value.Width);
            proto.Text(6, value.Type);
            proto.End(message);
        }

        return to.WrittenSpan.ToArray();
    }
}

/// <summary>Where a view's parts stand in a row of the answer.</summary>
/// <param name="PresenceBytes">Of the bits as packed rows have them.</param>
internal sealed record ViewPlace(int EventTime, int Status, int Presence, int PresenceBytes)
{
    /// <param name="hasLate">Whether there is one more byte, always zero, for features that rows do not have yet.</param>
    public static ViewPlace Of(RowLayout layout, int place, bool hasLate, ref int at)
    {
        var view = new ViewPlace(place * sizeof(long), at, at + 1, layout.PresenceBytes);
        at += 1 + layout.PresenceBytes + (hasLate ? 1 : 0);
        return view;
    }
}

/// <summary>Where a feature's value stands in a row of the answer.</summary>
internal sealed record ValuePlace(string Name, int View, int Bit, int Offset, int Width, string Type, FeatureSlot? Slot)
{
    public static ValuePlace Of(PlannedFeature feature, ViewPlace view, ref int at)
    {
        var width = feature.Type.Width;
        var value = new ValuePlace(
            feature.FullName, feature.View, feature.Slot?.Index ?? view.PresenceBytes * 8, at, width, feature.Type.Name, feature.Slot);
        at += width;
        return value;
    }
}

/// <summary>Bytes that go from a packed row to one of the answer.</summary>
/// <param name="IsVariable">Whether they tell where a value of any length is, and that goes along.</param>
internal sealed record ValueRun(int View, int From, int To, int Bytes, bool IsVariable)
{
    /// <summary>Whether the other lies behind this one in both rows, and both can be copied at once.</summary>
    public bool Precedes(ValueRun other) =>
        View == other.View && !IsVariable && !other.IsVariable && From + Bytes == other.From && To + Bytes == other.To;
}
