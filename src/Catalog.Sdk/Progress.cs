namespace Catalog.Sdk;

public enum WorkStage
{
    /// <summary>Files go to the catalog's object store.</summary>
    Uploading,

    /// <summary>The server reads, hashes and commits them.</summary>
    Committing,

    /// <summary>The server reads a version's files again.</summary>
    Verifying,

    /// <summary>Files come from the catalog.</summary>
    Downloading,

    /// <summary>The servers bring objects to the tier where they belong.</summary>
    Moving,

    /// <summary>The server joins rows to features.</summary>
    Joining,

    /// <summary>The server makes the values of feature views.</summary>
    Materializing,

    /// <summary>The server looks into files.</summary>
    Searching,
}

/// <summary>
/// How far long work has come. Totals are null until they are known; rows where none are counted; what the server is at where it does not
/// say: <c>reading feature-view:demo/airport@1</c>.
/// </summary>
public sealed record WorkProgress(
    WorkStage Stage, long Files, long? TotalFiles, long Bytes, long? TotalBytes, long? Rows = null, string? Step = null);

/// <summary>
/// Adds up bytes and files that move in parallel, and reports at most once per quarter of a megabyte and at each file's end.
/// </summary>
internal sealed class TransferCount(WorkStage stage, long? totalFiles, long? totalBytes, IProgress<WorkProgress>? progress)
{
    private const long Step = 256 * 1024;
    private long _files;
    private long _bytes;
    private long _reported;

    public void Moved(long bytes)
    {
        var now = Interlocked.Add(ref _bytes, bytes);
        var last = Interlocked.Read(ref _reported);
        if (now - last >= Step && Interlocked.CompareExchange(ref _reported, now, last) == last)
            Report();
    }

    /// <summary>Takes back what an attempt that failed had counted.</summary>
    public void Restarted(long bytes) => Interlocked.Add(ref _bytes, -bytes);

    public void FileDone()
    {
        Interlocked.Increment(ref _files);
        Report();
    }

    private void Report() =>
        progress?.Report(new WorkProgress(stage, Interlocked.Read(ref _files), totalFiles, Interlocked.Read(ref _bytes), totalBytes));
}
