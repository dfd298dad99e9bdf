using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Access;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.Masking;
using Catalog.Storage.Hot;
using Catalog.Tests.Storage.Columnar;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Hot;

/// <summary>Masks and conditions on packed rows, beside the same on columns.</summary>
public sealed class RowMasksTests : IDisposable
{
    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private static readonly string[] s_types =
    [
        "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64", "date",
        "time(ms)", "time(us)", "time(ns)", "timestamp(s,UTC)", "timestamp(ms)", "timestamp(us,UTC)", "timestamp(ns,UTC)", "decimal(5,2)",
        "decimal(18,18)", "decimal(38,10)", "decimal(60,20)", "uuid", "fixed_binary(3)", "fixed_binary(20)", "interval", "string", "json",
        "binary",
    ];

    private static readonly FeatureDefinition s_everyType = new(
        [new Entity("thing", [new EntityKey("id", "int64", "id"), new EntityKey("name", "string", "name")])],
        new FeatureSource(NodeId.Dataset("t", "events"), "at"), [.. s_types.Select((t, i) => new Feature($"f{i}", t, $"c{i}"))]);

    private readonly RowShelf _stored = new();
    private readonly RowShelf _shelf = new();

    public void Dispose()
    {
        _stored.Dispose();
        _shelf.Dispose();
    }

    [Fact]
    public void A_value_of_every_type_shows_under_every_mask_what_it_shows_as_one_of_a_column() =>
        Gen.Select(Gen.Int, Gen.Int[1, 100], Gen.Enum<Mask>()).Sample(
            (seed, count, mask) =>
            {
                _stored.Clear();
                _shelf.Clear();
                var layout = RowLayout.Of(s_everyType);
                nint[] stored = [.. Random(layout, seed, count).Select(r => _stored.Keep(r))];
                var bytes = stored.Select(r => new HotRow(r).Bytes.ToArray()).ToList();
                var obligations = new AccessObligations([new("id", Mask.None), new("name", Mask.None)], mask, []);
                var masks = RowMasks.Of(s_everyType, layout, All(s_everyType), obligations, new MaskHashes(s_key));

                // Some keys have no row, and one comes twice.
                nint[] rows = [.. stored.SelectMany(r => new[] { r, default }), stored[0]];
                masks.Apply(rows, _shelf);

                Assert.All(stored.Select((r, i) => (r, i)), r => Assert.Equal(bytes[r.i], new HotRow(r.r).Bytes));
                Assert.All(Enumerable.Range(0, count), i => Assert.Equal(0, rows[(2 * i) + 1]));
                nint[] shown = [.. Enumerable.Range(0, count).Select(i => rows[2 * i]), rows[^1]];
                nint[] plain = [.. stored, stored[0]];
                Assert.All(shown.Zip(plain), r => AssertSameHead(new(r.Second), new(r.First), layout));
                using var expected = Masked(PackedRows.Values(s_everyType, plain), obligations, out var applied);
                using var found = PackedRows.Values(s_everyType, shown);
                foreach (var column in expected.Schema.FieldsList.Select(f => f.Name))
                    Assert.Equal(ArrowText.Column(expected, column), ArrowText.Column(found, column));
                Assert.Equal(applied.ToDictionary(m => m.Column, m => m.Mask), masks.Shown);
            },
            iter: 200, threads: 1);

    [Theory]
    [InlineData(Mask.Null)]
    [InlineData(Mask.Redact)]
    [InlineData(Mask.Hash)]
    [InlineData(Mask.LastFour)]
    public void Nothing_of_a_masked_value_is_left_in_what_is_shown(Mask mask)
    {
        var (definition, layout) = Texts("secret", "other", "shown");
        nint[] rows = [Keep(layout, 7, "a very secret text", "another such", "for everybody")];
        var masks = RowMasks.Of(
            definition, layout, new HashSet<string> { "secret", "shown" },
            new([new("secret", mask), new("other", Mask.Redact)], Mask.None, []), new MaskHashes(s_key));

        masks.Apply(rows, _shelf);

        var row = new HotRow(rows[0]);
        Assert.Equal(-1, row.Bytes.IndexOf("secret"u8));
        Assert.Equal(-1, row.Bytes.IndexOf("another"u8));
        Assert.False(row.Has(layout.Slots[1]), "What is masked and not asked for is not there.");
        Assert.Equal("for everybody"u8, row.ValueOf(layout.Slots[2]));
        Assert.Equal(mask != Mask.Null, row.Has(layout.Slots[0]));
    }

