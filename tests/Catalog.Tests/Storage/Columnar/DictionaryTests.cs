using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Catalog.Storage.Columnar;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>Why batches carry plain values.</summary>
public sealed class DictionaryTests
{
    /// <summary>When this fails, Apache.Arrow has been mended, and batches may carry dictionaries.</summary>
    [Fact]
    public async Task Apache_Arrow_writes_the_first_dictionary_of_a_stream_only_and_reads_later_batches_wrong()
    {
        var type = new DictionaryType(Int32Type.Default, StringType.Default, ordered: false);
        var schema = new Schema([new Field("name", type, nullable: false)], metadata: null);

        var read = await ThroughStreamAsync(schema, [Batch("a", "b"), Batch("c", "d")]);

        Assert.Equal(["a", "b", "a", "b"], read.SelectMany(Decoded));

        RecordBatch Batch(params string[] values) => new(
            schema,
            [
                new DictionaryArray(
                    type, new Int32Array.Builder().AppendRange([0, 1]).Build(), new StringArray.Builder().AppendRange(values).Build()),
            ],
            2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Row_groups_with_dictionaries_of_their_own_come_through_a_stream_as_they_are(bool isNative)
    {
        string[] names = [.. Enumerable.Range(0, 400).Select(i => $"{(i < 200 ? "first" : "second")}-{i % 3}")];
        var schema = new Schema([new Field("name", StringType.Default, nullable: false)], metadata: null);
        var file = await Scans.WriteAsync(
            new() { RowGroupRows = 200 }, new RecordBatch(schema, [new StringArray.Builder().AppendRange(names).Build()], 400));
        var scan = await ColumnScan.OpenAsync(
            [Scans.Source(file)], new(), default, isNative ? ParquetEngines.Native : ParquetEngines.Managed);

        List<RecordBatch> batches = [];
        await foreach (var batch in scan.ReadAsync())
            batches.Add(batch);

        Assert.Equal(names, (await ThroughStreamAsync(scan.Schema, batches)).SelectMany(b => ArrowText.Column(b, "name")));
    }

    private static async Task<IReadOnlyList<RecordBatch>> ThroughStreamAsync(Schema schema, IReadOnlyList<RecordBatch> batches)
    {
        using var stream = new MemoryStream();
        using (var writer = new ArrowStreamWriter(stream, schema, leaveOpen: true))
        {
            foreach (var batch in batches)
                await writer.WriteRecordBatchAsync(batch);
            await writer.WriteEndAsync();
        }

        stream.Position = 0;
        using var reader = new ArrowStreamReader(stream, leaveOpen: true);
        List<RecordBatch> read = [];
        while (await reader.ReadNextRecordBatchAsync() is { } batch)
            read.Add(batch);
        return read;
    }

    private static IEnumerable<string> Decoded(RecordBatch batch)
    {
        var names = (DictionaryArray)batch.Column(0);
        return ((Int32Array)names.Indices).Select(i => ((StringArray)names.Dictionary).GetString(i.GetValueOrDefault()));
    }
}
