using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Apache.Arrow;
using Catalog.Storage.Files;
using Catalog.Training;

namespace Catalog.Storage.Columnar;

/// <summary>
/// Reads the rows of one shard of one epoch, in the order of an <see cref="EpochOrder"/>, as batches of as many rows as were asked for.
/// Windows are decoded and shuffled ahead of the consumer, within <see cref="ScanRequest.MaxBytesInFlight"/>.
/// </summary>
public sealed class EpochScan
{
    private const int BatchesAhead = 2;

    private readonly ScanPlan _plan;
    private readonly ShardPlan _shard;
    private readonly EpochOrder _order;
    private readonly ScanRequest _request;
    private readonly RowGroupIndex _index;
    private readonly ScanCounters _counters = new();
    private readonly UnitReader _units;
    private readonly double _columnShare;
    private readonly BufferPool _buffers;
    private int _isRead;

    private EpochScan(
        ScanPlan plan, ParquetFile first, ScanRequest request, RowGroupIndex index, EpochOrder order, Deal deal, IParquetEngine engine)
    {
        (_plan, _request, _index, _order) = (plan, request, index, order);
        _shard = new(order, deal);
        _units = new(engine, plan, request, index, _counters);
        _buffers = new(request.MaxBytesInFlight);
        _columnShare = ShareOf(first, plan.ColumnsOf(first));
        Schema = request.ProjectedSchema?.Invoke(plan.Schema) ?? plan.Schema;
    }

    /// <summary>Of every batch.</summary>
    public Schema Schema { get; }

    /// <summary>How many rows the shard has.</summary>
    public long Rows => _shard.Rows;

    /// <summary>What has been read so far.</summary>
    public ScanStatistics Statistics => _counters.Snapshot();

    /// <summary>The most bytes that decoded windows took at one time.</summary>
    internal long PeakBytesInFlight { get; private set; }

    /// <param name="files">Those that <paramref name="index"/> was read from.</param>
    /// <param name="request">Columns and conditions; its shard is not looked at: <paramref name="deal"/> says which rows are read.</param>
    /// <param name="index">Of the files.</param>
    /// <param name="order">Of the rows that meet the conditions.</param>
    /// <param name="deal">Which of them are this shard's.</param>
    /// <param name="ct">Stops.</param>
    /// <param name="engine">Null for <see cref="ParquetEngines.Default"/>.</param>
    /// <exception cref="ScanException">The request cannot be met; names the column, condition or number.</exception>
    /// <exception cref="FileException">The first file cannot be read, or is no sound Parquet.</exception>
    public static async Task<EpochScan> OpenAsync(
        IReadOnlyList<ParquetSource> files, ScanRequest request, RowGroupIndex index, EpochOrder order, Deal deal, CancellationToken ct,
        IParquetEngine? engine = null)
    {
        request.Check();
        var first = await ParquetFile.OpenAsync(files[0], ct);
        var plan = new ScanPlan(files, first, request, new ScanCounters());
        return new(plan, first, request, index, order, deal, engine ?? ParquetEngines.Default);
    }

