using Apache.Arrow;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Catalog.Sdk;

/// <summary>Goes over the rows of a read, one by one, for ML.NET.</summary>
internal sealed class TrainingCursor : DataViewRowCursor
{
    private readonly TrainingRead _read;
    private readonly HashSet<int> _active;
    private readonly IAsyncEnumerator<RecordBatch> _batches;
    private RecordBatch? _batch;
    private long _position = -1;
    private int _row = -1;
    private bool _isOver;

    public TrainingCursor(DataViewSchema schema, TrainingRead read, HashSet<int> active)
    {
        (Schema, _read, _active) = (schema, read, active);
        _batches = read.BatchesAsync().GetAsyncEnumerator();
    }

    public override DataViewSchema Schema { get; }

    public override long Position => _position;

    public override long Batch => 0;

    public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

    public override bool MoveNext()
    {
        if (_isOver)
            return false;
        while (_batch is null || ++_row == _batch.Length)
        {
            _batch?.Dispose();
            (_batch, _row) = (null, -1);

            // ML.NET has no asynchronous cursors.
            if (!Task.Run(async () => await _batches.MoveNextAsync().ConfigureAwait(false)).GetAwaiter().GetResult())
            {
                (_isOver, _position) = (true, -1);
                return false;
            }

            _batch = _batches.Current;
        }

        _position++;
        return true;
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new InvalidOperationException($"Column '{column.Name}' was not asked for when the cursor was made.");
        var place = _read.Schema.GetFieldIndex(column.Name);
        return DataViewCells.Getter(_read.Schema.GetFieldByIndex(place), Current) is ValueGetter<TValue> getter
            ? getter
            : throw new InvalidOperationException(
                $"Column '{column.Name}' is {column.Type.RawType.Name}, and is asked for as {typeof(TValue).Name}.");

        (IArrowArray Array, int Row) Current() => _batch is { } batch
            ? (batch.Column(place), _row)
            : throw new InvalidOperationException("The cursor is at no row.");
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() =>
        (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isDisposed)
        {
            _isDisposed = true;
            _batch?.Dispose();
            _batch = null;
            Task.Run(async () => await _batches.DisposeAsync().ConfigureAwait(false)).GetAwaiter().GetResult();
            _read.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool _isDisposed;
}
