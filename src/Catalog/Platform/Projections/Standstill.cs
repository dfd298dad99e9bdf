namespace Catalog.Platform.Projections;

/// <summary>
/// Notices, from one look to the next, that the log goes on and the pages do not follow it: nobody leads, or a page is stuck. Whatever
/// moves them, however slowly, is no standstill, nor is the first look at one.
/// </summary>
internal sealed class Standstill(TimeProvider clock)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private long _reached;
    private long? _since;

    /// <param name="reached">The position that all pages include.</param>
    /// <param name="end">The log's last position.</param>
    /// <returns>Whether the pages have been behind, at the same position, for longer than <see cref="Patience"/>.</returns>
    public bool IsSeen(long reached, long end)
    {
        lock (_gate)
        {
            if (reached >= end)
                _since = null;
            else if (_since is null || reached != _reached)
                _since = clock.GetTimestamp();
            _reached = reached;
            return _since is { } since && clock.GetElapsedTime(since) > Patience;
        }
    }
}
