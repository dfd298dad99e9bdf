namespace Catalog.Storage.Files;

/// <summary>Adds up what parallel readers did and reports it ten times a second at most, never backwards, and once at the end.</summary>
internal sealed class ProgressMeter(IProgress<HashProgress>? progress, TimeProvider time, int totalFiles, long totalBytes)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly Lock _reporting = new();
    private long _reportedAt = time.GetTimestamp();
    private int _files;
    private long _bytes;

    public void BytesDone(int bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        ReportWhenDue();
    }

    public void FileDone()
    {
        Interlocked.Increment(ref _files);
        ReportWhenDue();
    }

    public void Finish()
    {
        lock (_reporting)
            Report();
    }

    private void ReportWhenDue()
    {
        if (progress is null || time.GetElapsedTime(Volatile.Read(ref _reportedAt)) < Interval || !_reporting.TryEnter())
            return;

        try
        {
            if (time.GetElapsedTime(_reportedAt) < Interval)
                return;
            Volatile.Write(ref _reportedAt, time.GetTimestamp());
            Report();
        }
        finally
        {
            _reporting.Exit();
        }
    }

    private void Report() =>
        progress?.Report(new(Volatile.Read(ref _files), totalFiles, Interlocked.Read(ref _bytes), totalBytes));
}
