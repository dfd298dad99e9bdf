using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Storage.Columnar;

namespace Catalog.Tests.Features;

/// <summary>An event, or a row that asks: two parts of a key, times, values.</summary>
internal sealed record Happening(string? Name, int? Code, long? Time, long? Created, double? Amount, long? Count, string? Text);

/// <summary>Tables of happenings as Parquet in memory and as Arrow batches.</summary>
internal static class JoinTables
{
    private static readonly TimestampType s_instant = new(TimeUnit.Microsecond, "UTC");

    public static Schema Schema { get; } = SchemaOf(s_instant);

    /// <param name="time">Type of the columns of times.</param>
    public static Schema SchemaOf(IArrowType time) => new(
        [
            new("name", StringType.Default, nullable: true), new("code", Int32Type.Default, nullable: true),
            new("at", time, nullable: true), new("created", time, nullable: true),
            new("amount", DoubleType.Default, nullable: true), new("n", Int64Type.Default, nullable: true),
            new("text", StringType.Default, nullable: true),
        ],
        metadata: null);

    public static RecordBatch Batch(IReadOnlyList<Happening> rows) => Batch(rows, s_instant);

    /// <param name="rows">Their times are counted in units of the type.</param>
    /// <param name="time">Type of the columns of times.</param>
    public static RecordBatch Batch(IReadOnlyList<Happening> rows, IArrowType time) => new(
        SchemaOf(time),
        [
            Texts(rows.Select(r => r.Name)), Build(new Int32Array.Builder(), rows.Select(r => r.Code)),
            Times(rows.Select(r => r.Time), time), Times(rows.Select(r => r.Created), time),
            Build(new DoubleArray.Builder(), rows.Select(r => r.Amount)), Build(new Int64Array.Builder(), rows.Select(r => r.Count)),
            Texts(rows.Select(r => r.Text)),
        ],
        rows.Count);

    /// <summary>Cut into files and row groups anywhere.</summary>
    public static async Task<IReadOnlyList<ParquetSource>> FilesAsync(IReadOnlyList<Happening> rows, int files, int groupRows)
    {
        var sources = new List<ParquetSource>();
        foreach (var (part, i) in Cut(rows, files).Select((p, i) => (p, i)))
            sources.Add(await FileAsync($"events-{i}.parquet", Schema, part.Count == 0 ? [] : [Batch(part)], groupRows));
        return sources;
    }

    public static IEnumerable<IReadOnlyList<Happening>> Cut(IReadOnlyList<Happening> rows, int files)
    {
        var size = (rows.Count / files) + 1;
        return Enumerable.Range(0, files).Select(i => rows.Skip(i * size).Take(size).ToList());
    }

    public static async Task<ParquetSource> FileAsync(string name, Schema schema, IEnumerable<RecordBatch> batches, int groupRows = 1_000)
    {
        using var stream = new MemoryStream();
        await WriteAsync(stream, schema, batches, groupRows);
        var bytes = stream.ToArray();
        return ParquetSource.Of(name, () => new MemoryStream(bytes, writable: false));
    }

    public static Task WriteAsync(Stream stream, Schema schema, IEnumerable<RecordBatch> batches, int groupRows = 1_000) =>
        ParquetFileWriter.WriteAsync(
            stream, schema, batches.ToAsyncEnumerable(), new() { RowGroupRows = groupRows }, CancellationToken.None);

    public static IArrowArray Times(IEnumerable<long?> values, IArrowType? type = null)
    {
        if (type is Date32Type)
            return Days(values);

        var numbers = (Int64Array)Build(new Int64Array.Builder(), values);
        return ArrowArrayFactory.BuildArray(
            new ArrayData(type ?? s_instant, numbers.Length, numbers.NullCount, 0, numbers.Data.Buffers));
    }

    private static IArrowArray Days(IEnumerable<long?> values)
    {
        var numbers = (Int32Array)Build(new Int32Array.Builder(), values.Select(v => (int?)v));
        return ArrowArrayFactory.BuildArray(
            new ArrayData(Date32Type.Default, numbers.Length, numbers.NullCount, 0, numbers.Data.Buffers));
    }

    private static IArrowArray Build<T, TArray, TBuilder>(PrimitiveArrayBuilder<T, TArray, TBuilder> builder, IEnumerable<T?> values)
        where T : struct
        where TArray : IArrowArray
        where TBuilder : class, IArrowArrayBuilder<TArray>
    {
        foreach (var value in values)
        {
            if (value is { } v)
                builder.Append(v);
            else
                builder.AppendNull();
        }

        return builder.Build(default);
    }

    private static IArrowArray Texts(IEnumerable<string?> values)
    {
        var builder = new StringArray.Builder();
        foreach (var value in values)
        {
            if (value is null)
                builder.AppendNull();
            else
                builder.Append(value);
        }

        return builder.Build();
    }
}
