using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using Column = Catalog.Schemas.Column;

namespace Catalog.Storage.Columnar.Managed;

/// <summary>
/// Builds a column from the levels of its leaves (Dremel). A slot is a place for a value: an entry of the first leaf below whose
/// repetition level is no deeper than the lists around it, and whose definition level says that the innermost of them has an element.
/// </summary>
internal sealed class NestedAssembly(LeafValues[] leaves)
{
    private int _next;

    public ArrayData Build(Column column, Field field) => Build(column, field.DataType, default);

    /// <param name="Defined">The level from which a slot exists.</param>
    /// <param name="Depth">How many lists are around it.</param>
    /// <param name="Level">The level from which everything above is there.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Place(int Defined, int Depth, int Level);

    private ArrayData Build(Column column, IArrowType type, Place at) => type switch
    {
        StructType nested => Struct(column, nested, at),
        ListType list => List(column, list, [list.ValueField], at),
        MapType map => List(column, map, [map.KeyField, map.ValueField], at),
        _ => Plain(type, at),
    };

    private ArrayData Plain(IArrowType type, Place at)
    {
        var leaf = leaves[_next++];
        if (leaf.Definition is not { } levels)
            return leaf.ToArray(type, valid: null, leaf.Entries);

        // A leaf that is required has a value in each slot that is there, unless a struct around it is null.
        var valid = new List<bool>(leaf.Entries);
        foreach (var level in levels)
        {
            if (level >= at.Defined)
                valid.Add(level == leaf.MaxDefinition);
        }

        return leaf.ToArray(type, [.. valid], valid.Count);
    }

    private ArrayData Struct(Column column, StructType type, Place at)
    {
        var level = at.Level + (column.Nullable ? 1 : 0);
        var valid = Slots(leaves[_next], at).Select(l => l >= level).ToArray();
        var children = (column.Children ?? [])
            .Zip(type.Fields, (child, field) => Build(child, field.DataType, at with { Level = level })).ToArray();
        return System.Array.TrueForAll(children, c => c.Length == valid.Length)
            ? new(type, valid.Length, valid.AsSpan().Count(false), 0, [Validity(valid)], children)
            : throw new InvalidDataException($"the fields of '{column.Name}' do not agree on how many there are");
    }

    private ArrayData List(Column column, NestedType type, Field[] fields, Place at)
    {
        var level = at.Level + (column.Nullable ? 1 : 0);
        var within = new Place(level + 1, at.Depth + 1, level + 1);
        var (valid, offsets) = Offsets(leaves[_next], at, level, within);
        var children = (column.Children ?? []).Zip(fields, (child, field) => Build(child, field.DataType, within)).ToArray();
        if (!System.Array.TrueForAll(children, c => c.Length == offsets[^1]))
            throw new InvalidDataException($"the parts of '{column.Name}' do not agree on how many there are");

        var child = type is MapType map ? new ArrayData(map.KeyValueType, offsets[^1], 0, 0, [ArrowBuffer.Empty], children) : children[0];
        var bytes = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(offsets)).ToArray();
        return new(type, valid.Count, valid.Count(v => !v), 0, [Validity([.. valid]), new(bytes)], [child]);
    }

    /// <summary>For each list whether it is one, and where its elements begin.</summary>
    private static (List<bool> Valid, List<int> Offsets) Offsets(LeafValues leaf, Place at, int level, Place within)
    {
        var (valid, offsets, elements) = (new List<bool>(), new List<int>(), 0);
        for (var i = 0; i < leaf.Entries; i++)
        {
            var (definition, repetition) = (leaf.Definition?[i] ?? 0, leaf.Repetition?[i] ?? 0);
            if (repetition <= at.Depth && definition >= at.Defined)
            {
                valid.Add(definition >= level);
                offsets.Add(elements);
            }

            elements += repetition <= within.Depth && definition >= within.Defined ? 1 : 0;
        }

        offsets.Add(elements);
        return (valid, offsets);
    }

    private static IEnumerable<int> Slots(LeafValues leaf, Place at)
    {
        for (var i = 0; i < leaf.Entries; i++)
        {
            var definition = leaf.Definition?[i] ?? 0;
            if ((leaf.Repetition?[i] ?? 0) <= at.Depth && definition >= at.Defined)
                yield return definition;
        }
    }

    private static ArrowBuffer Validity(bool[] valid) =>
        System.Array.TrueForAll(valid, v => v) ? ArrowBuffer.Empty : LeafBuffers.Bits(valid);
}
