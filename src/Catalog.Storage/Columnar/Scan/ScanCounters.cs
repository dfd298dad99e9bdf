namespace Catalog.Storage.Columnar;

/// <summary>Counts what a scan does, from several threads.</summary>
internal sealed class ScanCounters
{
    private int _files;
    private int _groupsRead;
    private int _groupsSkipped;
    private long _rowsDecoded;
    private long _rows;

    public ScanStatistics Snapshot() => new(
        Volatile.Read(ref _files),
        Volatile.Read(ref _groupsRead),
        Volatile.Read(ref _groupsSkipped),
        Interlocked.Read(ref _rowsDecoded),
        Interlocked.Read(ref _rows));

    public void AddFile() => Interlocked.Increment(ref _files);

    public void AddRowGroup(bool isRead) => Interlocked.Increment(ref isRead ? ref _groupsRead : ref _groupsSkipped);

    public void AddDecoded(int rows) => Interlocked.Add(ref _rowsDecoded, rows);

    public void AddHandedOut(int rows) => Interlocked.Add(ref _rows, rows);
}
