namespace Catalog.Sdk.Http;

/// <summary>The patience of one long call: it ends when nothing has moved for a while, however long it takes in all.</summary>
internal sealed class Inactivity : IDisposable
{
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _both;
    private readonly CancellationToken _caller;
    private readonly TimeSpan _patience;

    public Inactivity(CatalogClientOptions options, CancellationToken caller)
    {
        (_patience, _caller) = (options.InactivityTimeout, caller);
        _limit = new CancellationTokenSource(_patience, options.Time);
        _both = CancellationTokenSource.CreateLinkedTokenSource(caller, _limit.Token);
    }

    /// <summary>Cancelled by the caller, or because nothing moved.</summary>
    public CancellationToken Token => _both.Token;

    /// <summary>Whether it was not the caller who ended the call.</summary>
    public bool RanOut => _limit.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Something has moved, so patience begins anew.</summary>
    public void Moved() => _limit.CancelAfter(_patience);

    public void Dispose()
    {
        _both.Dispose();
        _limit.Dispose();
    }
}
