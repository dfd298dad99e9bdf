using Apache.Arrow;

namespace Catalog.Storage.Columnar.PointInTime;

/// <summary>
/// Adds to each row of a table the features that held for its keys at its time, and not later. Rows keep their order, and stay whatever
/// matches them: none is dropped, none comes twice. The same rows, files and definitions give the same answer, however much memory there
/// is, in whatever batches rows come, and on however many threads files are decoded.
/// </summary>
public sealed class PointInTimeJoin
{
    private readonly TimeValues _times;
    private readonly IReadOnlyList<ViewColumns> _views;
    private readonly JoinOptions _options;
    private readonly long _bytesPerRow;
    private readonly long _bytesOfSecond;
    private readonly long _room;
    private readonly int _mostRows;

    private PointInTimeJoin(Schema schema, TimeValues times, IReadOnlyList<ViewColumns> views, JoinOptions options)
    {
        (Schema, _times, _views, _options) = (schema, times, views, options);

        // Views are computed one after the other; the columns of all of them wait for the last.
        _bytesPerRow = sizeof(long) + views.Sum(v => v.BytesPerValue) + views.Select(v => v.BytesPerRow).DefaultIfEmpty(0).Max();
        _room = options.MemoryBytes - (views.Any(v => v.KeepsEvents) ? options.WaitingBytes * 2 : options.MemoryBytes / 4);
        _bytesOfSecond = views.Select(v => v.BytesPerRow).OrderDescending().Skip(1).FirstOrDefault();
        _mostRows = Math.Min(options.MaxChunkRows, views.Select(v => v.MostRows).DefaultIfEmpty(int.MaxValue).Min());
    }

    /// <summary>The rules of this join. A rule that changes what comes out changes the number.</summary>
    public const string Engine = "catalog-join/1";

    /// <summary>Of the answer: the rows' own columns, then those of each view.</summary>
    public Schema Schema { get; }

    /// <summary>Checks that all columns are there and fit; reads the footer of each view's first file.</summary>
    /// <param name="rows">Schema of the rows.</param>
    /// <param name="time">The rows' column that says as of when features are wanted.</param>
    /// <param name="timeZone">Of that column, where it has none; null for UTC.</param>
    /// <param name="views">In the order wanted.</param>
    /// <exception cref="JoinException">The request cannot be met; names the view, column or number.</exception>
    /// <exception cref="Files.FileException">A file cannot be read, or is no sound Parquet.</exception>
    public static async Task<PointInTimeJoin> OpenAsync(
        Schema rows, string time, string? timeZone, IReadOnlyList<JoinedView> views, JoinOptions options, CancellationToken ct)
    {
        options.Check();
        var times = TimeValues.Of(rows, time, "the table of rows", timeZone, roundUp: false);
        var columns = new List<ViewColumns>();
        foreach (var view in views)
        {
            if (view.Files.Count == 0)
                throw new JoinException(JoinException.BadColumns, $"The source of {view.Name} has no files, and so no columns.");
            var first = await ParquetFile.OpenAsync(view.Files[0], ct);
            columns.Add(ViewColumns.Of(view, first.Schema, rows, options));
        }

        List<Field> fields = [.. rows.FieldsList, .. columns.SelectMany(c => c.Fields)];
        return fields.GroupBy(f => f.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any()) is { Key: var twice }
            ? throw new JoinException(JoinException.BadColumns, $"Two columns would be called '{twice}'; give one view another name.")
            : new(new Schema(fields, metadata: null), times, columns, options);
    }

