using System.Security.Cryptography;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Access;
using Catalog.Storage.Columnar.Masking;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Storage.Columnar.Masking;

public sealed class ColumnMasksTests
{
    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void Every_mask_makes_of_every_value_of_every_type_what_the_plain_way_makes_of_it() =>
        Gen.Select(Gen.Int, Gen.Int[1, 60], Gen.Int[0, 20], Gen.Enum<Mask>()).Sample(
            (seed, rows, skipped, mask) =>
            {
                var whole = new RandomArrays(seed).Batch(RandomArrays.EveryType, rows + skipped);
                var batch = new RecordBatch(
                    whole.Schema, whole.Arrays.Select(a => ArrowArrayFactory.BuildArray(a.Data.Slice(skipped, rows))), rows);
                if (ColumnMasks.Of(batch.Schema, new([], mask, []), s_key) is not { } masks)
                {
                    Assert.Equal(Mask.None, mask);
                    return;
                }

                var expected = batch.Arrays
                    .Select(a => Enumerable.Range(0, rows).Select(r => PlainMasks.Of(a.Data, r, mask, s_key)).ToList()).ToList();
                var masked = masks.Apply(batch);
                foreach (var (column, i) in masked.Arrays.Select((c, i) => (c, i)))
                {
                    Assert.Equal(expected[i], Enumerable.Range(0, rows).Select(r => ArrowText.Value(column.Data, r)));
                    Assert.Equal(column.Data.DataType is NullType ? 0 : expected[i].Count(v => v == "null"), Nulls(column));
                    Assert.True(column.NullCount == 0 || masked.Schema.FieldsList[i].IsNullable);
                }
            },
            iter: 300);

    [Theory]
    [InlineData("4111 1111 1111 1234", "***************1234")]
    [InlineData("12345", "*2345")]
    [InlineData("1234", "****")]
    [InlineData("", "")]
    [InlineData("Grüße, Jürgen", "*********rgen")]
    [InlineData("a😀😁😂😃", "*😀😁😂😃")]
    [InlineData("😀😁😂😃", "****")]
    public void The_last_four_characters_of_a_text_are_shown_where_there_are_more(string text, string shown) =>
        Assert.Equal([shown, "null", "**5678"], Masked(StringType.Default, Mask.LastFour, text, null, "125678"));

    [Fact]
    public void Lengths_of_texts_do_not_shine_through_a_redaction() =>
        Assert.Equal(["REDACTED", "null", "REDACTED"], Masked(StringType.Default, Mask.Redact, "a", null, "a long text"));

    [Fact]
    public void A_hash_is_of_the_bytes_of_a_text_and_the_same_in_every_batch_and_column()
    {
        // More values than are remembered, each of them twice, and texts too long to be.
        var texts = Enumerable.Range(0, 10_000).Select(i => $"N{i}").Append(new string('x', 33)).ToList();
        var expected = texts.Select(t => Convert.ToHexStringLower(HMACSHA256.HashData(s_key, Encoding.UTF8.GetBytes(t)))).ToList();
        var schema = new Schema([new("one", StringType.Default, true), new("other", StringType.Default, true)], metadata: null);
        var masks = Masks(schema, new([new("one", Mask.Hash), new("other", Mask.Hash)], Mask.None, []));
        for (var batch = 0; batch < 2; batch++)
        {
            var masked = masks.Apply(new(
                schema, [Values.Array(StringType.Default, texts), Values.Array(StringType.Default, texts)], texts.Count));
            Assert.Equal(expected, ArrowText.Column(masked, "one"));
            Assert.Equal(expected, ArrowText.Column(masked, "other"));
        }
    }

