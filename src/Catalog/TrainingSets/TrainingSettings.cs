using Catalog.Storage.Columnar.PointInTime;

namespace Catalog.TrainingSets;

/// <summary>How much of the machine making a training set may take. None of it changes what is made.</summary>
/// <param name="MemoryBytes">Of the join.</param>
/// <param name="Folder">Where files wait for the object store, and events that find no room in memory.</param>
public sealed record TrainingSettings(long MemoryBytes, string Folder)
{
    public const long DefaultMemoryBytes = JoinOptions.DefaultMemoryBytes;
}

/// <summary>One training set is made at a time: each takes all processors, and its share of memory.</summary>
internal sealed class TrainingTurns : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);

    public async Task<IDisposable> TakeAsync(CancellationToken ct)
    {
        await _one.WaitAsync(ct);
        return new Turn(_one);
    }

    public void Dispose() => _one.Dispose();

    private sealed class Turn(SemaphoreSlim one) : IDisposable
    {
        public void Dispose() => one.Release();
    }
}
