using System.IO.Compression;
using Parquet;
using Parquet.Schema;

namespace Catalog.Storage.Columnar;

/// <summary>Writes a small table as Parquet: one row group, zstd, with column statistics. The same table makes the same bytes.</summary>
public static class TableWriter
{
    /// <exception cref="ArgumentException">A column holds something that <see cref="TableColumn.Of"/> does not name.</exception>
    public static async Task WriteAsync(Table table, Stream target, CancellationToken ct)
    {
        var schema = new ParquetSchema([.. table.Columns.Select(FieldOf)]);
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Optimal };
        await using var writer = await ParquetWriter.CreateAsync(schema, target, options, append: false, ct);
        using var group = writer.CreateRowGroup();
        foreach (var (column, field) in table.Columns.Zip(schema.DataFields))
            await WriteAsync(group, field, column, ct);

        group.CompleteValidate();
    }

    private static Field FieldOf(TableColumn column) => column switch
    {
        TableColumn<int> => new DataField<int>(column.Name),
        TableColumn<long> => new DataField<long>(column.Name),
        TableColumn<double> => new DataField<double>(column.Name),
        TableColumn<string> => new DataField(column.Name, typeof(string), isNullable: false),
        TableColumn<DateTime> => new DateTimeDataField(
            column.Name, DateTimeFormat.Timestamp, isAdjustedToUTC: false, unit: DateTimeTimeUnit.Millis, isNullable: false),
        _ => throw new ArgumentException($"The column '{column.Name}' is of a type that tables are not written with.", nameof(column)),
    };

    private static Task WriteAsync(ParquetRowGroupWriter group, DataField field, TableColumn column, CancellationToken ct) => column switch
    {
        TableColumn<int> c => WriteAsync(group, field, c, ct),
        TableColumn<long> c => WriteAsync(group, field, c, ct),
        TableColumn<double> c => WriteAsync(group, field, c, ct),
        TableColumn<DateTime> c =>
            group.WriteAsync<DateTime>(field, c.Values.Select(WithoutZone).ToArray().AsMemory(), cancellationToken: ct),
        TableColumn<string> c => group.WriteAllPartsAsync<ReadOnlyMemory<char>>(
            field, c.Values.Select(v => v.AsMemory()).ToArray(), null, null, ct),
        _ => throw new ArgumentException($"The column '{column.Name}' is of a type that tables are not written with.", nameof(column)),
    };

    private static Task WriteAsync<T>(ParquetRowGroupWriter group, DataField field, TableColumn<T> column, CancellationToken ct)
        where T : struct => group.WriteAsync<T>(field, column.Values.ToArray().AsMemory(), cancellationToken: ct);

    /// <summary>Parquet.Net would shift a local time by the machine's zone.</summary>
    private static DateTime WithoutZone(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Unspecified);
}
