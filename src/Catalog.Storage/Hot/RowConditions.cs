using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Storage.Columnar;

namespace Catalog.Storage.Hot;

/// <summary>
/// What packed rows have to meet, by their keys and features, whether those are asked for or not. It is compared as a scan compares columns
/// (<see cref="Condition"/>). Used by several threads at once.
/// </summary>
public sealed class RowConditions
{
    private readonly RowLayout _layout;
    private readonly Schema _keys;
    private readonly List<(int Part, RowTest Test)> _ofKeys = [];
    private readonly List<(FeatureSlot Slot, IArrowType Type, RowTest Test)> _ofFeatures = [];
    private readonly bool _isNeverMet;

    /// <param name="definition">Of the view.</param>
    /// <param name="layout">
    /// Of the rows: of all features of the definition, or the first of them; the others have no value in any row.
    /// </param>
    /// <param name="conditions">All of which rows have to meet.</param>
    /// <exception cref="ScanException"><see cref="ScanException.BadCondition"/>: one does not fit the view.</exception>
    public RowConditions(FeatureDefinition definition, RowLayout layout, IReadOnlyList<Condition> conditions)
    {
        var fields = SchemaOf(definition).FieldsList;
        var parts = layout.Keys.Parts.Count;
        (_layout, _keys) = (layout, new(fields.Take(parts), metadata: null));
        foreach (var condition in conditions)
        {
            var place = fields.ToList().FindIndex(f => f.Name == condition.Column);
            if (place < 0)
                throw new ScanException(ScanException.BadCondition, $"The view has no key and no feature '{condition.Column}'.");
            var test = RowTests.Of(condition, fields[place]);
            if (place < parts)
                _ofKeys.Add((place, test));
            else if (place - parts < layout.Slots.Count)
                _ofFeatures.Add((layout.Slots[place - parts], fields[place].DataType, test));
            else
                _isNeverMet |= condition.Comparison != Comparison.IsNull;
        }
    }

    /// <summary>What can be compared: the keys of a view, and its features.</summary>
    public static Schema SchemaOf(FeatureDefinition definition) =>
        new(PushedRows.SchemaOf(definition).FieldsList.SkipLast(PushedRows.OwnColumns.Count), metadata: null);

    /// <summary>Leaves rows out that do not meet them.</summary>
    /// <param name="rows">By key, addresses; 0 where there is none, and then also where one was left out.</param>
    public void LeaveOut(Span<nint> rows)
    {
        if (_isNeverMet)
            rows.Clear();
        var found = SlotColumn.Found(rows);
        if (found.Length == 0)
            return;
        var marks = new bool[found.Length];
        marks.AsSpan().Fill(true);
        if (_ofKeys.Count > 0)
        {
            var keys = GenerationKeys.Columns(_layout, _keys, found);
            foreach (var (part, test) in _ofKeys)
                test.Mark(keys[part].Data, marks);
        }

        foreach (var (slot, type, test) in _ofFeatures)
            test.Mark(SlotColumn.Of(slot, type, found, BufferSource.Collected), marks);

        var next = 0;
        foreach (ref var row in rows)
        {
            if (row != 0 && !marks[next++])
                row = 0;
        }
    }
}
