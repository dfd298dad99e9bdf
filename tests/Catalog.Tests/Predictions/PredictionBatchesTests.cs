using Catalog.Predictions;
using Catalog.Storage.Columnar;
using Xunit;

namespace Catalog.Tests.Predictions;

public sealed class PredictionBatchesTests
{
    private static readonly NodeId s_model = NodeId.Model("demo", "delay");

    [Fact]
    public async Task Predictions_are_the_same_when_they_were_written_and_read()
    {
        var at = new DateTimeOffset(2026, 11, 26, 9, 30, 0, 123, 456, TimeSpan.Zero);
        LoggedPrediction[] predictions =
        [
            .. Enumerable.Range(0, 3_000).Select(i => new LoggedPrediction(
                s_model.WithVersion(1 + i % 3), $"r-{i:D5}", at.AddSeconds(i), at.AddSeconds(i + 1), "someone",
                i % 2 == 0 ? Guid.CreateVersion7() : null, """{"airport":"Malmö"}""", i % 5 == 0 ? null : $$"""{"delay":{{i}}}""",
                $"{i}", i % 7 == 0 ? null : Receipt)),
        ];
        var seen = 0;
        using var file = new MemoryStream();
        await ParquetFileWriter.WriteAsync(
            file, PredictionBatches.Schema,
            PredictionBatches.OfAsync(predictions.ToAsyncEnumerable(), _ => seen++, TestContext.Current.CancellationToken), new(),
            TestContext.Current.CancellationToken);

        var scan = await ColumnScan.OpenAsync(
            [ParquetSource.Of("rows", () => new MemoryStream(file.ToArray()))], new ScanRequest(), TestContext.Current.CancellationToken);
        var read = new List<LoggedPrediction>();
        await foreach (var batch in scan.ReadAsync(TestContext.Current.CancellationToken))
        {
            using (batch)
                read.AddRange(Enumerable.Range(0, batch.Length).Select(i => PredictionBatches.Read(s_model, batch, i)));
        }

        Assert.Equal(predictions, read);
        Assert.Equal(predictions.Length, seen);
        Assert.Null(PredictionBatches.SeenBy(read[0]));
        Assert.Equal(NodeId.Generation(Generation), PredictionBatches.SeenBy(read[1])?.Views[0].Generation);
    }

    private const string Generation = "019a8f10-3c44-7b02-8d55-6a1f0b3c9e21";

    private const string Receipt =
        $$$"""{"stale":false,"views":[{"view":"feature-view:demo/delays@1","generation":"generation:{{{Generation}}}"}]}""";
}
