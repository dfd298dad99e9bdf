using Apache.Arrow;
using Apache.Arrow.Types;
using Catalog.Access;
using Catalog.Storage.Columnar;
using Catalog.Storage.Columnar.Masking;
using Catalog.Storage.Files;
using Catalog.Tests.Training;
using Catalog.Training;
using CsCheck;
using Xunit;

namespace Catalog.Tests.Storage.Columnar;

public sealed class EpochScanTests
{
    private static readonly Schema s_schema = new(
        [
            new Field("id", Int64Type.Default, nullable: false), new Field("name", StringType.Default, nullable: true),
            new Field("group", Int32Type.Default, nullable: true),
        ],
        metadata: null);

    private static readonly OrderShape s_shape = new(4, 60);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(64)]
    public async Task The_order_is_the_same_whatever_the_number_of_shards(int shards)
    {
        var table = await TableAsync(40, 0, 33, 100, 7, 1, 60);

        var dealt = new string[241];
        for (var shard = 0; shard < shards; shard++)
        {
            var (rows, _) = await ReadAsync(table, new(shard, shards));
            for (var i = 0; i < rows.Count; i++)
                dealt[shard + (i * shards)] = rows[i];
        }

        Assert.Equal(Expected(table, seed: 5), dealt);
    }

    /// <summary>Against the definition, for tables, layouts, filters and shards of all sizes.</summary>
    [Fact]
    public async Task Each_shard_reads_the_rows_at_its_positions() => await Gen.Select(
        Gen.Int[0, 50].Array[1, 8],
        Gen.Select(Gen.Int[0, 3], Gen.Int[1, 90], (log, rows) => new OrderShape(1 << log, rows)),
        Gen.Int[1, 9],
        Gen.Select(Gen.Enum<Uneven>(), Gen.Bool, Gen.Long[0, 60], Gen.Int[1, 40])).SampleAsync(async (units, shape, shards, more) =>
        {
            var (uneven, isFiltered, from, batchRows) = more;
            var table = await TableAsync(units);
            var expected = Expected(table, seed: 9, shape, isFiltered);

            for (var shard = 0; shard < shards; shard++)
            {
                var deal = new Deal(expected.Count, from, shard, shards, uneven);
                var (rows, sizes) = await ReadAsync(table, new(shard, shards)
                {
                    From = from,
                    Uneven = uneven,
                    Shape = shape,
                    Seed = 9,
                    IsFiltered = isFiltered,
                    BatchRows = batchRows,
                });

                Assert.Equal(Enumerable.Range(0, (int)deal.Count).Select(i => expected[(int)deal.PositionOf(i)]), rows);
                Assert.All(sizes.SkipLast(1), size => Assert.Equal(batchRows, size));
            }
        }, iter: 60, threads: 1);

    [Fact]
    public async Task A_read_that_is_cut_off_goes_on_with_twice_the_shards()
    {
        var table = await TableAsync(400, 333, 100, 512, 90);
        var seen = new List<string>();
        var from = 0L;
        foreach (var (shards, batches) in ((int, int)[])[(2, 3), (4, 2), (8, 5), (16, int.MaxValue)])
        {
            for (var shard = 0; shard < shards; shard++)
            {
                var (rows, _) = await ReadAsync(table, new(shard, shards) { From = from, BatchRows = 16 }, batches);
                seen.AddRange(rows);
            }

            from += (long)shards * 16 * batches;
        }

        Assert.Equal(1_435, seen.Count);
        Assert.Equal(Expected(table, seed: 5).Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Columns_of_every_type_are_shuffled_alike()
    {
        var arrays = new RandomArrays(3);
        var file = await Scans.WriteAsync(
            new() { RowGroupRows = 70 }, [arrays.Batch(RandomArrays.EveryType, 300)]);
        ParquetSource[] files = [Scans.Source(file), Scans.Source(file)];
        var (_, inOrder, _) = await Scans.RowsAsync(files, new());
        var table = new Table(files, await RowGroupIndex.ReadAsync(files, 2, default), s_shape);

        var (rows, _) = await ReadAsync(table, new(0, 1) { BatchRows = 64 });
        var (half, _) = await ReadAsync(table, new(0, 2) { BatchRows = 64 });

        Assert.NotEqual(inOrder, rows);
        Assert.Equal(inOrder.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
        Assert.Equal(rows.Where((_, i) => i % 2 == 0), half);
    }

    [Fact]
    public async Task Windows_are_not_decoded_far_ahead_of_a_consumer_that_waits()
    {
        var table = await TableAsync([.. Enumerable.Repeat(1_000, 50)]);
        var order = table.Order(5, new OrderShape(1, 1_000));
        var engine = new TrackingEngine();
        var scan = await EpochScan.OpenAsync(
            table.Files, new() { MaxBytesInFlight = 40_000, BatchRows = 100 }, table.Index, order, Whole(order), default, engine);

        await using (var batches = scan.ReadAsync().GetAsyncEnumerator())
        {
            Assert.True(await batches.MoveNextAsync());
            batches.Current.Dispose();
            await engine.QuietAsync();
            Assert.InRange(engine.Made, 29, 90);
        }

        Assert.Equal(0, engine.Alive);
        Assert.InRange(scan.PeakBytesInFlight, 1, 100_000);
    }

    [Fact]
    public async Task A_consumer_that_stops_leaves_nothing_behind()
    {
        var table = await TableAsync([.. Enumerable.Repeat(500, 20)]);
        var order = table.Order(5, s_shape);
        var engine = new TrackingEngine();
        using var stop = new CancellationTokenSource();
        var scan = await EpochScan.OpenAsync(table.Files, new() { BatchRows = 10 }, table.Index, order, Whole(order), default, engine);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var batch in scan.ReadAsync(stop.Token))
            {
                batch.Dispose();
                await stop.CancelAsync();
            }
        });

        Assert.Equal(0, engine.Alive);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await scan.ReadAsync().GetAsyncEnumerator().MoveNextAsync());
    }

    [Fact]
    public async Task Masks_change_what_rows_hold_and_not_their_order()
    {
        var table = await TableAsync(40, 33, 100);
        var masks = ColumnMasks.Of(s_schema, new([new("group", Mask.Null), new("name", Mask.LastFour)], Mask.None, []), new byte[32]);
        var request = new ScanRequest { Project = masks is null ? null : masks.Apply, ProjectedSchema = s => masks?.Schema ?? s };
        var order = table.Order(5, s_shape);

        var plain = await RowsAsync(await EpochScan.OpenAsync(table.Files, new(), table.Index, order, Whole(order), default));
        var masked = await RowsAsync(await EpochScan.OpenAsync(table.Files, request, table.Index, order, Whole(order), default));

        Assert.Equal(173, masked.Count);
        Assert.Equal(plain.Select(r => r.Split(" | ")[0]), masked.Select(r => r.Split(" | ")[0]));
        Assert.All(masked, r => Assert.EndsWith(" | null", r, StringComparison.Ordinal));
        Assert.All(masked, r => Assert.Matches(@"\| (null|\**....|\*{0,4}) \|", r));
    }

    [Fact]
    public async Task A_file_with_other_rows_than_were_counted_is_told_by_name()
    {
        var table = await TableAsync(100, 100);
        var other = await TableAsync(100, 50);
        var order = table.Order(5, s_shape);
        var scan = await EpochScan.OpenAsync([table.Files[0], other.Files[1]], new(), table.Index, order, Whole(order), default);

        var e = await Assert.ThrowsAsync<FileException>(async () => await scan.ReadAsync().CountAsync());

        Assert.Contains("file-1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_that_is_not_there_is_named()
    {
        var table = await TableAsync(10);
        var order = table.Order(5, s_shape);

        var e = await Assert.ThrowsAsync<ScanException>(
            () => EpochScan.OpenAsync(table.Files, new() { Columns = ["speed"] }, table.Index, order, Whole(order), default));

        Assert.Equal(ScanException.BadColumns, e.Code);
    }

    private static async Task<List<string>> RowsAsync(EpochScan scan)
    {
        var rows = new List<string>();
        await foreach (var batch in scan.ReadAsync())
        {
            using (batch)
                rows.AddRange(ArrowText.Rows(batch));
        }

        return rows;
    }

    private static Deal Whole(EpochOrder order) => new(order.Rows, 0, 0, 1, Uneven.Keep);

    private static async Task<(List<string> Rows, List<int> Sizes)> ReadAsync(Table table, Share share, int batches = int.MaxValue)
    {
        var request = new ScanRequest { BatchRows = share.BatchRows, Where = share.IsFiltered ? [s_third] : [], Parallelism = 3 };
        var counts = await table.Index.CountAsync(table.Files, request, default);
        var order = EpochOrderTests.Of(counts, share.Shape, share.Seed, epoch: 0);
        var scan = await EpochScan.OpenAsync(
            table.Files, request, table.Index, order, new Deal(order.Rows, share.From, share.Shard, share.Shards, share.Uneven), default);
        var (rows, sizes) = (new List<string>(), new List<int>());
        await foreach (var batch in scan.ReadAsync().Take(batches))
        {
            using (batch)
            {
                rows.AddRange(ArrowText.Rows(batch));
                sizes.Add(batch.Length);
            }
        }

        return (rows, sizes);
    }

    /// <summary>What the definition of the order says, of rows as they were written.</summary>
    private static List<string> Expected(Table table, long seed, OrderShape? shape = null, bool isFiltered = false)
    {
        var units = table.Units.Select(rows => rows.Where(id => !isFiltered || id % 3 == 0).ToList()).ToList();
        var order = EpochOrderTests.Of([.. units.Select(u => u.Count)], shape ?? s_shape, seed, epoch: 0);
        return [.. EpochOrderTests.Rows(order).Select(r => Text(units[r.Unit][r.Row]))];
    }

    private static readonly Condition s_third = new("group", Comparison.Equal, 0);

    private static string Text(int id)
    {
        var batch = Batch(id, 1);
        return ArrowText.Rows(batch)[0];
    }

    private static RecordBatch Batch(int first, int rows)
    {
        var (ids, names, groups) = (new Int64Array.Builder(), new StringArray.Builder(), new Int32Array.Builder());
        for (var id = first; id < first + rows; id++)
        {
            ids.Append(id);
            groups.Append(id % 3);
            if (id % 10 == 0)
                names.AppendNull();
            else
                names.Append($"name {new string('x', id % 23)} {id}");
        }

        return new(s_schema, [ids.Build(), names.Build(), groups.Build()], rows);
    }

    /// <summary>A file for each of the numbers of rows, with row groups of 35 rows.</summary>
    private static async Task<Table> TableAsync(params int[] rows)
    {
        var (files, units, first) = (new List<ParquetSource>(), new List<List<int>>(), 0);
        foreach (var count in rows)
        {
            var file = await Scans.WriteAsync(new() { RowGroupRows = 35 }, Batch(first, count));
            files.Add(Scans.Source(file, $"file-{files.Count}"));
            units.AddRange(Enumerable.Range(first, count).Chunk(35).Select(c => c.ToList()));
            first += count;
        }

        var index = await RowGroupIndex.ReadAsync(files, 2, default);
        Assert.Equal(units.Select(u => u.Count), index.Rows.Where(r => r > 0));
        return new(files, index, s_shape) { Units = units };
    }

    private sealed record Table(IReadOnlyList<ParquetSource> Files, RowGroupIndex Index, OrderShape Shape)
    {
        public IReadOnlyList<List<int>> Units { get; init; } = [];

        public EpochOrder Order(long seed, OrderShape shape) => EpochOrderTests.Of(Index.Rows, shape, seed, epoch: 0);
    }

    private sealed record Share(int Shard, int Shards)
    {
        public long From { get; init; }

        public Uneven Uneven { get; init; }

        public OrderShape Shape { get; init; } = s_shape;

        public long Seed { get; init; } = 5;

        public bool IsFiltered { get; init; }

        public int BatchRows { get; init; } = 1_000;
    }
}
