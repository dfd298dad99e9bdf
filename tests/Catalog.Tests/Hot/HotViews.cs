using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Features;
using Catalog.Hot;
using Xunit;

namespace Catalog.Tests.Hot;

internal sealed record HotEvent(long Id, string Group, long Time, long Created, double Value, string? Text);

/// <summary>Views to test with, and their rows.</summary>
internal static class HotViews
{
    private static readonly FeatureSource s_source = new(NodeId.Dataset("t", "events"), "at", "written");

    private static readonly Feature[] s_features =
    [
        new("value", "float64", "value"), new("narrow", "float32", "value32"), new("text", "string", "text"),
        new("even", "bool", "even"), new("parts", "list(string)", "parts"), new("numbers", "list(int32)", "numbers"),
    ];

    /// <summary>Of rows of one length.</summary>
    public static FeatureDefinition Fixed { get; } = new(
        [new Entity("thing", [new EntityKey("id", "int64", "id")])], s_source, [s_features[0], s_features[1], s_features[3]]);

    public static FeatureDefinition ByNumber { get; } = new(
        [new Entity("thing", [new EntityKey("id", "int64", "id")])], s_source, s_features);

    public static FeatureDefinition ByTextAndNumber { get; } = new(
        [new Entity("group", [new EntityKey("group", "string", "group")]), new Entity("thing", [new EntityKey("id", "int64", "id")])],
        s_source, s_features);

    public static RecordBatch Batch(IReadOnlyList<HotEvent> events)
    {
        var time = new TimestampType(TimeUnit.Microsecond, "UTC");
        var at = new TimestampArray.Builder(time);
        var written = new TimestampArray.Builder(time);
        var parts = new ListArray.Builder(StringType.Default);
        var numbers = new ListArray.Builder(Int32Type.Default);
        var text = new StringArray.Builder();
        foreach (var e in events)
        {
            at.Append(DateTimeOffset.UnixEpoch.AddMicroseconds(e.Time));
            written.Append(DateTimeOffset.UnixEpoch.AddMicroseconds(e.Created));
            if (e.Text is null)
                text.AppendNull();
            else
                text.Append(e.Text);
            AppendLists(e, parts, numbers);
        }

        return new RecordBatch.Builder()
            .Append("id", nullable: false, new Int64Array.Builder().AppendRange(events.Select(e => e.Id)).Build())
            .Append("group", nullable: false, new StringArray.Builder().AppendRange(events.Select(e => e.Group)).Build())
            .Append("at", nullable: false, at.Build())
            .Append("written", nullable: false, written.Build())
            .Append("value", nullable: false, new DoubleArray.Builder().AppendRange(events.Select(e => e.Value)).Build())
            .Append("value32", nullable: false, new FloatArray.Builder().AppendRange(events.Select(e => (float)e.Value)).Build())
            .Append("text", nullable: true, text.Build())
            .Append("even", nullable: false, new BooleanArray.Builder().AppendRange(events.Select(IsEven)).Build())
            .Append("parts", nullable: true, parts.Build())
            .Append("numbers", nullable: true, numbers.Build())
            .Build();
    }

    public static void AddKey(KeyBatch keys, long id, string group)
    {
        if (keys.AreNumbers)
        {
            keys.Add(id);
            return;
        }

        keys.Part(Encoding.UTF8.GetBytes(group));
        keys.Part(id);
        keys.EndKey();
    }

    public static void AssertIs(HotEvent e, HotRow row, RowLayout layout)
    {
        Assert.Equal((e.Time, e.Created), (row.EventTime, row.Created));
        foreach (var slot in layout.Slots)
            Assert.Equal(ValueOf(e, slot.Name), Read(row, slot));
    }

    /// <summary>A value as text that can be compared: null is "-".</summary>
    public static string Read(HotRow row, FeatureSlot slot)
    {
        if (!row.Has(slot))
            return "-";
        return slot.Type.Kind switch
        {
            HotKind.Float64 => row.Read<double>(slot).ToString("R"),
            HotKind.Float32 => row.Read<float>(slot).ToString("R"),
            HotKind.Bool => row.Read<bool>(slot).ToString(),
            HotKind.Text => Encoding.UTF8.GetString(row.ValueOf(slot)),
            _ => ReadList(new HotList(row.ValueOf(slot), slot.Type)),
        };
    }

    private static string ReadList(HotList list)
    {
        var found = new StringBuilder("[");
        foreach (var element in list)
            found.Append(list.Element.IsVariable ? Encoding.UTF8.GetString(element) : BitConverter.ToInt32(element)).Append(',');
        return found.Append(']').ToString();
    }

    private static string ValueOf(HotEvent e, string feature) => feature switch
    {
        "value" => e.Value.ToString("R"),
        "narrow" => ((float)e.Value).ToString("R"),
        "text" => e.Text ?? "-",
        "even" => IsEven(e).ToString(),
        "parts" => e.Text is null ? "-" : "[" + string.Concat(Parts(e).Select(p => p + ",")) + "]",
        _ => "[" + string.Concat(Numbers(e).Select(n => (n ?? 0) + ",")) + "]",
    };

    private static bool IsEven(HotEvent e) => e.Id % 2 == 0;

    private static IEnumerable<string> Parts(HotEvent e) => (e.Text ?? "").Split('a');

    private static IEnumerable<int?> Numbers(HotEvent e) =>
        Enumerable.Range(0, (int)(e.Time % 4)).Select(i => i == 1 ? (int?)null : i + (int)e.Created);

    private static void AppendLists(HotEvent e, ListArray.Builder parts, ListArray.Builder numbers)
    {
        if (e.Text is null)
            parts.AppendNull();
        else
        {
            parts.Append();
            ((StringArray.Builder)parts.ValueBuilder).AppendRange(Parts(e));
        }

        numbers.Append();
        foreach (var number in Numbers(e))
        {
            if (number is { } n)
                ((Int32Array.Builder)numbers.ValueBuilder).Append(n);
            else
                ((Int32Array.Builder)numbers.ValueBuilder).AppendNull();
        }
    }
}
