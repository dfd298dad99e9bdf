namespace Catalog.Datasets;

/// <summary>
/// Turns of those who add files to the same dataset. Such a commit is prepared on the newest version, so of many prepared at once all but
/// one would be in vain. Another server may still come between; the decision notices that.
/// </summary>
internal sealed class AppendTurns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Turn> _turns = new(StringComparer.Ordinal);

    /// <summary>Waits until nobody else has this stream's turn. Dispose what comes back to let the next one go.</summary>
    public async Task<IDisposable> TakeAsync(string stream, CancellationToken ct)
    {
        var turn = Join(stream);
        try
        {
            await turn.Free.WaitAsync(ct);
        }
        catch
        {
            turn.Leave();
            throw;
        }

        return turn;
    }

    private Turn Join(string stream)
    {
        lock (_gate)
        {
            if (!_turns.TryGetValue(stream, out var turn))
                _turns.Add(stream, turn = new Turn(this, stream));
            turn.Waiting++;
            return turn;
        }
    }

    private sealed class Turn(AppendTurns all, string stream) : IDisposable
    {
        public SemaphoreSlim Free { get; } = new(1, 1);

        /// <summary>How many have it or wait for it; guarded by the gate.</summary>
        public int Waiting { get; set; }

        public void Dispose()
        {
            Free.Release();
            Leave();
        }

        public void Leave()
        {
            lock (all._gate)
            {
                if (--Waiting == 0)
                    all._turns.Remove(stream);
            }
        }
    }
}
