namespace Catalog.Platform.Log;

/// <summary>Wakes those who follow the log when this server has committed. What other servers commit is found by looking.</summary>
internal sealed class LogSignal
{
    private TaskCompletionSource _next = New();

    /// <summary>Facts were committed.</summary>
    public void Raise() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    /// <summary>Completes when facts are committed after this call.</summary>
    public Task NextAsync() => Volatile.Read(ref _next).Task;

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
