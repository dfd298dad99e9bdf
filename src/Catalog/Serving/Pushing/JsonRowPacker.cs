using System.Text.Json;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Storage.Hot;

namespace Catalog.Serving.Pushing;

/// <summary>Packs rows that came as JSON. Says what is wrong with one by the field that it is wrong in.</summary>
/// <param name="latest">The latest time that a row may say it became so at.</param>
internal sealed class JsonRowPacker(RowLayout layout, DateTimeOffset latest)
{
    private const int MostBytes = 1 << 20;

    private readonly Dictionary<string, FeatureSlot> _slots = layout.Slots.ToDictionary(s => s.Name, StringComparer.Ordinal);
    private readonly KeyBatch _keys = new();
    private readonly RowPacker _packer = new(layout);

    /// <param name="row">What came.</param>
    /// <param name="field">What stands in front of its members where it came: <c>rows[3].</c>, or nothing.</param>
    public Outcome<byte[]> Pack(PushRows.Row row, string field)
    {
        if (Key(row, field) is { } wrongKey)
            return wrongKey;
        if (row.EventTime > latest)
            return Wrong($"{field}eventTime", $"must not be later than it is here: {row.EventTime:O} is behind {latest:O}.");
        var created = row.CreatedTime is { } at ? Microseconds(at) : HotRow.NoTime;
        _packer.Begin(_keys, 0, Microseconds(row.EventTime), created);
        foreach (var (name, value) in row.Features)
        {
            if (!_slots.TryGetValue(name, out var slot))
            {
                return Wrong(
                    $"{field}features.{name}",
                    $"is no feature of the view; it has {string.Join(", ", layout.Slots.Select(s => s.Name))}.");
            }

            if (value.ValueKind != JsonValueKind.Null && Set(slot, value) is { } wrong)
                return Wrong($"{field}features.{name}", wrong);
        }

        var packed = _packer.End();
        return packed.Length <= MostBytes
            ? packed.ToArray()
            : Wrong($"{field}features", $"must take {MostBytes} bytes at most together with the keys, and takes {packed.Length}.");
    }

    private Problem? Key(PushRows.Row row, string field)
    {
        _keys.Reset(layout.Keys);
        if (row.Keys.Keys.FirstOrDefault(k => layout.Keys.Parts.All(p => p.Name != k)) is { } unknown)
        {
            return Wrong(
                $"{field}keys.{unknown}", $"is no key of the view; it has {string.Join(", ", layout.Keys.Parts.Select(p => p.Name))}.");
        }

        for (var part = 0; part < layout.Keys.Parts.Count; part++)
        {
            var (name, type) = (layout.Keys.Parts[part].Name, layout.Keys.Types[part]);
            if (!row.Keys.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null)
                return Wrong($"{field}keys.{name}", $"must be there, as {JsonValues.Wanted(type)}.");
            if (JsonValues.Read(type, value) is not { } bytes)
                return Wrong($"{field}keys.{name}", $"must be {JsonValues.Wanted(type)}, not {Shown(value)}.");
            AddPart(type, bytes);
        }

        if (!layout.Keys.IsOneNumber)
            _keys.EndKey();
        return null;
    }

    private void AddPart(HotType type, byte[] bytes)
    {
        if (layout.Keys.IsOneNumber)
            _keys.Add(JsonValues.NumberOf(type, bytes));
        else if (KeyLayout.IsNumber(type))
            _keys.Part(JsonValues.NumberOf(type, bytes));
        else
            _keys.Part(bytes);
    }

    /// <returns>What is wrong with the value; null where nothing is.</returns>
    private string? Set(FeatureSlot slot, JsonElement value)
    {
        if (slot.Type.Element is { } element)
            return SetList(slot, element, value);
        if (JsonValues.Read(slot.Type, value) is not { } bytes)
            return $"must be {JsonValues.Wanted(slot.Type)}, not {Shown(value)}.";
        _packer.Set(slot, bytes);
        return null;
    }

    private string? SetList(FeatureSlot slot, HotType element, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return $"must be a list of {JsonValues.Wanted(element)}, not {Shown(value)}.";
        var elements = new List<byte[]?>();
        foreach (var item in value.EnumerateArray())
        {
            var bytes = item.ValueKind == JsonValueKind.Null ? null : JsonValues.Read(element, item);
            if (bytes is null && item.ValueKind != JsonValueKind.Null)
                return $"must be a list of {JsonValues.Wanted(element)}; its element {elements.Count} is {Shown(item)}.";
            elements.Add(bytes);
        }

        if (Catalog.Features.FeatureType.DimensionsOf(slot.Type.Name) is { } dimensions && elements.Count != dimensions)
            return $"must be {dimensions} numbers, not {elements.Count}.";
        _packer.Set(slot, elements);
        return null;
    }

    private static Problem Wrong(string field, string message) => Problem.Field("request.invalid", field, message);

    private static string Shown(JsonElement value) =>
        value.GetRawText() is { Length: > 60 } lengthy ? lengthy[..60] + "…" : value.GetRawText();

    private static long Microseconds(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
