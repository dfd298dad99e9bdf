using Catalog.Schemas;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>Schemas as writers of all times have spelled them, from LogicalTypes.md.</summary>
public sealed class ParquetSchemaTests
{
    private const int Bool = 0;
    private const int Int32 = 1;
    private const int Int64 = 2;
    private const int Int96 = 3;
    private const int Float = 4;
    private const int Double = 5;
    private const int Bytes = 6;
    private const int Fixed = 7;
    private const int Required = 0;
    private const int Optional = 1;
    private const int Repeated = 2;
    private const int ConvertedMap = 1;
    private const int ConvertedMapKeyValue = 2;
    private const int ConvertedList = 3;

    public static TheoryData<string, int, int?, int?> Physical => new()
    {
        { "bool", Bool, null, null },
        { "int32", Int32, null, null },
        { "int64", Int64, null, null },
        { "timestamp(ns)", Int96, null, null },
        { "float32", Float, null, null },
        { "float64", Double, null, null },
        { "binary", Bytes, null, null },
        { "fixed_binary(7)", Fixed, 7, null },
        { "string", Bytes, null, 0 },
        { "string", Bytes, null, 4 },
        { "date", Int32, null, 6 },
        { "time(ms)", Int32, null, 7 },
        { "time(us)", Int64, null, 8 },
        { "timestamp(ms,UTC)", Int64, null, 9 },
        { "timestamp(us,UTC)", Int64, null, 10 },
        { "uint8", Int32, null, 11 },
        { "uint16", Int32, null, 12 },
        { "uint32", Int32, null, 13 },
        { "uint64", Int64, null, 14 },
        { "int8", Int32, null, 15 },
        { "int16", Int32, null, 16 },
        { "int32", Int32, null, 17 },
        { "int64", Int64, null, 18 },
        { "json", Bytes, null, 19 },
        { "binary", Bytes, null, 20 },
        { "interval", Fixed, 12, 21 },
        { "int32", Int32, null, 0 },
        { "int64", Int64, null, 99 },
    };

    [Theory]
    [MemberData(nameof(Physical))]
    public async Task Physical_and_converted_types_have_names(string expected, int type, int? length, int? converted)
    {
        var schema = await SchemaAsync(f => f.Element("c", type, length, Required, converted: converted));

        Assert.Equal([new Column("c", expected, Nullable: false)], schema.Columns);
        Assert.True(ColumnTypes.IsValid(expected));
    }

    [Theory]
    [InlineData("string", Bytes, null, 1)]
    [InlineData("string", Bytes, null, 4)]
    [InlineData("date", Int32, null, 6)]
    [InlineData("json", Bytes, null, 12)]
    [InlineData("binary", Bytes, null, 13)]
    [InlineData("uuid", Fixed, 16, 14)]
    [InlineData("fixed_binary(15)", Fixed, 15, 14)]
    [InlineData("float16", Fixed, 2, 15)]
    [InlineData("int64", Int64, null, 1)]
    [InlineData("binary", Bytes, null, 17)]
    [InlineData("int32", Int32, null, 200)]
    public async Task Logical_types_without_parameters_have_names(string expected, int type, int? length, int member)
    {
        var schema = await SchemaAsync(f => f.Element("c", type, length, Optional, logical: l => l.Struct(member, _ => { })));

        Assert.Equal([new Column("c", expected, Nullable: true)], schema.Columns);
    }

    [Fact]
    public async Task The_null_type_is_nullable_whatever_it_says()
    {
        var schema = await SchemaAsync(f => f.Element("c", Int32, repetition: Required, logical: l => l.Struct(11, _ => { })));

        Assert.Equal([new Column("c", "null", Nullable: true)], schema.Columns);
    }

