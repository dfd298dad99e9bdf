using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Storage.Columnar;

namespace Catalog.Benchmarks;

/// <summary>
/// Sixteen columns as features are: an ascending id, a time, eight doubles (four of full entropy, three rounded, one with nulls), three
/// floats, two small integers, a name out of two hundred.
/// </summary>
internal static class SyntheticTable
{
    private const int Seed = 20_261_123;
    private const int BatchRows = 61_440;
    private static readonly TimestampType s_time = new(TimeUnit.Microsecond, "UTC");

    private static Schema Schema { get; } = new(
        [
            new("id", Int64Type.Default, nullable: false),
            new("ts", s_time, nullable: false),
            .. Enumerable.Range(0, 8).Select(i => new Field($"d{i}", DoubleType.Default, nullable: i == 7)),
            .. Enumerable.Range(0, 3).Select(i => new Field($"f{i}", FloatType.Default, nullable: false)),
            .. Enumerable.Range(0, 2).Select(i => new Field($"i{i}", Int32Type.Default, nullable: false)),
            new("s", StringType.Default, nullable: false),
        ],
        metadata: null);

    public static async Task<string> WriteAsync(string folder, int rows, ParquetCompression compression)
    {
        var path = Path.Join(folder, $"synthetic-{compression}.parquet");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var written = await ParquetFileWriter.WriteAsync(
            path, Schema, BatchesAsync(rows), new() { Compression = compression }, CancellationToken.None);
        Console.WriteLine(
            $"\nwrote {written.Rows:N0} rows in {written.RowGroups} row groups, {written.Bytes / 1e6:N0} MB, {compression}, "
            + $"in {watch.Elapsed.TotalSeconds:N2} s with making them up");
        return path;
    }

    public static IEnumerable<RecordBatch> InMemory(int rows, int count)
    {
        var random = new Random(Seed);
        for (var batch = 0; batch < count; batch++)
            yield return Batch(random, batch * rows, rows);
    }

    /// <summary>Of its buffers.</summary>
    public static int BytesOf(RecordBatch batch) => batch.Arrays.Sum(a => a.Data.Buffers.Sum(b => b.Length));

    private static async IAsyncEnumerable<RecordBatch> BatchesAsync(int rows, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await Task.Yield();
        var random = new Random(Seed);
        for (var at = 0; at < rows; at += BatchRows)
        {
            ct.ThrowIfCancellationRequested();
            yield return Batch(random, at, Math.Min(BatchRows, rows - at));
        }
    }

    private static RecordBatch Batch(Random random, int first, int rows) => new(
        Schema,
        [
            Column(Int64Type.Default, rows, i => (long)first + i),
            Column(s_time, rows, i => 1_700_000_000_000_000 + ((first + i) * 1_000L) + random.Next(1_000)),
            .. Enumerable.Range(0, 4).Select(_ => Column(DoubleType.Default, rows, _ => random.NextDouble())),
            .. Enumerable.Range(0, 3).Select(_ => Column(DoubleType.Default, rows, _ => Math.Round(random.NextDouble() * 100, 1))),
            WithNulls(random, rows),
            .. Enumerable.Range(0, 3).Select(_ => Column(FloatType.Default, rows, _ => random.NextSingle())),
            Column(Int32Type.Default, rows, _ => random.Next(1_000)),
            Column(Int32Type.Default, rows, _ => random.Next()),
            Names(random, rows),
        ],
        rows);

    private static IArrowArray Column<T>(IArrowType type, int rows, Func<int, T> value)
        where T : unmanaged => ArrowArrayFactory.BuildArray(new ArrayData(type, rows, 0, 0, [ArrowBuffer.Empty, Values(rows, value)]));

    private static ArrowBuffer Values<T>(int rows, Func<int, T> value)
        where T : unmanaged
    {
        var bytes = new byte[rows * Unsafe.SizeOf<T>()];
        var values = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        for (var i = 0; i < rows; i++)
            values[i] = value(i);
        return new(bytes);
    }

    private static IArrowArray WithNulls(Random random, int rows)
    {
        var (bits, nulls) = (new byte[(rows + 7) / 8], 0);
        for (var i = 0; i < rows; i++)
        {
            var isThere = random.Next(20) > 0;
            bits[i >> 3] |= (byte)((isThere ? 1 : 0) << (i & 7));
            nulls += isThere ? 0 : 1;
        }

        return ArrowArrayFactory.BuildArray(
            new ArrayData(DoubleType.Default, rows, nulls, 0, [new(bits), Values(rows, _ => random.NextDouble())]));
    }

    private static StringArray Names(Random random, int rows)
    {
        var names = new StringArray.Builder();
        for (var i = 0; i < rows; i++)
            names.Append($"category-{random.Next(200):D3}");
        return names.Build();
    }
}
