using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Features.Training;
using Catalog.Platform;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.PointInTime;

namespace Catalog.TrainingSets;

/// <summary>Parts rows, and watches that values which are to be in one part only are.</summary>
internal sealed class SplitRows
{
    private readonly SplitRule _rule;
    private readonly SplitChoice _choice;
    private readonly TimeValues? _times;
    private readonly int[] _hashed;
    private readonly int[] _disjoint;
    private readonly Dictionary<UInt128, int> _partOf = [];

    public SplitRows(SplitRule rule, Schema schema, RecipeRows rows)
    {
        (_rule, _choice) = (rule, new(rule));
        _times = rule.By == SplitBy.Time
            ? TimeValues.Of(schema, rows.EventTime, "the table of rows", rows.TimeZone, roundUp: false)
            : null;
        _hashed = [.. (rule.Columns ?? []).Select(c => schema.GetFieldIndex(c))];
        _disjoint = [.. (rule.Disjoint ?? []).Select(c => schema.GetFieldIndex(c))];
    }

    /// <summary>Rows that are in no part: of a gap, or without a time.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Whether the rule can be used with these columns; else what is wrong.</summary>
    /// <param name="rows">The rows' columns.</param>
    /// <param name="joined">All columns.</param>
    public static Problem? Check(SplitRule rule, Schema rows, Schema joined)
    {
        if (joined.GetFieldIndex(SplitRule.Column) >= 0)
        {
            return Problem.Field(
                "training_set.invalid", "splits", $"There is a column '{SplitRule.Column}' already, which is what names a row's part.");
        }

        var odd = (rule.Columns ?? []).Concat(rule.Disjoint ?? [])
            .FirstOrDefault(c => !CellText.Has(rows.FieldsList[rows.GetFieldIndex(c)].DataType));
        return odd is null
            ? null
            : Problem.Field(
                "training_set.invalid", "splits",
                $"Rows cannot be parted by '{odd}', which is {rows.FieldsList[rows.GetFieldIndex(odd)].DataType.Name}: columns that decide "
                + "are whole numbers, texts, dates, UUIDs or bools.");
    }

    /// <summary>The rows of each part of a batch, in order.</summary>
    /// <exception cref="SplitLeakException">Values are in two parts that are to be in one.</exception>
    public int[][] Part(RecordBatch batch)
    {
        var times = new long[_times is null ? 0 : batch.Length];
        _times?.Read(batch, times);
        var parts = Enumerable.Range(0, _rule.Parts.Count).Select(_ => new List<int>()).ToArray();
        for (var row = 0; row < batch.Length; row++)
        {
            var part = _times is null ? _choice.OfHash(Texts(batch, _hashed, row)) : _choice.OfTime(times[row]);
            if (part is not { } p)
            {
                LeftOut++;
                continue;
            }

            if (_disjoint.Length > 0)
                Watch(batch, row, p);
            parts[p].Add(row);
        }

        return [.. parts.Select(p => p.ToArray())];
    }

    private void Watch(RecordBatch batch, int row, int part)
    {
        var values = Texts(batch, _disjoint, row).ToList();
        var text = string.Join(SplitChoice.Separator, values.Select(v => v ?? SplitChoice.Null.ToString()));
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(
            _partOf, XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(text)), out var isKnown);
        if (!isKnown)
            known = part;
        if (known == part)
            return;

        var said = string.Join(", ", (_rule.Disjoint ?? []).Zip(values, (c, v) => $"{c} = {v ?? "null"}"));
        throw new SplitLeakException(
            $"{said} is in '{_rule.Parts[known].Name}' and in '{_rule.Parts[part].Name}': part rows by these columns, or by time "
            + "with a gap.");
    }

    private static IEnumerable<string?> Texts(RecordBatch batch, int[] columns, int row) =>
        columns.Select(c => CellText.Of(batch.Column(c), row));
}

/// <summary>What is to be in one part only is in two.</summary>
internal sealed class SplitLeakException(string message) : Exception(message);

/// <summary>Values of columns that decide about parts, as texts.</summary>
internal static class CellText
{
    public static bool Has(IArrowType type) => type is StringType or BooleanType or Date32Type or FixedSizeBinaryType { ByteWidth: 16 }
        or Int8Type or Int16Type or Int32Type or Int64Type or UInt8Type or UInt16Type or UInt32Type or UInt64Type;

    public static string? Of(IArrowArray array, int row) => ArrowCells.Of(array, row) switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