    [Fact]
    public void Rows_of_a_generation_from_before_a_feature_was_are_masked_by_those_that_they_have()
    {
        var (definition, _) = Texts("a", "b");
        var layout = RowLayout.Of(definition with { Features = [definition.Features[0]] });
        nint[] rows = [Keep(layout, 7, "12345")];

        var masks = RowMasks.Of(definition, layout, All(definition), new([], Mask.LastFour, []), new MaskHashes(s_key));
        masks.Apply(rows, _shelf);

        Assert.Equal("*2345"u8, new HotRow(rows[0]).ValueOf(layout.Slots[0]));
        Assert.Equal(Mask.LastFour, masks.Shown["b"]);
    }

    [Fact]
    public void Rows_are_left_out_as_a_scan_leaves_them_out_by_whatever_column() =>
        Gen.Select(Gen.Int, Gen.Int[0, s_types.Length - 1], Gen.Int[0, 1], Gen.Enum<Comparison>()).Sample(
            (seed, feature, part, comparison) =>
            {
                _stored.Clear();
                var layout = RowLayout.Of(s_everyType);
                nint[] stored = [.. Random(layout, seed, 40).Select(r => _stored.Keep(r))];
                using var batch = PackedRows.Values(s_everyType, stored);
                List<Condition> conditions =
                [
                    part == 0 ? new("id", Comparison.Less, 20) : new("name", Comparison.GreaterOrEqual, "n2"),
                    .. Fitting($"f{feature}", s_types[feature], comparison),
                ];
                nint[] rows = [.. stored];

                new RowConditions(s_everyType, layout, conditions).LeaveOut(rows);

                var expected = stored.Select((row, i) => conditions.TrueForAll(c => IsMet(c, batch, i)) ? row : 0);
                Assert.Equal(expected, rows);
            },
            iter: 500, threads: 1);

    [Theory]
    [InlineData(Comparison.IsNull, true)]
    [InlineData(Comparison.IsNotNull, false)]
    [InlineData(Comparison.NotEqual, false)]
    public void A_feature_that_rows_do_not_have_yet_is_null(Comparison comparison, bool isMet)
    {
        var (definition, _) = Texts("a", "b");
        var layout = RowLayout.Of(definition with { Features = [definition.Features[0]] });
        nint[] rows = [Keep(layout, 7, "x"), 0];

        new RowConditions(definition, layout, [new("b", comparison, comparison == Comparison.NotEqual ? ["y"] : [])]).LeaveOut(rows);

        Assert.Equal(isMet, rows[0] != 0);
    }

    [Fact]
    public void What_is_no_key_and_no_feature_cannot_be_compared()
    {
        var (definition, layout) = Texts("a");
        foreach (var column in (string[])["none", "event_time", "pushed_by"])
            Assert.Throws<ScanException>(() => new RowConditions(definition, layout, [new(column, Comparison.IsNull)]));
    }

    private static HashSet<string> All(FeatureDefinition definition) => [.. definition.Features.Select(f => f.Name)];

    private static void AssertSameHead(HotRow stored, HotRow shown, RowLayout layout)
    {
        Assert.Equal(
            (stored.EventTime, stored.Created, stored.Key, stored.Origin), (shown.EventTime, shown.Created, shown.Key, shown.Origin));
        Assert.True(shown.HasKeyOf(stored, layout));
        Assert.True(layout.Holds(shown.Bytes));
    }

