using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Access;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.Masking;
using Xunit;

namespace Catalog.Tests.PolicyProjections;

/// <summary>Masked batches as files: what is masked within structs, and in columns that had no nulls before.</summary>
public sealed class MaskedFileTests
{
    private static readonly StructType s_address = new(
        [new Field("street", StringType.Default, nullable: false), new Field("city", StringType.Default, nullable: false)]);

    private static readonly Schema s_schema = new(
        [new Field("id", Int64Type.Default, nullable: false), new Field("address", s_address, nullable: false)], metadata: null);

    [Fact]
    public async Task A_field_of_a_struct_is_masked_in_the_file_and_in_its_footer()
    {
        var (schema, footer, rows) = await WrittenAsync(new("address.street", Mask.Null), new("id", Mask.Null));

        Assert.Equal(["null | Bergen", "null | Oslo"], rows.Order(StringComparer.Ordinal));
        Assert.True(schema.GetFieldByName("id").IsNullable);
        Assert.Equal([true, false], ((StructType)schema.GetFieldByName("address").DataType).Fields.Select(f => f.IsNullable));
        Assert.Equal((null, 2L), (footer.Statistics["address.street"].Max, footer.Statistics["address.street"].Nulls));
        Assert.Equal(("Bergen", "Oslo"), (footer.Statistics["address.city"].Min, footer.Statistics["address.city"].Max));
    }

    [Fact]
    public async Task Nothing_of_a_masked_value_is_in_the_bytes()
    {
        var (_, _, rows) = await WrittenAsync(new ColumnMask("address.street", Mask.Redact));

        Assert.Equal(["REDACTED | Bergen", "REDACTED | Oslo"], rows.Order(StringComparer.Ordinal));
    }

    private static async Task<(Schema Schema, ParquetFooter Footer, List<string> Rows)> WrittenAsync(params ColumnMask[] masked)
    {
        var ct = TestContext.Current.CancellationToken;
        var masks = ColumnMasks.Of(s_schema, new AccessObligations(masked, Mask.None, []), new byte[32])
            ?? throw new InvalidOperationException("Nothing is masked.");
        using var file = new MemoryStream();
        await ParquetFileWriter.WriteAsync(
            file, masks.Schema, new[] { masks.Apply(Batch()) }.ToAsyncEnumerable(), new() { Compression = ParquetCompression.None }, ct);
        Assert.DoesNotContain("Secret Street", System.Text.Encoding.Latin1.GetString(file.ToArray()), StringComparison.Ordinal);

        var scan = await ColumnScan.OpenAsync([ParquetSource.Of("f", () => new MemoryStream(file.ToArray()))], new ScanRequest(), ct);
        var rows = new List<string>();
        await foreach (var next in scan.ReadAsync(ct))
        {
            using var batch = next;
            var address = (StructArray)batch.Column(1);
            for (var row = 0; row < batch.Length; row++)
                rows.Add($"{Text(address, 0, row)} | {Text(address, 1, row)}");
        }

        return (scan.Schema, await ParquetFooter.ReadAsync(new MemoryStream(file.ToArray()), "f", ct), rows);

        static string Text(StructArray array, int field, int row) => ((StringArray)array.Fields[field]).GetString(row) ?? "null";
    }

    private static RecordBatch Batch() => new(
        s_schema,
        [
            new Int64Array.Builder().Append(1).Append(2).Build(),
            new StructArray(
                s_address,
                2,
                [
                    new StringArray.Builder().Append("1 Secret Street").Append("2 Secret Street").Build(),
                    new StringArray.Builder().Append("Oslo").Append("Bergen").Build(),
                ],
                ArrowBuffer.Empty),
        ],
        2);
}
