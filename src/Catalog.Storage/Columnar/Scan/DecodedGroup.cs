using System.Threading.Channels;
using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>The batches of one row group on their way from a decoder to the consumer.</summary>
/// <param name="number">Its place in the order of the scan.</param>
/// <param name="firstRow">The place of its first row among all rows.</param>
internal sealed class DecodedGroup(int number, long firstRow)
{
    private readonly Channel<(RecordBatch Batch, long Bytes)> _batches =
        Channel.CreateUnbounded<(RecordBatch, long)>(new() { SingleReader = true, SingleWriter = true });

    private int _waiting;

    public int Number { get; } = number;

    public long FirstRow { get; } = firstRow;

    /// <summary>Whether no batch waits for the consumer.</summary>
    public bool IsEmpty => Volatile.Read(ref _waiting) == 0;

    public void Add(RecordBatch batch, long bytes)
    {
        Interlocked.Increment(ref _waiting);
        _batches.Writer.TryWrite((batch, bytes));
    }

    /// <param name="fault">What the consumer gets behind the batches that came before it; null at the end of the row group.</param>
    public void Complete(Exception? fault = null) => _batches.Writer.TryComplete(fault);

    public bool TryTake(out RecordBatch? batch, out long bytes)
    {
        if (!_batches.Reader.TryRead(out var next))
        {
            (batch, bytes) = (null, 0);
            return false;
        }

        Interlocked.Decrement(ref _waiting);
        (batch, bytes) = next;
        return true;
    }

    /// <summary>False at the end; throws what the decoder met.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken ct) => _batches.Reader.WaitToReadAsync(ct);
}
