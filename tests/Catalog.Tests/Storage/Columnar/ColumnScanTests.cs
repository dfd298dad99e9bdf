using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Storage.Columnar;
using Catalog.Storage.Files;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

public sealed class ColumnScanTests
{
    private static readonly Schema s_schema = new(
        [new Field("id", Int64Type.Default, nullable: false), new Field("name", StringType.Default, nullable: true)], metadata: null);

    [Fact]
    public async Task Row_groups_whose_statistics_rule_them_out_are_not_read()
    {
        var file = await NumbersAsync(0, 1_000, groupRows: 100);

        var (_, rows, statistics) = await Scans.RowsAsync(
            file, new() { Columns = ["id"], Where = [new("id", Comparison.GreaterOrEqual, 250), new("id", Comparison.Less, 420)] });

        Assert.Equal(170, rows.Count);
        Assert.Equal(new ScanStatistics(Files: 1, RowGroupsRead: 3, RowGroupsSkipped: 7, RowsDecoded: 300, Rows: 170), statistics);
    }

    [Theory]
    [InlineData(Comparison.Equal, "name-0150", 1)]
    [InlineData(Comparison.Greater, "name-0899", 1)]
    [InlineData(Comparison.Less, "name-0000", 0)]
    [InlineData(Comparison.NotEqual, "name-0000", 10)]
    [InlineData(Comparison.IsNull, null, 10)]
    public async Task Bounds_of_text_and_counts_of_nulls_rule_row_groups_out(Comparison comparison, string? value, int read)
    {
        var file = await NumbersAsync(0, 1_000, groupRows: 100);

        var (_, _, statistics) = await Scans.RowsAsync(
            file, new() { Where = [new("name", comparison, value is null ? [] : [value])] });

        Assert.Equal((read, 10 - read), (statistics.RowGroupsRead, statistics.RowGroupsSkipped));
    }

