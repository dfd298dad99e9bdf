using System.Collections.Concurrent;
using Marten;

namespace Catalog.Serving.Pushing;

/// <summary>
/// Stores pushed rows: durable in the push log before anybody is told so, and seen by lookups on this server at once. Rows that come while
/// others are being stored share the next commit.
/// </summary>
internal sealed class PushLog(IDocumentStore store, PushTail tail, ServedViews served) : IDisposable
{
    private const int MostRows = 10_000;

    private readonly ConcurrentQueue<Waiting> _waiting = new();
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Stores rows.</summary>
    /// <returns>The position of the last.</returns>
    /// <exception cref="Npgsql.NpgsqlException">They could not be stored; nothing is.</exception>
    public async Task<long> AppendAsync(IReadOnlyList<PushedRow> rows, CancellationToken ct)
    {
        var mine = new Waiting(rows);
        _waiting.Enqueue(mine);
        await _turn.WaitAsync(ct);
        try
        {
            if (!mine.Done.Task.IsCompleted)
                await StoreWaitingAsync();
        }
        finally
        {
            _turn.Release();
        }

        return await mine.Done.Task;
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>Not cancelled by whose turn it is: the rows of others are among them.</summary>
    private async Task StoreWaitingAsync()
    {
        var together = new List<Waiting>();
        var count = 0;
        while (count < MostRows && _waiting.TryDequeue(out var next))
        {
            together.Add(next);
            count += next.Rows.Count;
        }

        try
        {
            List<PushedRow> rows = [.. together.SelectMany(w => w.Rows)];
            var positions = await PushTable.AppendAsync(store, rows, CancellationToken.None);
            tail.Take(served.Current, rows.Zip(positions, (row, position) => row with { Position = position }));
            var end = 0;
            foreach (var waiting in together)
                waiting.Done.SetResult(positions[(end += waiting.Rows.Count) - 1]);
        }
        catch (Exception e)
        {
            foreach (var waiting in together)
                waiting.Done.TrySetException(e);
        }
    }

    private sealed class Waiting(IReadOnlyList<PushedRow> rows)
    {
        public IReadOnlyList<PushedRow> Rows => rows;

        public TaskCompletionSource<long> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
