using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Storage.Columnar;

namespace Catalog.Benchmarks;

/// <summary>
/// Tables that are joined: rows with a key and a time, and events of as many keys, stored by key and time or by time only.
/// </summary>
internal static class JoinTables
{
    private const long Start = 1_700_000_000_000_000;
    private const long Span = 30L * 24 * 3600 * 1_000_000;
    private const int BatchRows = 65_536;

    public static async Task<string> RowsAsync(string folder, int rows, int keys)
    {
        var random = new Random(1);
        var (key, time) = (new long[rows], new long[rows]);
        for (var i = 0; i < rows; i++)
            (key[i], time[i]) = (random.NextInt64(keys), Start + random.NextInt64(Span));
        time.AsSpan().Sort();
        return await WriteAsync(Path.Combine(folder, "rows.parquet"), key, time, value: null);
    }

    /// <summary>Values of a time are all different, so that ties decide nothing.</summary>
    public static async Task<string> EventsAsync(string folder, string name, int events, int keys, int seed, bool isByKey)
    {
        var random = new Random(seed);
        var (key, time, value) = (new long[events], new long[events], new double[events]);
        for (var i = 0; i < events; i++)
            (key[i], value[i]) = (random.NextInt64(keys), random.NextDouble());
        for (var i = 0; i < events; i++)
            time[i] = Start + (long)((double)i / events * Span);
        if (isByKey)
            SortByKey(key, time, value);
        return await WriteAsync(Path.Combine(folder, name), key, time, value);
    }

    /// <summary>By time only, made while they are written: as many as fit on the disk.</summary>
    public static async Task<string> ManyAsync(string folder, long events, int keys)
    {
        var path = Path.Combine(folder, "many.parquet");
        var schema = SchemaOf(hasValue: true);
        await ParquetFileWriter.WriteAsync(
            path, schema, RandomAsync(schema, events, keys), new() { Compression = ParquetCompression.Snappy }, CancellationToken.None);
        return path;
    }

    private static async IAsyncEnumerable<RecordBatch> RandomAsync(Schema schema, long events, int keys)
    {
        await Task.CompletedTask;
        var random = new Random(1);
        var (key, time, value) = (new long[BatchRows], new long[BatchRows], new double[BatchRows]);
        for (var at = 0L; at < events; at += BatchRows)
        {
            var rows = (int)Math.Min(BatchRows, events - at);
            for (var i = 0; i < rows; i++)
            {
                (key[i], value[i]) = (random.NextInt64(keys), random.NextDouble());
                time[i] = Start + (long)((double)(at + i) / events * Span);
            }

            yield return Batch(schema, key.AsSpan(0, rows), time.AsSpan(0, rows), value.AsSpan(0, rows));
        }
    }

    private static void SortByKey(long[] key, long[] time, double[] value)
    {
        // Events of one key are in the order of time already, and an order by key and time keeps them so.
        var order = new (long Key, long Time, double Value)[key.Length];
        for (var i = 0; i < key.Length; i++)
            order[i] = (key[i], time[i], value[i]);
        order.AsSpan().Sort((a, b) => a.Key != b.Key ? a.Key.CompareTo(b.Key) : a.Time.CompareTo(b.Time));
        for (var i = 0; i < key.Length; i++)
            (key[i], time[i], value[i]) = order[i];
    }

    private static async Task<string> WriteAsync(string path, long[] key, long[] time, double[]? value)
    {
        var schema = SchemaOf(hasValue: value is not null);
        await ParquetFileWriter.WriteAsync(
            path, schema, BatchesAsync(schema, key, time, value), new() { Compression = ParquetCompression.Snappy },
            CancellationToken.None);
        return path;
    }

    private static Schema SchemaOf(bool hasValue)
    {
        List<Field> fields =
        [
            new("key", Int64Type.Default, nullable: false),
            new("ts", new TimestampType(TimeUnit.Microsecond, "UTC"), nullable: false),
        ];
        if (hasValue)
            fields.Add(new("value", DoubleType.Default, nullable: false));
        return new(fields, metadata: null);
    }

    private static async IAsyncEnumerable<RecordBatch> BatchesAsync(Schema schema, long[] key, long[] time, double[]? value)
    {
        await Task.CompletedTask;
        for (var at = 0; at < key.Length; at += BatchRows)
        {
            var rows = Math.Min(BatchRows, key.Length - at);
            yield return Batch(schema, key.AsSpan(at, rows), time.AsSpan(at, rows), value is null ? [] : value.AsSpan(at, rows));
        }
    }

    private static RecordBatch Batch(Schema schema, ReadOnlySpan<long> key, ReadOnlySpan<long> time, ReadOnlySpan<double> value)
    {
        List<IArrowArray> arrays =
        [
            new Int64Array.Builder().Append(key).Build(),
            ArrowArrayFactory.BuildArray(new ArrayData(
                schema.FieldsList[1].DataType, time.Length, 0, 0, [ArrowBuffer.Empty, new(MemoryMarshal.AsBytes(time).ToArray())])),
        ];
        if (value.Length > 0)
            arrays.Add(new DoubleArray.Builder().Append(value).Build());
        return new(schema, arrays, key.Length);
    }
}
