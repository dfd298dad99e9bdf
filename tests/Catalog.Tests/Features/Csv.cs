using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Catalog.Tests.Features;

/// <summary>A plain table of text: whole numbers, fractions and instants, without quotes.</summary>
internal sealed record Csv(string[] Names, string[][] Rows)
{
    public static Csv Read(string path)
    {
        string[][] lines = [.. File.ReadLines(path).Where(l => l.Length > 0).Select(l => l.Split(','))];
        return new(lines[0], lines[1..]);
    }

    public int Place(string name) => System.Array.IndexOf(Names, name);

    /// <summary>Columns of instants, <c>int64</c> and <c>float64</c>, as their values look.</summary>
    public RecordBatch ToBatch()
    {
        var columns = Names.Select((_, i) => Column([.. Rows.Select(r => r[i])])).ToArray();
        var fields = Names.Select((n, i) => new Field(n, columns[i].Data.DataType, nullable: true));
        return new(new Schema(fields, metadata: null), columns, Rows.Length);
    }

    private static IArrowArray Column(string[] values)
    {
        if (values.All(v => v.EndsWith('Z')))
            return JoinTables.Times(values.Select(v => (long?)Microseconds(v)));
        if (values.All(v => v.Length == 0 || long.TryParse(v, CultureInfo.InvariantCulture, out _)))
        {
            return JoinTables.Times(
                values.Select(v => v.Length == 0 ? null : (long?)long.Parse(v, CultureInfo.InvariantCulture)), Int64Type.Default);
        }

        var numbers = new DoubleArray.Builder();
        foreach (var value in values)
        {
            if (value.Length == 0)
                numbers.AppendNull();
            else
                numbers.Append(double.Parse(value, CultureInfo.InvariantCulture));
        }

        return numbers.Build();
    }

    private static long Microseconds(string text) =>
        (DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal) - DateTime.UnixEpoch).Ticks
        / TimeSpan.TicksPerMicrosecond;
}
