using System.Threading.Channels;
using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>
/// Decodes row groups on several threads and hands their batches out in the order of the plan. Whoever takes the next row group from the
/// plan also puts its place in the queue, under one lock; so the order does not depend on who is fast.
/// </summary>
internal sealed class ParallelDecode : IAsyncDisposable
{
    private readonly IParquetEngine _engine;
    private readonly ScanPlan _plan;
    private readonly ScanRequest _request;
    private readonly ScanCounters _counters;
    private readonly RowFilter _filter;
    private readonly CancellationTokenSource _stop;
    private readonly IAsyncEnumerator<PlannedGroup> _next;
    private readonly SemaphoreSlim _taking = new(1);
    private readonly Channel<DecodedGroup> _order = Channel.CreateUnbounded<DecodedGroup>();
    private readonly Task[] _decoders;
    private DecodedGroup? _current;
    private volatile bool _isOver;

    public ParallelDecode(IParquetEngine engine, ScanPlan plan, ScanRequest request, ScanCounters counters, CancellationToken ct)
    {
        (_engine, _plan, _request, _counters) = (engine, plan, request, counters);
        _filter = new(plan.Tests, plan.Schema);
        Budget = new(request.MaxBytesInFlight);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _next = plan.GroupsAsync(_stop.Token).GetAsyncEnumerator(_stop.Token);
        _decoders = [.. Enumerable.Range(0, request.Parallelism).Select(_ => Task.Run(DecodeAsync, CancellationToken.None))];
    }

    public DecodeBudget Budget { get; }

    /// <summary>Each batch belongs to whoever takes it.</summary>
    public async IAsyncEnumerable<PlacedBatch> BatchesAsync()
    {
        await foreach (var group in _order.Reader.ReadAllAsync(_stop.Token))
        {
            _current = group;
            Budget.MoveTo(group.Number);
            var row = group.FirstRow;
            do
            {
                while (group.TryTake(out var batch, out var bytes))
                {
                    Budget.Leave(bytes);
                    if (batch is null)
                        continue;

                    _counters.AddHandedOut(batch.Length);
                    yield return new(batch, row);
                    row += batch.Length;
                }
            }
            while (await group.WaitAsync(_stop.Token));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_decoders);
        await _next.DisposeAsync();
        for (var group = _current; group is not null; group = _order.Reader.TryRead(out var next) ? next : null)
            Drop(group);
        _taking.Dispose();
        _stop.Dispose();
    }

    private static void Drop(DecodedGroup group)
    {
        while (group.TryTake(out var batch, out _))
            batch?.Dispose();
    }

    /// <summary>One decoder. What it meets goes to the consumer, in its place; it never throws.</summary>
    private async Task DecodeAsync()
    {
        var file = new OpenFile(_engine, _request.BatchRows);
        await using (file)
        {
            while (await TakeAsync() is var (planned, group))
            {
                try
                {
                    await DecodeAsync(file, planned, group);
                    group.Complete();
                }
                catch (Exception e)
                {
                    _isOver = true;
                    group.Complete(e);
                }
            }
        }
    }

    private async Task DecodeAsync(OpenFile file, PlannedGroup planned, DecodedGroup group)
    {
        await foreach (var batch in file.ReadAsync(planned, _stop.Token))
        {
            _counters.AddDecoded(batch.Length);
            if (_filter.Apply(batch) is not { } kept)
                continue;

            var projected = _request.Project?.Invoke(kept) ?? kept;
            try
            {
                var bytes = ArraySize.Of(projected);
                await Budget.EnterAsync(group.Number, bytes, () => group.IsEmpty, _stop.Token);
                group.Add(projected, bytes);
            }
            catch (OperationCanceledException)
            {
                projected.Dispose();
                throw;
            }
        }
    }

    private async Task<(PlannedGroup Planned, DecodedGroup Group)?> TakeAsync()
    {
        // Held for as long as a footer is read, which ends when the scan does.
        await _taking.WaitAsync(CancellationToken.None);
        try
        {
            if (_isOver || !await _next.MoveNextAsync())
                return End();

            var group = new DecodedGroup(_next.Current.Number, _next.Current.FirstRow);
            _order.Writer.TryWrite(group);
            return (_next.Current, group);
        }
        catch (Exception e)
        {
            _order.Writer.TryComplete(e);
            return End();
        }
        finally
        {
            _taking.Release();
        }
    }

    private (PlannedGroup Planned, DecodedGroup Group)? End()
    {
        _isOver = true;
        _order.Writer.TryComplete();
        return null;
    }
}
