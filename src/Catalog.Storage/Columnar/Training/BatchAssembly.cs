using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>Makes batches of as many rows as were asked for from the windows of a shard, whose streams give one row in turns.</summary>
internal sealed class BatchAssembly
{
    private readonly ShardPlan _plan;
    private readonly WindowQueue _queue;
    private readonly Schema _schema;
    private readonly BufferPool _buffers;

    // The turns of each stream, and how far it is: behind the streams that of a repeated row.
    private readonly List<int>[] _turns;
    private readonly int[] _at;
    private readonly int[] _used;

    public BatchAssembly(ShardPlan plan, WindowQueue queue, Schema schema, BufferPool buffers)
    {
        (_plan, _queue, _schema, _buffers) = (plan, queue, schema, buffers);
        _turns = [.. Enumerable.Range(0, plan.Streams + 1).Select(_ => new List<int>())];
        for (var turn = 0; turn < plan.Turns.Count; turn++)
            _turns[plan.Turns[turn].Stream].Add(turn);
        (_at, _used) = (new int[_turns.Length], new int[_turns.Length]);
    }

    /// <summary>The rows from one to another of the shard; those before have been made.</summary>
    public async Task<RecordBatch> NextAsync(long from, int rows)
    {
        var takes = Takes(from, rows);
        _queue.Want(LastTurn(takes));
        var pieces = new List<(ShuffledWindow Window, int From, int Rows)>();
        for (var stream = 0; stream < takes.Length; stream++)
            await TakeAsync(stream, takes[stream], pieces);

        try
        {
            return pieces is [var (window, first, _)] ? Shared(window, first, rows) : Copied(pieces, rows, Places(from, rows, takes));
        }
        finally
        {
            foreach (var (used, _, _) in pieces)
                used.Release();
        }
    }

    private LeasedBatch Shared(ShuffledWindow window, int from, int rows)
    {
        window.Retain();
        return new(_schema, [.. window.Columns.Select(c => ArrowArrayFactory.BuildArray(c.Slice(from, rows)))], rows, window.Release);
    }

    private LeasedBatch Copied(List<(ShuffledWindow Window, int From, int Rows)> pieces, int rows, int[] places)
    {
        var memory = _buffers.Lease();
        var scatter = new ArrayScatter(places, rows, memory);
        var columns = _schema.FieldsList.Select((_, column) => ArrowArrayFactory.BuildArray(
            scatter.Of([.. pieces.Select(p => new ArrayRange(p.Window.Columns[column], p.From, p.Rows))])));
        return new(_schema, [.. columns], rows, memory.Release);
    }

    /// <summary>How many rows of each stream.</summary>
    private int[] Takes(long from, int rows)
    {
        var takes = new int[_plan.Streams + 1];
        var own = (int)Math.Min(rows, _plan.Own - from);
        for (var stream = 0; stream < _plan.Streams; stream++)
            takes[stream] = (int)(Before(from + own, stream) - Before(from, stream));
        takes[_plan.Streams] = rows - own;
        return takes;
    }

    /// <summary>How many of the rows before one are of a stream.</summary>
    private long Before(long row, int stream) => (row - stream + _plan.Streams - 1) / _plan.Streams;

    private int LastTurn(int[] takes)
    {
        var last = -1;
        for (var stream = 0; stream < takes.Length; stream++)
        {
            var (at, left) = (_at[stream], takes[stream] + _used[stream]);
            while (left > 0)
            {
                last = Math.Max(last, _turns[stream][at]);
                left -= _plan.Turns[_turns[stream][at++]].Count;
            }
        }

        return last;
    }

    private async Task TakeAsync(int stream, int rows, List<(ShuffledWindow Window, int From, int Rows)> pieces)
    {
        while (rows > 0)
        {
            var turn = _turns[stream][_at[stream]];
            var window = await _queue.TakeAsync(turn);
            var count = Math.Min(rows, _plan.Turns[turn].Count - _used[stream]);
            window.Retain();
            pieces.Add((window, _used[stream], count));
            rows -= count;
            _used[stream] += count;
            if (_used[stream] < _plan.Turns[turn].Count)
                continue;

            _queue.Release(turn, window);
            window.Release();
            (_at[stream], _used[stream]) = (_at[stream] + 1, 0);
        }
    }

    /// <summary>For each row of all streams, one after the other, its place in the batch.</summary>
    private int[] Places(long from, int rows, int[] takes)
    {
        var places = new int[rows];
        var next = new int[takes.Length];
        for (var stream = 1; stream < takes.Length; stream++)
            next[stream] = next[stream - 1] + takes[stream - 1];
        var turn = (int)(from % _plan.Streams);
        for (var row = 0; row < rows; row++)
        {
            places[next[from + row < _plan.Own ? turn : _plan.Streams]++] = row;
            turn = turn + 1 == _plan.Streams ? 0 : turn + 1;
        }

        return places;
    }

    /// <summary>Gives its memory back when it is disposed; one that is not is left to the garbage collector.</summary>
    private sealed class LeasedBatch(Schema schema, IReadOnlyList<IArrowArray> columns, int rows, Action release)
        : RecordBatch(schema, columns, rows)
    {
        private Action? _release = release;

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (disposing)
                Interlocked.Exchange(ref _release, null)?.Invoke();
        }
    }
}
