using System.Numerics;
using System.Text;
using Catalog.Integrity;
using Catalog.Storage.Columnar;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>What row groups say of a column, brought together; the footers are written by hand.</summary>
public sealed class ParquetStatisticsTests
{
    private const int Int32 = 1;
    private const int Int64 = 2;
    private const int Float = 4;
    private const int Double = 5;
    private const int Bytes = 6;
    private const int Fixed = 7;
    private const int Utf8 = 0;
    private const int Decimal = 5;
    private const int UInt32 = 13;

    [Fact]
    public async Task The_least_the_greatest_and_all_nulls()
    {
        Assert.Equal(
            new ColumnStatistics("-5", "70000", 3),
            await MergeAsync(
                Column(Int32), Group(Int(10), Int(70_000), nulls: 1), Group(Int(-5), Int(9), nulls: 0), Group(Int(0), Int(0), nulls: 2)));
    }

    [Fact]
    public async Task What_one_row_group_leaves_out_is_not_known()
    {
        Assert.Equal(new ColumnStatistics(null, "9", 1),
            await MergeAsync(Column(Int32), Group(Int(1), Int(2), nulls: 1), Group(null, Int(9), nulls: 0)));
        Assert.Equal(new ColumnStatistics("1", null, null),
            await MergeAsync(Column(Int32), Group(Int(1), Int(2), nulls: 1), Group(Int(3), null, nulls: null)));
        Assert.Null(await MergeAsync(Column(Int32), Group(Int(1), Int(2), nulls: 1), Group(null, null, nulls: null)));
        Assert.Null(await MergeAsync(Column(Int32), g => g.Struct(3, m => m.Int32(1, Int32).Int64(5, 7).Int64(7, 1).Int64(9, 4))));
    }

    [Fact]
    public async Task A_row_group_of_nulls_has_no_bounds_to_give()
    {
        Assert.Equal(new ColumnStatistics("1", "2", 7),
            await MergeAsync(Column(Int32), Group(null, null, nulls: 7), Group(Int(1), Int(2), nulls: 0)));
        Assert.Equal(new ColumnStatistics(null, null, 7), await MergeAsync(Column(Int32), Group(null, null, nulls: 7)));
    }

    [Fact]
    public async Task Nonsense_is_not_known()
    {
        Assert.Equal(new ColumnStatistics("1", "2", null), await MergeAsync(Column(Int32), Group(Int(1), Int(2), nulls: -1)));
        Assert.Equal(new ColumnStatistics("1", "2", null), await MergeAsync(Column(Int32), Group(Int(1), Int(2), nulls: 8)));
        Assert.Equal(new ColumnStatistics(null, null, 0), await MergeAsync(Column(Int32), Group([], [1, 2, 3], nulls: 0)));
        Assert.Equal(new ColumnStatistics(null, null, 0),
            await MergeAsync(Column(Double), Group(Int(1), BitConverter.GetBytes(double.NaN), nulls: 0)));
        Assert.Equal(new ColumnStatistics(null, "a", 0), await MergeAsync(Column(Bytes, Utf8), Group([0xff, 0xfe], Text("a"), nulls: 0)));
        Assert.Equal(new ColumnStatistics("a", null, 0), await MergeAsync(Column(Bytes, Utf8), Group(Text("a"), Text("a\0"), nulls: 0)));
        Assert.Equal(new ColumnStatistics("a", null, 0),
            await MergeAsync(Column(Bytes, Utf8), Group(Text("a"), Text(new string('b', 1_025)), nulls: 0)));
    }

    [Fact]
    public async Task A_shortened_bound_is_not_a_value()
    {
        Assert.Equal(
            new ColumnStatistics("aa", null, 0),
            await MergeAsync(
                Column(Bytes, Utf8), Chunk(s => s.Int64(3, 0).Binary(5, Text("b")).Binary(6, Text("aa")).Bool(7, false).Bool(8, true))));
    }

