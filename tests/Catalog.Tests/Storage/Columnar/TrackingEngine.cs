using System.Runtime.CompilerServices;
using Apache.Arrow;
using Catalog.Storage.Columnar;

namespace Catalog.Tests.Storage.Columnar;

/// <summary>An engine that knows how many of its batches have not been disposed.</summary>
internal sealed class TrackingEngine : IParquetEngine
{
    private int _alive;
    private int _made;

    public string Name => "tracking";

    public int Alive => Volatile.Read(ref _alive);

    public int Made => Volatile.Read(ref _made);

    public async Task<IRowGroupReader> OpenAsync(ParquetFile file, IReadOnlyList<int> columns, int batchRows, CancellationToken ct) =>
        new Reader(this, await ParquetEngines.Native.OpenAsync(file, columns, batchRows, ct));

    /// <summary>Waits until no batch has been made for some turns of the scheduler.</summary>
    public async Task QuietAsync()
    {
        for (var (quiet, seen) = (0, Made); quiet < 50; quiet++)
        {
            await Task.Yield();
            if (Made != seen)
                (quiet, seen) = (0, Made);
        }
    }

    private sealed class Reader(TrackingEngine engine, IRowGroupReader reader) : IRowGroupReader
    {
        public async IAsyncEnumerable<RecordBatch> ReadAsync(int rowGroup, [EnumeratorCancellation] CancellationToken ct)
        {
            await foreach (var batch in reader.ReadAsync(rowGroup, ct))
                yield return new TrackedBatch(engine, batch);
        }

        public ValueTask DisposeAsync() => reader.DisposeAsync();
    }

    private sealed class TrackedBatch : RecordBatch
    {
        private readonly TrackingEngine _engine;
        private int _isGone;

        public TrackedBatch(TrackingEngine engine, RecordBatch batch)
            : base(batch.Schema, batch.Arrays, batch.Length)
        {
            _engine = engine;
            Interlocked.Increment(ref engine._alive);
            Interlocked.Increment(ref engine._made);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && Interlocked.Exchange(ref _isGone, 1) == 0)
                Interlocked.Decrement(ref _engine._alive);
            base.Dispose(disposing);
        }
    }
}
