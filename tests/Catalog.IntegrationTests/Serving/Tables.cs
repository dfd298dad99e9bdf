using Catalog.Storage.Files;
using ParquetSharp;

namespace Catalog.IntegrationTests.Serving;

/// <summary>Parquet files written by another program than the catalog's reader: Arrow's C++ library.</summary>
internal static class Tables
{
    /// <summary>Flights: <c>id</c> int64 not null, <c>delay</c> float64 with a null in every tenth row, <c>carrier</c> text.</summary>
    public static string Write(string folder, string name, int rows, int from = 0, int rowGroup = 100_000)
    {
        var path = Path.Combine(folder, name);
        using var file = new ParquetFileWriter(path, [new Column<long>("id"), new Column<double?>("delay"), new Column<string>("carrier")]);
        for (var start = from; start < from + rows; start += rowGroup)
        {
            var count = Math.Min(rowGroup, from + rows - start);
            using var group = file.AppendRowGroup();
            WriteColumn(group, Enumerable.Range(start, count).Select(i => (long)i));
            WriteColumn(group, Enumerable.Range(start, count).Select(Delay));
            WriteColumn(group, Enumerable.Range(start, count).Select(i => $"carrier-{i % 97:00}"));
        }

        file.Close();
        return FileUri.FromPath(path);
    }

    /// <summary>The same without <c>delay</c> and <c>carrier</c>.</summary>
    public static string WriteNarrow(string folder, string name, int rows)
    {
        var path = Path.Combine(folder, name);
        using var file = new ParquetFileWriter(path, [new Column<long>("id")]);
        using (var group = file.AppendRowGroup())
            WriteColumn(group, Enumerable.Range(0, rows).Select(i => (long)i));
        file.Close();
        return FileUri.FromPath(path);
    }

    /// <summary>
    /// Landings: <c>origin</c> and <c>carrier</c> text, <c>landed</c> and <c>created</c> instants, <c>delay</c> float64, <c>taxi</c> int32.
    /// </summary>
    public static string WriteLandings(string folder, string name, int rows)
    {
        var path = Path.Combine(folder, name);
        var instant = LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Micros);
        using var file = new ParquetFileWriter(
            path,
            [
                new Column<string>("origin"), new Column<string>("carrier"), new Column<DateTime>("landed", instant),
                new Column<DateTime>("created", instant), new Column<double?>("delay"), new Column<int>("taxi"),
            ]);
        using (var group = file.AppendRowGroup())
        {
            var row = Enumerable.Range(0, rows);
            WriteColumn(group, row.Select(i => i % 2 == 0 ? "ORD" : "JFK"));
            WriteColumn(group, row.Select(i => $"carrier-{i % 7}"));
            WriteColumn(group, row.Select(i => new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(i)));
            WriteColumn(group, row.Select(i => new DateTime(2001, 1, 1, 0, 5, 0, DateTimeKind.Utc).AddHours(i)));
            WriteColumn(group, row.Select(Delay));
            WriteColumn(group, row.Select(i => i % 30));
        }

        file.Close();
        return FileUri.FromPath(path);
    }

    /// <summary>One row of zeros.</summary>
    public static string WriteOf(string folder, string name, params string[] columns)
    {
        var path = Path.Combine(folder, name);
        using var file = new ParquetFileWriter(path, [.. columns.Select(c => new Column<long>(c))]);
        using (var group = file.AppendRowGroup())
        {
            foreach (var _ in columns)
                WriteColumn(group, [0L]);
        }

        file.Close();
        return FileUri.FromPath(path);
    }

    private static double? Delay(int row) => row % 10 == 9 ? null : ((row * 7919L) % 10_007) - 1_000;

    private static void WriteColumn<T>(RowGroupWriter group, IEnumerable<T> values)
    {
        using var column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch([.. values]);
    }
}