    [Fact]
    public async Task Bounds_of_old_writers_are_believed_where_signed_order_is_right()
    {
        static Action<FooterBuilder> Old(byte[] min, byte[] max) => Chunk(s => s.Binary(1, max).Binary(2, min));

        Assert.Equal(new ColumnStatistics("-1", "1", null), await MergeAsync(Column(Int32), Old(Int(-1), Int(1))));
        Assert.Null(await MergeAsync(Column(Int32, UInt32), Old(Int(-1), Int(1))));
        Assert.Null(await MergeAsync(Column(Bytes, Utf8), Old(Text("a"), Text("b"))));
    }

    [Fact]
    public async Task An_order_that_is_not_the_types_own_is_not_trusted()
    {
        Assert.Equal(new ColumnStatistics("1", "2", 0),
            await MergeInOrderAsync(Column(Int32), o => o.Struct(1, _ => { }), Group(Int(1), Int(2), nulls: 0)));
        Assert.Equal(new ColumnStatistics(null, null, 0),
            await MergeInOrderAsync(Column(Int32), o => o.Struct(2, _ => { }), Group(Int(1), Int(2), nulls: 0)));
    }

    [Fact]
    public async Task Unsigned_numbers_and_text_have_their_own_order()
    {
        Assert.Equal(new ColumnStatistics("1", "4294967295", 0),
            await MergeAsync(Column(Int32, UInt32), Group(Int(1), Int(2), 0), Group(Int(5), Int(-1), 0)));
        Assert.Equal(
            new ColumnStatistics("\uff5e", "🛫", 0),
            await MergeAsync(Column(Bytes, Utf8), Group(Text("🛫"), Text("🛫"), 0), Group(Text("\uff5e"), Text("\uff5e"), 0)));
        Assert.Equal(new ColumnStatistics("00ff", "ff", 0), await MergeAsync(Column(Bytes), Group([0, 255], [255], 0)));
    }

    [Fact]
    public async Task Numbers_are_written_in_one_way()
    {
        Assert.Equal(new ColumnStatistics("0", "0.1", 0),
            await MergeAsync(Column(Float), Group(BitConverter.GetBytes(-0f), BitConverter.GetBytes(0.1f), 0)));
        Assert.Equal(
            new ColumnStatistics("-Infinity", "1E+300", 0),
            await MergeAsync(Column(Double), Group(BitConverter.GetBytes(double.NegativeInfinity), BitConverter.GetBytes(1e300), 0)));
        Assert.Equal(
            new ColumnStatistics("-0.07", "123.45", 0), await MergeAsync(Column(Int32, Decimal, scale: 2), Group(Int(-7), Int(12_345), 0)));
        Assert.Equal(
            new ColumnStatistics("-12345678901234567890123456.78", "0.00", 0),
            await MergeAsync(
                Column(Fixed, Decimal, scale: 2, length: 16), Group(BigEndian("-1234567890123456789012345678"), BigEndian("0"), 0)));
    }

    [Theory]
    [InlineData(1, 3, 0L, "1970-01-01T00:00:00.000000000Z")]
    [InlineData(1, 3, -1L, "1969-12-31T23:59:59.999999999Z")]
    [InlineData(1, 3, 1_704_067_200_123_456_789L, "2024-01-01T00:00:00.123456789Z")]
    [InlineData(1, 3, long.MinValue, "1677-09-21T00:12:43.145224192Z")]
    [InlineData(1, 3, long.MaxValue, "2262-04-11T23:47:16.854775807Z")]
    [InlineData(2, 2, 1_704_067_200_123_456L, "2024-01-01T00:00:00.123456")]
    [InlineData(2, 2, -62_135_596_800_000_000L, "0001-01-01T00:00:00.000000")]
    [InlineData(2, 2, -62_135_596_800_000_001L, null)]
    [InlineData(2, 2, long.MaxValue, null)]
    [InlineData(2, 2, long.MinValue, null)]
    [InlineData(2, 1, 253_402_300_799_999L, "9999-12-31T23:59:59.999")]
    [InlineData(2, 1, 253_402_300_800_000L, null)]
    public async Task Timestamps_are_written_in_iso_8601_with_all_digits(int isUtc, int unit, long value, string? expected)
    {
        var statistics = await MergeAsync(
            e => e.Element(
                "c", Int64, repetition: 1, logical: l => l.Struct(8, t => t.Bool(1, isUtc == 1).Struct(2, u => u.Struct(unit, _ => { })))),
            Group(BitConverter.GetBytes(value), BitConverter.GetBytes(value), nulls: 0));

        Assert.Equal(new ColumnStatistics(expected, expected, 0), statistics);
    }

