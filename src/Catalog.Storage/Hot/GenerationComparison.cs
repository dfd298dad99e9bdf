using Apache.Arrow;
using Catalog.Hot;

namespace Catalog.Storage.Hot;

/// <summary>How a generation differs from what it should be.</summary>
/// <param name="Rows">Keys that were compared: those of either.</param>
/// <param name="Missing">Keys that have no row, and should.</param>
/// <param name="Extra">Keys that have a row, and should not.</param>
/// <param name="Values">Values that differ.</param>
/// <param name="Shown">The first of all these.</param>
public sealed record GenerationDifferences(long Rows, long Missing, long Extra, long Values, IReadOnlyList<DifferentRow> Shown)
{
    public bool AreNone => Missing == 0 && Extra == 0 && Values == 0;
}

/// <summary>A key whose row is not as it should be: its row in either, as a batch of one row; null where there is none.</summary>
/// <param name="Expected">What should be.</param>
/// <param name="Found">What is.</param>
/// <param name="Features">Of those that differ; all where one is missing.</param>
public sealed record DifferentRow(RecordBatch? Expected, RecordBatch? Found, IReadOnlyList<string> Features);

/// <summary>Compares two generations of one definition, value by value. Where rows came from, and when, does not count.</summary>
public sealed class GenerationComparison(Generation expected, Generation found, int mostShown)
{
    private const int Window = 512;

    private readonly List<DifferentRow> _shown = [];
    private readonly KeyBatch _keys = new();
    private readonly nint[] _others = new nint[Window];
    private long _values;

    public GenerationDifferences Compare(CancellationToken ct)
    {
        var missing = Against(expected, found, countValues: true, ct);
        var extra = Against(found, expected, countValues: false, ct);
        GC.KeepAlive(expected);
        GC.KeepAlive(found);
        return new(expected.Rows + extra, missing, extra, _values, _shown);
    }

    /// <returns>How many keys the other does not have.</returns>
    private long Against(Generation one, Generation other, bool countValues, CancellationToken ct)
    {
        var without = 0L;
        foreach (var rows in one.All().Chunk(Window))
        {
            ct.ThrowIfCancellationRequested();
            Find(one, rows, other);
            for (var i = 0; i < rows.Length; i++)
            {
                if (_others[i] == 0)
                    Show(countValues ? rows[i] : 0, countValues ? 0 : rows[i], without++);
                else if (countValues)
                    CompareValues(new HotRow(rows[i]), new HotRow(_others[i]));
            }
        }

        return without;
    }

    private void Find(Generation one, nint[] rows, Generation other)
    {
        _keys.Reset(one.Layout.Keys);
        foreach (var address in rows)
        {
            var row = new HotRow(address);
            if (one.Layout.Keys.IsOneNumber)
                _keys.Add(row.Key);
            else
                _keys.AddBytes(row.KeyBytes(one.Layout));
        }

        other.Find(_keys, _others);
    }

    private void CompareValues(HotRow wanted, HotRow stored)
    {
        List<string>? differ = null;
        foreach (var slot in expected.Layout.Slots)
        {
            var other = found.Layout.Slots[slot.Index];
            if (wanted.Has(slot) == stored.Has(other) && (!wanted.Has(slot) || wanted.ValueOf(slot).SequenceEqual(stored.ValueOf(other))))
                continue;
            _values++;
            (differ ??= []).Add(slot.Name);
        }

        if (differ is not null && _shown.Count < mostShown)
            _shown.Add(new(BatchOf(expected, wanted.Address), BatchOf(found, stored.Address), differ));
    }

    private void Show(nint wanted, nint stored, long before)
    {
        if (_shown.Count >= mostShown || before >= mostShown)
            return;
        _shown.Add(new(
            wanted == 0 ? null : BatchOf(expected, wanted), stored == 0 ? null : BatchOf(found, stored),
            [.. expected.Layout.Slots.Select(s => s.Name)]));
    }

    private static RecordBatch BatchOf(Generation generation, nint row) => PackedRows.Values(generation.Header.Definition, [row]);
}
