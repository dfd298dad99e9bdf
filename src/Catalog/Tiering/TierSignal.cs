using Catalog.Platform;
using Catalog.Platform.Writes;

namespace Catalog.Tiering;

/// <summary>Wakes those who follow the applied plan on this server; servers that did not hear it look every few seconds.</summary>
internal sealed class TierSignal(States states, TimeProvider clock)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);
    private TaskCompletionSource _raised = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A plan was applied here.</summary>
    public void Raise() =>
        Interlocked.Exchange(ref _raised, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>The plan that was applied last; null before the first.</summary>
    public async Task<Guid?> PlanAsync(CancellationToken ct) =>
        (await states.LoadAsync<CatalogState>(CatalogState.Stream, ct))?.TierPlan;

    /// <summary>Waits for a plan to be applied here, or a while.</summary>
    public async Task WaitAsync(CancellationToken ct)
    {
        try
        {
            await Volatile.Read(ref _raised).Task.WaitAsync(Pause, clock, ct);
        }
        catch (TimeoutException)
        {
            // Another server may have.
        }
    }
}
