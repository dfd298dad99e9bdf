using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>Booleans, false before true.</summary>
internal sealed class BoolTest(bool takesFalse, bool takesTrue) : RowTest
{
    public override bool CanMatch(in Bounds bounds) =>
        bounds.Nulls != bounds.Rows && ((takesFalse && bounds.Min is not true) || (takesTrue && bounds.Max is not false));

    public override void Mark(ArrayData column, Span<bool> marks)
    {
        var values = column.Buffers[1].Span;
        for (var i = 0; i < marks.Length; i++)
            marks[i] &= BitUtility.GetBit(values, column.Offset + i) ? takesTrue : takesFalse;
        ClearNulls(column, marks);
    }
}