    [Theory]
    [InlineData("timestamp(ms)", Int64, 8, 1, false)]
    [InlineData("timestamp(us)", Int64, 8, 2, false)]
    [InlineData("timestamp(ns)", Int64, 8, 3, false)]
    [InlineData("timestamp(ms,UTC)", Int64, 8, 1, true)]
    [InlineData("timestamp(us,UTC)", Int64, 8, 2, true)]
    [InlineData("timestamp(ns,UTC)", Int64, 8, 3, true)]
    [InlineData("int64", Int64, 8, 4, true)]
    [InlineData("int32", Int32, 8, 1, true)]
    [InlineData("time(ms)", Int32, 7, 1, false)]
    [InlineData("time(us)", Int64, 7, 2, false)]
    [InlineData("time(ns)", Int64, 7, 3, true)]
    [InlineData("int64", Int64, 7, 1, false)]
    public async Task Times_keep_their_unit_and_zone(string expected, int type, int member, int unit, bool utc)
    {
        var schema = await SchemaAsync(f => f.Element(
            "c", type, repetition: Required, converted: null, logical: l =>
                l.Struct(member, t => t.Bool(1, utc).Struct(2, u => u.Struct(unit, _ => { })))));

        Assert.Equal(expected, Assert.Single(schema.Columns).Type);
    }

    [Theory]
    [InlineData("decimal(9,2)", Int32, null, 9, 2)]
    [InlineData("decimal(18,18)", Int64, null, 18, 18)]
    [InlineData("decimal(38,0)", Fixed, 16, 38, 0)]
    [InlineData("decimal(76,10)", Bytes, null, 76, 10)]
    [InlineData("fixed_binary(16)", Fixed, 16, 0, 0)]
    [InlineData("binary", Bytes, null, 77, 0)]
    [InlineData("binary", Bytes, null, 5, 6)]
    [InlineData("binary", Bytes, null, 5, -1)]
    [InlineData("binary", Bytes, null, int.MaxValue, int.MaxValue)]
    [InlineData("float64", Double, null, 5, 2)]
    public async Task Decimals_that_make_sense_are_decimals(string expected, int type, int? length, int precision, int scale)
    {
        var logical = await SchemaAsync(f => f.Element(
            "c", type, length, Required, logical: l => l.Struct(5, d => d.Int32(1, scale).Int32(2, precision))));
        var converted = await SchemaAsync(f => f.Element("c", type, length, Required, converted: 5, scale: scale, precision: precision));

        Assert.Equal(expected, Assert.Single(logical.Columns).Type);
        Assert.Equal(logical, converted);
    }

    [Theory]
    [InlineData("int8", Int32, 8, true)]
    [InlineData("uint16", Int32, 16, false)]
    [InlineData("uint32", Int32, 32, false)]
    [InlineData("int64", Int64, 64, true)]
    [InlineData("uint64", Int64, 64, false)]
    [InlineData("int32", Int32, 64, false)]
    [InlineData("int32", Int32, 7, true)]
    public async Task Integers_keep_their_width_and_sign(string expected, int type, sbyte bits, bool signed)
    {
        var schema = await SchemaAsync(
            f => f.Element("c", type, repetition: Required, logical: l => l.Struct(10, i => i.Int8(1, bits).Bool(2, signed))));

        Assert.Equal(expected, Assert.Single(schema.Columns).Type);
    }

    [Fact]
    public async Task A_list_of_three_levels_is_a_list_whatever_its_parts_are_called()
    {
        foreach (var (middle, inner) in ((string, string)[])[("list", "element"), ("bag", "array_element"), ("list", "item")])
        {
            var schema = await SchemaAsync(
                f => f.Element("xs", repetition: Optional, children: 1, converted: ConvertedList),
                f => f.Element(middle, repetition: Repeated, children: 1),
                f => f.Element(inner, Int32, repetition: Optional));
            Assert.Equal([new Column("xs", "list", Nullable: true, [new("element", "int32", Nullable: true)])], schema.Columns);
        }
    }