    /// <summary>
    /// The batches, none of them empty, all but the last of the number of rows asked for; the caller disposes them. Once only.
    /// </summary>
    /// <exception cref="FileException">A file cannot be read or is damaged; batches before it have been handed out.</exception>
    /// <exception cref="ScanException">A file has other columns than the first, or the engine cannot read it.</exception>
    /// <exception cref="InvalidOperationException">It has been read.</exception>
    public async IAsyncEnumerable<RecordBatch> ReadAsync([EnumeratorCancellation] CancellationToken ct = default)
    {
        if (Interlocked.Exchange(ref _isRead, 1) == 1)
            throw new InvalidOperationException("A scan is read once; open another.");

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var batches = Channel.CreateBounded<Task<RecordBatch>>(
            new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        var assembling = Task.Run(() => AssembleAsync(batches.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var making in batches.Reader.ReadAllAsync(ct))
            {
                var batch = await making;
                _counters.AddHandedOut(batch.Length);
                yield return batch;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await assembling;
            while (batches.Reader.TryRead(out var left))
                await DropAsync(left);
        }
    }

    /// <summary>What goes wrong reaches the consumer through the channel; it never throws.</summary>
    private async Task AssembleAsync(ChannelWriter<Task<RecordBatch>> to, CancellationToken ct)
    {
        try
        {
            using var decoders = new SemaphoreSlim(_request.Parallelism);
            await using var queue = new WindowQueue(
                _shard.Turns, BytesOf, (turn, stop) => ShuffleAsync(turn, decoders, stop), _request.Parallelism,
                _request.MaxBytesInFlight, ct);
            queue.Start();
            var assembly = new BatchAssembly(_shard, queue, Schema, _buffers);
            for (var row = 0L; row < Rows; row += _request.BatchRows)
            {
                var making = await assembly.NextAsync(row, (int)Math.Min(_request.BatchRows, Rows - row));
                PeakBytesInFlight = queue.Peak;
                await to.WriteAsync(making, ct);
            }

            to.Complete();
        }
        catch (Exception e)
        {
            to.Complete(e);
        }
    }

    private async Task<ShuffledWindow> ShuffleAsync(WindowTurn turn, SemaphoreSlim decoders, CancellationToken ct)
    {
        var decoding = turn.Window.Parts
            .Select(part => InTurnAsync(decoders, () => _units.ReadAsync(part, ct), ct)).ToList();
        try
        {
            var ranges = (await Task.WhenAll(decoding)).SelectMany(r => r).ToList();
            var (slots, places) = WindowShuffle.Plan(turn, _order.RowsOf(turn.Window), _shard.Streams, _request.BatchRows);
            var columns = await Task.WhenAll(Schema.FieldsList.Select((_, column) => InTurnAsync(
                decoders, () => Task.FromResult(WindowShuffle.Of(ranges, column, slots, turn.Count, _buffers)), ct)));
            return new ShuffledWindow([.. columns.Select(c => c.Column)], places, [.. columns.Select(c => c.Memory)]);
        }
        finally
        {
            foreach (var part in decoding)
                await DropAsync(part);
        }
    }

    /// <summary>Work that keeps a processor busy; there is as much of it at one time as was asked for.</summary>
    private static async Task<T> InTurnAsync<T>(SemaphoreSlim turns, Func<Task<T>> work, CancellationToken ct)
    {
        await turns.WaitAsync(ct);
        try
        {
            return await Task.Run(work, ct);
        }
        finally
        {
            turns.Release();
        }
    }

    private static async Task DropAsync(Task<RecordBatch> making)
    {
        await ((Task)making).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (making.IsCompletedSuccessfully)
            (await making).Dispose();
    }

    private static async Task DropAsync(Task<IReadOnlyList<RowRange>> decoding)
    {
        await ((Task)decoding).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!decoding.IsCompletedSuccessfully)
            return;
        foreach (var range in await decoding)
            range.Batch.Dispose();
    }

    /// <summary>All rows of a window are decoded, whatever this shard's share of them.</summary>
    private long BytesOf(WindowTurn turn) => (long)(_columnShare
        * turn.Window.Parts.Sum(p => (double)_index.BytesOf(p.Unit) * p.Rows / Math.Max(1, _index.Rows[p.Unit])));

    private static double ShareOf(ParquetFile file, IReadOnlyList<int> columns)
    {
        if (file.Groups is not [var group, ..])
            return 1;
        var leaves = columns.Select(file.LeavesOf).SelectMany(l => Enumerable.Range(l.First, l.Count));
        return (double)leaves.Sum(l => group.Chunks[l].UncompressedBytes) / Math.Max(1, group.Chunks.Sum(c => c.UncompressedBytes));
    }
}