    private static RecordBatch Masked(RecordBatch batch, AccessObligations obligations, out IReadOnlyList<ColumnMask> applied)
    {
        var masks = ColumnMasks.Of(batch.Schema, obligations, s_key);
        applied = masks?.Applied ?? [];
        return masks?.Apply(batch) ?? batch;
    }

    /// <summary>A comparison that a type allows, with a value that some rows have; none where it allows none but with null.</summary>
    private static IEnumerable<Condition> Fitting(string column, string type, Comparison comparison)
    {
        object? value = type switch
        {
            "bool" => true,
            "string" or "json" => "m",
            "binary" or "fixed_binary(3)" or "fixed_binary(20)" => new byte[type == "binary" ? 1 : type == "fixed_binary(3)" ? 3 : 20],
            _ when FeatureType.IsInteger(type) => 10,
            _ when FeatureType.IsFloat(type) => 1.5,
            _ when type.StartsWith("decimal", StringComparison.Ordinal) && type != "decimal(60,20)" => 1.5m,
            _ => null,
        };
        if (comparison is Comparison.IsNull or Comparison.IsNotNull)
            yield return new(column, comparison);
        else if (value is not null)
            yield return new(column, comparison, value);
    }

    private static bool IsMet(Condition condition, RecordBatch batch, int row)
    {
        bool[] mark = [true];
        var field = batch.Schema.GetFieldByName(condition.Column);
        RowTests.Of(condition, field).Mark(batch.Column(condition.Column).Data.Slice(row, 1), mark);
        return mark[0];
    }

    private static (FeatureDefinition Definition, RowLayout Layout) Texts(params IReadOnlyList<string> names)
    {
        var definition = new FeatureDefinition(
            [new Entity("thing", [new EntityKey("id", "int64", "id")])], new FeatureSource(NodeId.Dataset("t", "events"), "at"),
            [.. names.Select(n => new Feature(n, "string", n))]);
        return (definition, RowLayout.Of(definition));
    }

    private nint Keep(RowLayout layout, long key, params string[] texts)
    {
        var keys = new KeyBatch();
        keys.Reset(layout.Keys);
        keys.Add(key);
        var packer = new RowPacker(layout);
        packer.Begin(keys, 0, eventTime: 3, created: 4);
        for (var i = 0; i < texts.Length; i++)
            packer.Set(layout.Slots[i], texts[i]);
        return _stored.Keep(packer.End());
    }

    /// <summary>Rows of values of every type, a quarter of which are null.</summary>
    private static IEnumerable<byte[]> Random(RowLayout layout, int seed, int count)
    {
        var random = new RandomArrays(seed);
        var schema = RowConditions.SchemaOf(s_everyType);
        var columns = layout.Slots
            .Select(s => random.Array(schema.GetFieldByName(s.Name).DataType, count, nullable: true)).ToList();
        var packer = new RowPacker(layout);
        for (var row = 0; row < count; row++)
        {
            var keys = new KeyBatch();
            keys.Reset(layout.Keys);
            keys.Part(row);
            keys.Part(System.Text.Encoding.UTF8.GetBytes($"n{row % 5}"));
            keys.EndKey();
            packer.Begin(keys, 0, eventTime: row, created: HotRow.NoTime);
            foreach (var (column, slot) in columns.Zip(layout.Slots))
            {
                if (ArrowText.Value(column, row) != "null")
                    packer.Set(slot, Bytes(column, row));
            }

            yield return packer.End().ToArray();
        }
    }

    private static byte[] Bytes(ArrayData column, int row) => column.DataType switch
    {
        BooleanType => [BitUtility.GetBit(column.Buffers[1].Span, row) ? (byte)1 : (byte)0],
        FixedWidthType { BitWidth: var bits } => column.Buffers[1].Span.Slice(row * bits / 8, bits / 8).ToArray(),
        _ => column.Buffers[2].Span[
            BitConverter.ToInt32(column.Buffers[1].Span[(row * 4)..])..BitConverter.ToInt32(column.Buffers[1].Span[((row + 1) * 4)..])]
            .ToArray(),
    };
}