    [Fact]
    public void Bytes_of_every_length_are_hashed_as_HMAC_SHA256_hashes_them() => Gen.Select(
        Gen.Byte.Array[32], Gen.Byte.Array[0, 140].Array[1, 40]).Sample((key, values) =>
    {
        var schema = new Schema([new("value", BinaryType.Default, true)], metadata: null);
        var batch = new RecordBatch(schema, [Values.Array(BinaryType.Default, values)], values.Length);
        var masked = Masks(schema, new([new("value", Mask.Hash)], Mask.None, []), key).Apply(batch);
        Assert.Equal(values.Select(v => Convert.ToHexString(HMACSHA256.HashData(key, v))), ArrowText.Column(masked, "value"));
    });

    [Fact]
    public void Another_key_makes_other_hashes()
    {
        var schema = new Schema([new("id", Int64Type.Default, false)], metadata: null);
        RecordBatch Batch() => new(schema, [Values.Array(Int64Type.Default, [7L])], 1);
        var obligations = new AccessObligations([new("id", Mask.Hash)], Mask.None, []);
        Assert.NotEqual(
            ArrowText.Rows(Masks(schema, obligations).Apply(Batch())),
            ArrowText.Rows(Masks(schema, obligations, new byte[32]).Apply(Batch())));
    }

    [Fact]
    public void Numbers_become_multiples_of_ten_below_them()
    {
        Assert.Equal(["14", "F6", "00", "null"], Masked(Int8Type.Default, Mask.Bucket, (sbyte)29, (sbyte)-1, (sbyte)9, (sbyte)-128));
        Assert.Equal(
            [Hex(20d), Hex(-10d), "null", "null", "null"],
            Masked(DoubleType.Default, Mask.Bucket, 29.999999999999996, -0.5, double.NaN, double.PositiveInfinity, Math.Pow(2, 60)));
    }

    [Fact]
    public void Decimals_become_multiples_of_ten_below_them_where_those_have_no_more_digits()
    {
        var prices = new Decimal128Type(4, 2);
        Assert.Equal([Hex(2000), Hex(-1000), "null"], Masked(prices, Mask.Bucket, 23.45m, -0.01m, -95m));
        Assert.Equal([Hex(0), "null"], Masked(new Decimal128Type(2, 2), Mask.Bucket, 0.45m, -0.45m));

        static string Hex(Int128 number) =>
            Convert.ToHexString(
                [.. BitConverter.GetBytes((ulong)(UInt128)number), .. BitConverter.GetBytes((ulong)((UInt128)number >> 64))]);
    }

    [Theory]
    [InlineData("2001-12-31", "2001-01-01")]
    [InlineData("2000-02-29", "2000-01-01")]
    [InlineData("1969-12-31", "1969-01-01")]
    [InlineData("1600-01-01", "1600-01-01")]
    public void Days_become_the_first_of_their_year(string day, string first) => Assert.Equal(
        Masked(Date32Type.Default, Mask.None, DateOnly.Parse(first)), Masked(Date32Type.Default, Mask.Year, DateOnly.Parse(day)));

    [Fact]
    public void What_does_not_fit_a_type_is_null_and_told_as_that()
    {
        var schema = new Schema([new("flag", BooleanType.Default, false), new("delay", Int16Type.Default, false)], metadata: null);
        var masks = Masks(schema, new([new("delay", Mask.Bucket), new("flag", Mask.Hash)], Mask.None, []));
        Assert.Equal([new("flag", Mask.Null), new ColumnMask("delay", Mask.Bucket)], masks.Applied);
        Assert.Equal("flag?: bool\ndelay?: int16", ArrowText.Schema(masks.Schema));
    }

    [Fact]
    public void Columns_that_are_not_masked_are_handed_on_as_they_are()
    {
        var batch = new RandomArrays(5).Batch(RandomArrays.EveryType, 10);
        var masks = Masks(batch.Schema, new([new("nested_3.name", Mask.Redact), new("nothing", Mask.Null)], Mask.None, []));
        var masked = masks.Apply(batch);
        foreach (var (before, after) in batch.Arrays.Zip(masked.Arrays).Where(c => c.First.Data.DataType is not (StructType or NullType)))
            Assert.Same(before, after);
    }

