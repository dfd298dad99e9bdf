using System.IO.Compression;
using Parquet;
using Parquet.Schema;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>Files that Parquet.Net wrote.</summary>
internal static class ParquetFiles
{
    public static readonly ParquetSchema ManyTypes = new(
        new DataField<bool>("flag"),
        new DataField<sbyte>("i8"),
        new DataField<short>("i16"),
        new DataField<int>("i32"),
        new DataField<long>("i64"),
        new DataField<byte>("u8"),
        new DataField<ushort>("u16"),
        new DataField<uint>("u32"),
        new DataField<ulong>("u64"),
        new DataField<float>("f32"),
        new DataField<double>("f64"),
        new DecimalDataField("price", 18, 4),
        new DataField("name", typeof(string), isNullable: true),
        new DataField("raw", typeof(byte[]), isNullable: false),
        new DataField<Guid>("id"),
        new DateTimeDataField("day", DateTimeFormat.Date),
        new DateTimeDataField("at_ms", DateTimeFormat.Timestamp, isAdjustedToUTC: true, unit: DateTimeTimeUnit.Millis),
        new DateTimeDataField("at_us", DateTimeFormat.Timestamp, isAdjustedToUTC: true, unit: DateTimeTimeUnit.Micros),
        new DateTimeDataField("local_ns", DateTimeFormat.Timestamp, isAdjustedToUTC: false, unit: DateTimeTimeUnit.Nanos),
        new DateTimeDataField("impala", DateTimeFormat.Impala),
        new TimeDataField("clock", TimeUnitPrecision.Micros),
        new DataField<int>("maybe", nullable: true),
        new StructField(
            "person", new DataField<int>("age"), new StructField("home", new DataField("city", typeof(string), isNullable: false))),
        new ListField("tags", new DataField<int>("element", nullable: false)));

    /// <summary>
    /// Two row groups of 100 rows; the second starts at 100. The first has no null in <c>maybe</c>, the second only nulls.
    /// </summary>
    public static async Task<byte[]> WriteManyTypesAsync()
    {
        var file = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(
            ManyTypes, file, new ParquetOptions { CompressionLevel = CompressionLevel.Optimal }))
        {
            foreach (var from in (int[])[0, 100])
            {
                using var group = writer.CreateRowGroup();
                await WriteGroupAsync(group, [.. Enumerable.Range(from, 100)]);
                group.CompleteValidate();
            }
        }

        return file.ToArray();
    }

    private static async Task WriteGroupAsync(ParquetRowGroupWriter group, int[] n)
    {
        var fields = ManyTypes.GetDataFields().ToDictionary(f => f.Path.ToString());
        await WriteAsync(group, fields["flag"], n, i => i % 2 == 0);
        await WriteAsync(group, fields["i8"], n, i => (sbyte)(i - 100));
        await WriteAsync(group, fields["i16"], n, i => (short)(i - 1_000));
        await WriteAsync(group, fields["i32"], n, i => i * -7);
        await WriteAsync(group, fields["i64"], n, i => i * 10_000_000_000L);
        await WriteAsync(group, fields["u8"], n, i => (byte)(i + 50));
        await WriteAsync(group, fields["u16"], n, i => (ushort)(65_535 - i));
        await WriteAsync(group, fields["u32"], n, i => uint.MaxValue - (uint)(i * 20_000_000));
        await WriteAsync(group, fields["u64"], n, i => ulong.MaxValue - (ulong)i);
        await WriteAsync(group, fields["f32"], n, i => (i - 50) / 8f);
        await WriteAsync(group, fields["f64"], n, i => i * 0.1);
        await WriteAsync(group, fields["price"], n, i => (i - 100) * 1.25m);
        await group.WriteAsync(fields["name"], n.Select(i => i % 10 == 0 ? null : $"näme {i:D3}").ToArray());
        await group.WriteAsync(fields["raw"], n.Select(i => new byte[] { (byte)i, 0xff }).ToArray());
        await WriteAsync(group, fields["id"], n, i => new Guid(i, 0, 0, new byte[8]));
        await WriteAsync(group, fields["day"], n, i => Day(1_960).AddDays(i));
        await WriteAsync(group, fields["at_ms"], n, i => Day(2_024).AddMilliseconds(-i));
        await WriteAsync(group, fields["at_us"], n, i => Day(2_024).AddMicroseconds(i));
        await WriteAsync(group, fields["local_ns"], n, i => Day(1_969).AddTicks(i));
        await WriteAsync(group, fields["impala"], n, i => Day(2_000).AddHours(i));
        await WriteAsync(group, fields["clock"], n, i => i * 1_000_001L);
        await group.WriteAsync<int>(fields["maybe"], n.Select(i => i < 100 ? i : default(int?)).ToArray().AsMemory());
        await group.WriteAllPartsAsync<int>(
            fields["person/age"], n, Enumerable.Repeat(1, n.Length).ToArray(), null, CancellationToken.None);
        await group.WriteAllPartsAsync<ReadOnlyMemory<char>>(
            fields["person/home/city"],
            n.Select(i => $"city {i:D3}".AsMemory()).ToArray(),
            Enumerable.Repeat(2, n.Length).ToArray(),
            null,
            CancellationToken.None);
        await group.WriteAllPartsAsync<int>(
            fields["tags/list/element"], n, Enumerable.Repeat(2, n.Length).ToArray(), new int[n.Length], CancellationToken.None);
    }

    private static Task WriteAsync<T>(ParquetRowGroupWriter group, DataField field, int[] n, Func<int, T> value)
        where T : struct => group.WriteAsync<T>(field, n.Select(value).ToArray().AsMemory());

    private static DateTime Day(int year) => new(year, 1, 1, 0, 0, 0, DateTimeKind.Utc);
}
