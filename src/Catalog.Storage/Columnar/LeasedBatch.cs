using Apache.Arrow;

namespace Catalog.Storage.Columnar;

/// <summary>
/// A batch that gives its memory back when it is disposed: neither it nor parts of it may be kept then. One that is not disposed is left to
/// the garbage collector.
/// </summary>
internal sealed class LeasedBatch(Schema schema, IReadOnlyList<IArrowArray> columns, int rows, Action release)
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