    [Theory]
    [InlineData(6, 0, "1970-01-01")]
    [InlineData(6, -1, "1969-12-31")]
    [InlineData(6, int.MinValue, null)]
    [InlineData(6, int.MaxValue, null)]
    [InlineData(7, 86_399_999, "23:59:59.999")]
    [InlineData(7, 86_400_000, null)]
    [InlineData(7, -1, null)]
    public async Task Days_and_times_of_day_too(int converted, int value, string? expected) => Assert.Equal(
        new ColumnStatistics(expected, expected, 0), await MergeAsync(Column(Int32, converted), Group(Int(value), Int(value), nulls: 0)));

    [Fact]
    public async Task A_uuid_is_written_as_one()
    {
        var id = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
        var statistics = await MergeAsync(
            e => e.Element("c", Fixed, 16, repetition: 1, logical: l => l.Struct(14, _ => { })),
            Group(id.ToByteArray(bigEndian: true), id.ToByteArray(bigEndian: true), nulls: 0));

        Assert.Equal(new ColumnStatistics($"{id}", $"{id}", 0), statistics);
    }

    private static byte[] Int(int value) => BitConverter.GetBytes(value);

    private static byte[] Text(string value) => Encoding.UTF8.GetBytes(value);

    private static byte[] BigEndian(string value)
    {
        var number = BigInteger.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
        var bytes = number.ToByteArray(isUnsigned: false, isBigEndian: true);
        return [.. Enumerable.Repeat((byte)(number.Sign < 0 ? 0xff : 0), 16 - bytes.Length), .. bytes];
    }

    private static Action<FooterBuilder> Column(int type, int? converted = null, int? scale = null, int? length = null) =>
        f => f.Element("c", type, length, repetition: 1, converted: converted, scale: scale, precision: scale is null ? null : 30);

    private static Action<FooterBuilder> Group(byte[]? min, byte[]? max, long? nulls) => Chunk(s =>
    {
        if (nulls is { } count)
            s.Int64(3, count);
        if (max is not null)
            s.Binary(5, max);
        if (min is not null)
            s.Binary(6, min);
    });

    /// <summary>A chunk of seven values.</summary>
    private static Action<FooterBuilder> Chunk(Action<FooterBuilder> statistics) =>
        g => g.Struct(3, m => m.Int64(5, 7).Int64(7, 1).Int64(9, 4).Struct(12, statistics));

    private static Task<ColumnStatistics?> MergeAsync(Action<FooterBuilder> column, params Action<FooterBuilder>[] groups) =>
        ReadAsync(column, groups, order: null);

    private static Task<ColumnStatistics?> MergeInOrderAsync(
        Action<FooterBuilder> column, Action<FooterBuilder> order, Action<FooterBuilder> group) =>
        ReadAsync(column, [group], order);

    private static async Task<ColumnStatistics?> ReadAsync(
        Action<FooterBuilder> column, Action<FooterBuilder>[] groups, Action<FooterBuilder>? order)
    {
        var footer = new FooterBuilder().List(2, 2).Element("s", children: 1);
        column(footer);
        footer.Int64(3, 7 * groups.Length).List(4, groups.Length);
        foreach (var group in groups)
        {
            footer.Begin().List(1, 1).Begin();
            group(footer);
            footer.End().Int64(3, 7).End();
        }

        if (order is not null)
        {
            footer.List(7, 1).Begin();
            order(footer);
            footer.End();
        }

        var read = await ParquetFooter.ReadAsync(
            new MemoryStream(FooterBuilder.File(footer.Stop(), data: 100)), "test.parquet", TestContext.Current.CancellationToken);
        return read.Statistics.GetValueOrDefault("c");
    }
}
