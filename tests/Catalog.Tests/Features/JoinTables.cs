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

    public static Schema Schema { get; } = new(
        [
            new("name", StringType.Default, nullable: true), new("code", Int32Type.Default, nullable: true),
            new("at", s_instant, nullable: true), new("created", s_instant, nullable: true),
            new("amount", DoubleType.Default, nullable: true), new("n", Int64Type.Default, nullable: true),
            new("text", StringType.Default, nullable: true),
        ],
        metadata: null);

    public static RecordBatch Batch(IReadOnlyList<Happening> rows) => new(
        Schema,
        [
            Texts(rows.Select(r => r.Name)), Build(new Int32Array.Builder(), rows.Select(r => r.Code)),
            Times(rows.Select(r => r.Time)), Times(rows.Select(r => r.Created)),
            Build(new DoubleArray.Builder(), rows.Select(r => r.Amount)), Build(new Int64Array.Builder(), rows.Select(r => r.Count)),
            Texts(rows.Select(r => r.Text)),
        ],
        rows.Count);

    /// <summary>Cut into files and row groups anywhere.</summary>
    public static async Task<IReadOnlyList<ParquetSource>> FilesAsync(IReadOnlyList<Happening> rows, int files, int groupRows)
    {
        var sources = new List<ParquetSource>();
        var size = (rows.Count / files) + 1;
        for (var i = 0; i < files; i++)
            sources.Add(await FileAsync(i, [.. rows.Skip(i * size).Take(size)], groupRows));
        return sources;
    }

    public static async Task<ParquetSource> FileAsync(string name, Schema schema, IEnumerable<RecordBatch> batches, int groupRows = 1_000)
    {
        using var stream = new MemoryStream();
        await ParquetFileWriter.WriteAsync(
            stream, schema, batches.ToAsyncEnumerable(), new() { RowGroupRows = groupRows }, CancellationToken.None);
        var bytes = stream.ToArray();
        return ParquetSource.Of(name, () => new MemoryStream(bytes, writable: false));
    }

    public static IArrowArray Times(IEnumerable<long?> values, IArrowType? type = null)
    {
        var numbers = (Int64Array)Build(new Int64Array.Builder(), values);
        return ArrowArrayFactory.BuildArray(
            new ArrayData(type ?? s_instant, numbers.Length, numbers.NullCount, 0, numbers.Data.Buffers));
    }

    private static Task<ParquetSource> FileAsync(int number, IReadOnlyList<Happening> rows, int groupRows) =>
        FileAsync($"events-{number}.parquet", Schema, rows.Count == 0 ? [] : [Batch(rows)], groupRows);

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
