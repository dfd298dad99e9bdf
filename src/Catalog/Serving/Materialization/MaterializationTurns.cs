using System.Collections.Concurrent;

namespace Catalog.Serving.Materialization;

/// <summary>
/// On one server a view is materialised once at a time: another that asks waits, and then goes on from what was made. Of several servers
/// each works for itself, and the last that is done serves.
/// </summary>
internal sealed class MaterializationTurns
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _views = new(StringComparer.Ordinal);

    public async Task<IDisposable> TakeAsync(IEnumerable<string> views, CancellationToken ct)
    {
        var taken = new Turn();
        try
        {
            // In one order, so that two never wait for each other.
            foreach (var view in views.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
                await taken.AddAsync(_views.GetOrAdd(view, _ => new(1)), ct);
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    private sealed class Turn : IDisposable
    {
        private readonly Stack<SemaphoreSlim> _held = [];

        public async Task AddAsync(SemaphoreSlim view, CancellationToken ct)
        {
            await view.WaitAsync(ct);
            _held.Push(view);
        }

        public void Dispose()
        {
            while (_held.TryPop(out var view))
                view.Release();
        }
    }
}