    [Fact]
    public async Task Older_lists_are_lists()
    {
        // repeated int32 num; a bare repeated field
        Assert.Equal(
            [new Column("num", "list", Nullable: false, [new("element", "int32", Nullable: false)])],
            (await SchemaAsync(f => f.Element("num", Int32, repetition: Repeated))).Columns);

        // optional group xs (LIST) { repeated int32 element; }
        Assert.Equal(
            [new Column("xs", "list", Nullable: true, [new("element", "int32", Nullable: false)])],
            (await SchemaAsync(
                f => f.Element("xs", repetition: Optional, children: 1, logical: l => l.Struct(3, _ => { })),
                f => f.Element("element", Int32, repetition: Repeated))).Columns);

        // optional group xs (LIST) { repeated group element { required binary str (UTF8); required int32 num; } }
        Assert.Equal(
            [new Column("xs", "list", Nullable: true, [new(
                "element", "struct", Nullable: false, [new("str", "string", Nullable: false), new("num", "int32", Nullable: false)])])],
            (await SchemaAsync(
                f => f.Element("xs", repetition: Optional, children: 1, converted: ConvertedList),
                f => f.Element("element", repetition: Repeated, children: 2),
                f => f.Element("str", Bytes, repetition: Required, converted: 0),
                f => f.Element("num", Int32, repetition: Required))).Columns);

        // optional group xs (LIST) { repeated group array|xs_tuple { required int32 num; } }
        foreach (var name in (string[])["array", "xs_tuple"])
        {
            var schema = await SchemaAsync(
                f => f.Element("xs", repetition: Required, children: 1, converted: ConvertedList),
                f => f.Element(name, repetition: Repeated, children: 1),
                f => f.Element("num", Int32, repetition: Required));
            Assert.Equal([new Column("xs", "list", Nullable: false,
                [new("element", "struct", Nullable: false, [new("num", "int32", Nullable: false)])])], schema.Columns);
        }
    }

    [Fact]
    public async Task Maps_are_maps_in_both_spellings()
    {
        foreach (var converted in (int[])[ConvertedMap, ConvertedMapKeyValue])
        {
            var schema = await SchemaAsync(
                f => f.Element("m", repetition: Optional, children: 1, converted: converted),
                f => f.Element("map", repetition: Repeated, children: 2, converted: ConvertedMapKeyValue),
                f => f.Element("k", Bytes, repetition: Required, converted: 0),
                f => f.Element("v", Int64, repetition: Optional));
            Assert.Equal([new Column("m", "map", Nullable: true,
                [new("key", "string", Nullable: false), new("value", "int64", Nullable: true)])], schema.Columns);
        }
    }

    [Fact]
    public async Task A_group_that_only_claims_to_be_a_list_or_map_is_a_struct()
    {
        var schema = await SchemaAsync(
            f => f.Element("m", repetition: Optional, children: 1, converted: ConvertedMap),
            f => f.Element("only", Int32, repetition: Optional));

        Assert.Equal([new Column("m", "struct", Nullable: true, [new("only", "int32", Nullable: true)])], schema.Columns);
    }

    [Fact]
    public async Task Fields_of_newer_formats_are_passed_over()
    {
        var schema = await SchemaAsync(f => f.Begin().Int32(1, Int32).Int32(3, Required).Binary(4, "c"u8.ToArray())
            .Struct(60, s =>
                s.Struct(1, t => t.Binary(1, [1, 2])).List(2, 2, element: 1).Raw(1, 2).Field(3, 11).Varint(1).Raw(0x58, 2, 1, 9))
            .Field(61, 13).Raw(new byte[16]).Field(62, 7).Raw(new byte[8]).End());

        Assert.Equal([new Column("c", "int32", Nullable: false)], schema.Columns);
    }

    [Fact]
    public async Task A_column_name_may_be_anything_that_prints_and_names_must_differ()
    {
        Assert.Equal(["a.b", "🛫 x", "a/b%"], (await ReadAsync(FooterBuilder.FileOf(
            f => f.Element("a.b", Int32, repetition: Required),
            f => f.Element("🛫 x", Int32, repetition: Required),
            f => f.Element("a/b%", Int32, repetition: Required)))).Schema.Columns.Select(c => c.Name));

        await RefusedAsync("two columns 'a'", FooterBuilder.FileOf(
            f => f.Element("a", Int32, repetition: Required), f => f.Element("a", Int64, repetition: Required)));
    }

    private static async Task<TableSchema> SchemaAsync(params Action<FooterBuilder>[] elements) =>
        (await ReadAsync(FooterBuilder.FileOf(topLevel: 1, elements))).Schema;

    private static Task<ParquetFooter> ReadAsync(byte[] file) =>
        ParquetFooter.ReadAsync(new MemoryStream(file), "test.parquet", TestContext.Current.CancellationToken);

    private static async Task RefusedAsync(string because, byte[] file)
    {
        var refusal = await Assert.ThrowsAsync<FileException>(() => ReadAsync(file));
        Assert.Equal("file.not_parquet", refusal.Code);
        Assert.Contains(because, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("test.parquet", refusal.Message, StringComparison.Ordinal);
    }
}
