using System.Collections.Concurrent;

namespace Catalog.Server.Doors.Online;

/// <summary>Key columns for one call, from a pool and back to it.</summary>
internal sealed class PooledKeys : IDisposable
{
    private static readonly ConcurrentBag<PooledKeys> s_pool = [];

    private PooledKeys()
    {
    }

    public KeyColumns Columns { get; } = new();

    public static PooledKeys Take() => s_pool.TryTake(out var keys) ? keys : new();

    public void Dispose() => s_pool.Add(this);
}
