using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Storage.Columnar.Masking;

/// <summary>Masks fields of structs; the others are copied.</summary>
/// <param name="type">As it is shown.</param>
/// <param name="fields">By field; null where it is shown as it is.</param>
internal sealed class StructMask(StructType type, ArrayMask?[] fields) : ArrayMask
{
    public override bool MakesNulls => false;

    public override ArrayData Of(ArrayRange rows)
    {
        var validity = new RowValidity(rows);

        // The children of a slice are whole: only the struct itself knows where it begins.
        var children = fields.Select((mask, i) => Of(mask, new ArrayRange(rows.Data.Children[i], rows.At, rows.Rows))).ToArray();
        return new(type, rows.Rows, validity.Nulls, 0, [validity.Buffer], children);
    }

    private static ArrayData Of(ArrayMask? mask, ArrayRange rows) =>
        mask?.Of(rows) ?? RowGather.Take(rows.Data, [.. Enumerable.Range(rows.From, rows.Rows)]);
}
