using System.Runtime.InteropServices;
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

    /// <summary>
    /// The rows from one to another of the shard; those before have been asked for. The batch is made while the next one is asked for.
    /// </summary>
    public async Task<Task<RecordBatch>> NextAsync(long from, int rows)
    {
        var takes = Takes(from, rows);
        _queue.Want(LastTurn(takes));
        var pieces = new List<Piece>();
        for (var stream = 0; stream < takes.Length; stream++)
            await TakeAsync(stream, takes[stream], pieces);
        return Task.Run(() => Make(pieces, rows));
    }

    private RecordBatch Make(List<Piece> pieces, int rows)
    {
        try
        {
            var memory = _buffers.Lease();
            var scatter = new ArrayScatter(Places(pieces, rows), rows, memory);
            var columns = _schema.FieldsList.Select((_, column) => ArrowArrayFactory.BuildArray(
                scatter.Of([.. pieces.Select(p => new ArrayRange(p.Window.Columns[column], p.From, p.Rows))])));
            return new LeasedBatch(_schema, [.. columns], rows, memory.Release);
        }
        finally
        {
            foreach (var piece in pieces)
                piece.Window.Release();
        }
    }

    /// <summary>For each row of all pieces, one after the other, its place in the batch.</summary>
    private static int[] Places(List<Piece> pieces, int rows)
    {
        var places = new int[rows];
        var next = 0;
        foreach (var (window, from, count) in pieces)
        {
            window.Places.AsSpan(from, count).CopyTo(places.AsSpan(next));
            next += count;
        }

        return places;
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

    private async Task TakeAsync(int stream, int rows, List<Piece> pieces)
    {
        while (rows > 0)
        {
            var turn = _turns[stream][_at[stream]];
            var window = await _queue.TakeAsync(turn);
            var count = Math.Min(rows, _plan.Turns[turn].Count - _used[stream]);
            window.Retain();
            pieces.Add(new(window, _used[stream], count));
            rows -= count;
            _used[stream] += count;
            if (_used[stream] < _plan.Turns[turn].Count)
                continue;

            _queue.Release(turn, window);
            window.Release();
            (_at[stream], _used[stream]) = (_at[stream] + 1, 0);
        }
    }

    /// <summary>Rows of a window that are in one batch.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Piece(ShuffledWindow Window, int From, int Rows);
}
