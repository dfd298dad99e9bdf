using System.Runtime.CompilerServices;
using Apache.Arrow;
using Catalog.Storage.Columnar;

namespace Catalog.PolicyProjections;

/// <summary>Rows that are taken a file at a time, wherever batches end.</summary>
internal sealed class CutRows(IAsyncEnumerator<RecordBatch> batches) : IDisposable
{
    private RecordBatch? _next;

    /// <summary>The rows that come next, some of them; null where there are none. They stay here.</summary>
    public async ValueTask<RecordBatch?> PeekAsync()
    {
        while (_next is null && await batches.MoveNextAsync())
        {
            if (batches.Current is { Length: > 0 } some)
                _next = some;
            else
                batches.Current.Dispose();
        }

        return _next;
    }

    /// <summary>Up to so many rows. Each batch is the caller's.</summary>
    public async IAsyncEnumerable<RecordBatch> TakeAsync(int rows, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var left = rows; left > 0 && await PeekAsync() is { } batch;)
        {
            ct.ThrowIfCancellationRequested();
            _next = null;
            var taken = batch.Length > left ? Cut(batch, left) : batch;
            left -= taken.Length;
            yield return taken;
        }
    }

    private RecordBatch Cut(RecordBatch batch, int rows)
    {
        using (batch)
        {
            _next = batch.SliceShared(rows, batch.Length - rows);
            return batch.SliceShared(0, rows);
        }
    }

    public void Dispose() => _next?.Dispose();
}