    [Fact]
    public void A_field_of_a_struct_is_masked_and_the_others_are_not()
    {
        var batch = Slice(new RandomArrays(7).Batch(RandomArrays.EveryType, 40), 3, 30);
        var masks = Masks(batch.Schema, new([new("nested_4.within.name", Mask.Redact)], Mask.None, []));
        Assert.Equal([new("nested_4.within.name", Mask.Redact)], masks.Applied);

        var before = batch.Column("nested_4").Data;
        var after = masks.Apply(batch).Column("nested_4").Data;
        for (var row = 0; row < before.Length; row++)
            Assert.Equal(Redacted(before, row), ArrowText.Value(after, row));

        static string Redacted(ArrayData data, int row)
        {
            if (ArrowText.Value(data, row) is "null")
                return "null";
            var (at, within) = (data.Offset + row, data.Children[0]);
            var name = ArrowText.Value(within.Children[1], at) == "null" ? "null" : "REDACTED";
            var point = ArrowText.Value(within, at) == "null" ? "null" : $"{{{ArrowText.Value(within.Children[0], at)}, {name}}}";
            return $"{{{point}, {ArrowText.Value(data.Children[1], at)}}}";
        }
    }

    [Theory]
    [InlineData("nested_3", Mask.Redact)] // a struct, masked whole
    [InlineData("nested_0.element", Mask.Bucket)] // what lies in a list
    [InlineData("nested_6.value.name", Mask.Redact)] // and in a map
    public void What_is_masked_within_lists_and_what_is_nested_and_masked_whole_is_null(string path, Mask mask)
    {
        var batch = new RandomArrays(9).Batch(RandomArrays.EveryType, 20);
        var column = path.Split('.')[0];
        var masks = Masks(batch.Schema, new([new(path, mask)], Mask.None, []));
        Assert.Equal([new(column, Mask.Null)], masks.Applied);
        Assert.All(ArrowText.Column(masks.Apply(batch), column), v => Assert.Equal("null", v));
    }

    [Fact]
    public void What_is_said_of_a_column_counts_and_of_others_what_is_said_of_all()
    {
        var schema = new Schema(
            [new("name", StringType.Default, false), new("note", StringType.Default, false), new("tail", StringType.Default, false)],
            metadata: null);
        var masks = Masks(schema, new([new("name", Mask.LastFour), new("tail", Mask.None)], Mask.Redact, []));
        Assert.Equal([new("name", Mask.LastFour), new ColumnMask("note", Mask.Redact)], masks.Applied);
    }

    [Fact]
    public void There_are_no_masks_where_no_column_is_masked()
    {
        var schema = new Schema([new("point", new StructType([new("x", DoubleType.Default, false)]), false)], metadata: null);
        Assert.Null(ColumnMasks.Of(schema, new([new("name", Mask.Null), new("point.y", Mask.Null)], Mask.None, ["x > 1"]), s_key));
    }

    private static ColumnMasks Masks(Schema schema, AccessObligations obligations, byte[]? key = null) =>
        ColumnMasks.Of(schema, obligations, key ?? s_key) ?? throw new InvalidOperationException("Nothing is masked.");

    private static IReadOnlyList<string> Masked(IArrowType type, Mask mask, params IReadOnlyList<object?> values)
    {
        var schema = new Schema([new("value", type, true)], metadata: null);
        var batch = new RecordBatch(schema, [Values.Array(type, values)], values.Count);
        return ArrowText.Column(mask == Mask.None ? batch : Masks(schema, new([new("value", mask)], Mask.None, [])).Apply(batch), "value");
    }

    private static RecordBatch Slice(RecordBatch batch, int from, int rows) =>
        new(batch.Schema, batch.Arrays.Select(a => ArrowArrayFactory.BuildArray(a.Data.Slice(from, rows))), rows);

    private static int Nulls(IArrowArray column) => column.Data.DataType is NullType ? 0 : column.NullCount;

    private static string Hex(double number) => Convert.ToHexString(BitConverter.GetBytes(number));
}