    /// <summary>The rows with their features, in the order of the rows, in batches that are full but for the last.</summary>
    /// <param name="rows">Each batch is disposed when it is done with.</param>
    /// <exception cref="JoinException">A value does not fit.</exception>
    /// <exception cref="Files.FileException">A file cannot be read, or is damaged.</exception>
    /// <exception cref="IOException">Events that find no room in memory cannot be written to the disk.</exception>
    public async IAsyncEnumerable<RecordBatch> ReadAsync(
        IAsyncEnumerable<RecordBatch> rows, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct = default)
    {
        using var waiting = new RowBuffer(Schema);
        await foreach (var chunk in ChunksAsync(rows, ct))
        {
            var taken = 0;
            try
            {
                var features = await FeaturesAsync(chunk, ct);
                for (var at = 0; taken < chunk.Batches.Count;)
                {
                    var batch = chunk.Batches[taken++];
                    waiting.Add(Joined(batch, features, at));
                    at += batch.Length;
                    while (waiting.Rows >= _options.BatchRows)
                        yield return waiting.Take(_options.BatchRows);
                }
            }
            finally
            {
                // Where the caller stops, or an event cannot be read.
                foreach (var left in chunk.Batches.Skip(taken))
                    left.Dispose();
            }
        }

        if (waiting.Rows > 0)
            yield return waiting.Take((int)waiting.Rows);
    }

    /// <summary>Tells which events the features of one row come from, by view.</summary>
    /// <param name="row">A batch of one row, which stays the caller's.</param>
    /// <param name="most">How many events of a view are told at most.</param>
    public async Task<IReadOnlyList<ViewTrace>> TraceAsync(RecordBatch row, int most, CancellationToken ct)
    {
        var chunk = Chunk([row], bytes: 0);
        var traces = new List<ViewTrace>();
        foreach (var view in _views)
            traces.Add(chunk.Times[0] == long.MinValue ? new(view.Name, 0, []) : await view.TraceAsync(chunk, most, ct));
        return traces;
    }

    private async IAsyncEnumerable<RowChunk> ChunksAsync(
        IAsyncEnumerable<RecordBatch> rows, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var batches = new List<RecordBatch>();
        var (bytes, count) = (0L, 0);
        try
        {
            await foreach (var batch in rows.WithCancellation(ct))
            {
                if (batch.Length == 0)
                {
                    batch.Dispose();
                    continue;
                }

                batches.Add(batch);
                (bytes, count) = (bytes + ArraySize.Of(batch) + (batch.Length * _bytesPerRow), count + batch.Length);
                if (bytes < _room && count < _mostRows)
                    continue;

                var chunk = Chunk(batches, bytes);
                (batches, bytes, count) = ([], 0, 0);
                yield return chunk;
            }

            if (batches.Count > 0)
            {
                var chunk = Chunk(batches, bytes);
                batches = [];
                yield return chunk;
            }
        }
        finally
        {
            // Rows that nobody took: the next cannot be read, or a time is none.
            foreach (var batch in batches)
                batch.Dispose();
        }
    }

    private RecordBatch Joined(RecordBatch rows, IReadOnlyList<IArrowArray> features, int first) =>
        new(Schema, [.. rows.Arrays, .. features.Select(f => Slice(f, first, rows.Length))], rows.Length);

    /// <summary>
    /// The columns of all views, in order. Two views at once where memory has room for both: decoding one goes on while the other's keys
    /// are numbered and its values are fetched, which one thread does alone.
    /// </summary>
    private async Task<IReadOnlyList<IArrowArray>> FeaturesAsync(RowChunk chunk, CancellationToken ct)
    {
        var hasRoom = chunk.Bytes + (chunk.Rows * _bytesOfSecond) <= _room && !_views.Any(v => v.KeepsEvents);
        var columns = new IArrowArray[_views.Count][];
        await Parallel.ForAsync(
            0, _views.Count, new ParallelOptions { MaxDegreeOfParallelism = hasRoom ? 2 : 1, CancellationToken = ct },
            async (view, token) => columns[view] = await _views[view].ComputeAsync(chunk, token));
        return [.. columns.SelectMany(c => c)];
    }

    private RowChunk Chunk(List<RecordBatch> batches, long bytes)
    {
        var times = new long[batches.Sum(b => b.Length)];
        var at = 0;
        foreach (var batch in batches)
        {
            _times.Read(batch, times.AsSpan(at, batch.Length));
            at += batch.Length;
        }

        return new(batches, times, bytes);
    }

    private static IArrowArray Slice(IArrowArray array, int first, int rows) =>
        ArrowArrayFactory.BuildArray(array.Data.Slice(first, rows));
}