    [Fact]
    public async Task A_column_is_compared_that_is_not_read()
    {
        var file = await NumbersAsync(0, 1_000, groupRows: 100);

        var (schema, rows, _) = await Scans.RowsAsync(
            file, new() { Columns = ["name"], Where = [new("id", Comparison.In, 7, 501, 2_000)] });

        Assert.Equal("name", Assert.Single(schema.FieldsList).Name);
        Assert.Equal(["name-0007", "name-0501"], rows);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(50)]
    public async Task Shards_hold_each_row_once(int count)
    {
        ParquetSource[] files =
        [
            Scans.Source(await NumbersAsync(0, 250, groupRows: 50)), Scans.Source(await NumbersAsync(250, 20, groupRows: 50)),
            Scans.Source(await NumbersAsync(270, 330, groupRows: 30)),
        ];
        List<string> rows = [];
        for (var index = 0; index < count; index++)
            rows.AddRange((await Scans.RowsAsync(files, new() { Columns = ["id"], Shard = new(index, count) })).Rows);

        var (_, whole, _) = await Scans.RowsAsync(files, new() { Columns = ["id"] });
        Assert.Equal(600, whole.Count);
        Assert.Equal(whole.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task However_many_decode_the_batches_are_the_same()
    {
        var one = await BatchesAsync(parallelism: 1, maxBytes: long.MaxValue);

        Assert.Equal(one, await BatchesAsync(parallelism: 4, maxBytes: long.MaxValue));
        Assert.Equal(one, await BatchesAsync(parallelism: 4, maxBytes: 1));
        Assert.Equal(one, await BatchesAsync(parallelism: 16, maxBytes: 5_000));
    }

    [Fact]
    public async Task No_more_waits_for_a_slow_consumer_than_is_allowed()
    {
        const long Most = 20_000;
        var file = await NumbersAsync(0, 20_000, groupRows: 1_000);
        var engine = new TrackingEngine();
        var scan = await ColumnScan.OpenAsync(
            [Scans.Source(file)], new() { BatchRows = 100, Parallelism = 4, MaxBytesInFlight = Most }, default, engine);

        var most = 0;
        await foreach (var batch in scan.ReadAsync())
        {
            // Until nothing moves any more.
            await engine.QuietAsync();
            most = Math.Max(most, engine.Alive);
            batch.Dispose();
        }

        // A batch has between 2,000 and 2,500 bytes: ten wait and one of the row group that is read, one is the consumer's, and each
        // decoder holds one.
        Assert.InRange(scan.PeakBytesInFlight, 1, Most + 2_500);
        Assert.InRange(most, 2, 10 + 1 + 1 + 4);
        Assert.Equal(0, engine.Alive);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_stops_leaves_nothing_behind(bool byCancelling)
    {
        using var stop = new CancellationTokenSource();
        var engine = new TrackingEngine();
        var scan = await ColumnScan.OpenAsync(
            [Scans.Source(await NumbersAsync(0, 5_000, groupRows: 500))], new() { BatchRows = 10, Parallelism = 3 }, default, engine);

        async Task ReadSomeAsync()
        {
            var seen = 0;
            await foreach (var batch in scan.ReadAsync(stop.Token))
            {
                batch.Dispose();
                if (++seen < 3)
                    continue;
                if (!byCancelling)
                    break;
                await stop.CancelAsync();
            }
        }

        if (byCancelling)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(ReadSomeAsync);
        else
            await ReadSomeAsync();

        Assert.Equal(0, engine.Alive);
        Assert.True(engine.Made >= 3);
    }

    [Fact]
    public async Task A_damaged_file_is_named_after_the_rows_before_it()
    {
        ParquetSource[] files =
        [
            Scans.Source(await NumbersAsync(0, 100, groupRows: 10), "first"), Scans.Source([.. "PAR1 is not enough"u8], "second"),
        ];
        var scan = await ColumnScan.OpenAsync(files, new() { Parallelism = 4 }, default);

        var rows = 0;
        var refused = await Assert.ThrowsAsync<FileException>(async () =>
        {
            await foreach (var batch in scan.ReadAsync())
            {
                using (batch)
                    rows += batch.Length;
            }
        });

        Assert.Equal(("second", 100), (refused.File, rows));
    }

    [Fact]
    public async Task A_projection_takes_the_place_of_each_batch()
    {
        var masked = new Schema([new Field("length", Int32Type.Default, nullable: false)], metadata: null);
        var request = new ScanRequest
        {
            Project = batch =>
            {
                using (batch)
                    return new(masked, [new Int32Array.Builder().Append(batch.Length).Build()], 1);
            },
            ProjectedSchema = _ => masked,
        };

        var (schema, rows, _) = await Scans.RowsAsync(await NumbersAsync(0, 5, groupRows: 3), request);

        Assert.Equal("length", Assert.Single(schema.FieldsList).Name);
        Assert.Equal(["03000000", "02000000"], rows);
    }

    [Fact]
    public async Task A_scan_is_read_once()
    {
        var scan = await ColumnScan.OpenAsync([Scans.Source(await NumbersAsync(0, 5, groupRows: 5))], new(), default);
        await foreach (var batch in scan.ReadAsync())
            batch.Dispose();

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await scan.ReadAsync().GetAsyncEnumerator().MoveNextAsync());
    }

    internal static Task<byte[]> NumbersAsync(int first, int count, int groupRows) =>
        Scans.WriteAsync(new() { RowGroupRows = groupRows }, Numbers(first, count));

    private static RecordBatch Numbers(int first, int count) => new(
        s_schema,
        [
            new Int64Array.Builder().AppendRange(Enumerable.Range(first, count).Select(i => (long)i)).Build(),
            Enumerable.Range(first, count)
                .Aggregate(new StringArray.Builder(), (b, i) => i % 100 == 99 ? b.AppendNull() : b.Append($"name-{i:D4}")).Build(),
        ],
        count);

    private static async Task<IReadOnlyList<string>> BatchesAsync(int parallelism, long maxBytes)
    {
        var batch = new RandomArrays(21).Batch(RandomArrays.EveryType, 700);
        ParquetSource[] files =
        [
            Scans.Source(await Scans.WriteAsync(new() { RowGroupRows = 90 }, batch), "one"),
            Scans.Source(await Scans.WriteAsync(new(), new RandomArrays(22).Batch(RandomArrays.EveryType, 40)), "two"),
            Scans.Source(await Scans.WriteAsync(new() { RowGroupRows = 9 }, new RandomArrays(3).Batch(RandomArrays.EveryType, 99)), "last"),
        ];
        var scan = await ColumnScan.OpenAsync(
            files,
            new()
            {
                BatchRows = 25,
                Parallelism = parallelism,
                MaxBytesInFlight = maxBytes,
                Where = [new("optional_3_int32", Comparison.Greater, 0)],
            },
            default);

        List<string> batches = [];
        await foreach (var read in scan.ReadAsync())
        {
            using (read)
                batches.Add(string.Join("\n", ArrowText.Rows(read)));
        }

        return batches;
    }
}
