using System.Diagnostics;

namespace Catalog.Server.Hosting;

/// <summary>What a server has started so far. They end in the opposite order, each of them even where another does not end well.</summary>
internal sealed class StartedParts : IAsyncDisposable
{
    private readonly Stack<Func<ValueTask>> _ends = new();

    public T Add<T>(T part)
        where T : IAsyncDisposable
    {
        _ends.Push(part.DisposeAsync);
        return part;
    }

    public T Hold<T>(T part)
        where T : IDisposable
    {
        OnEnd(part.Dispose);
        return part;
    }

    public void OnEnd(Action end) => _ends.Push(() =>
    {
        end();
        return ValueTask.CompletedTask;
    });

    public void OnEnd(Func<Task> end) => _ends.Push(() => new ValueTask(end()));

    /// <summary>Ends them after a start that failed: why it did counts more than what does not end well then.</summary>
    public async Task GiveUpAsync()
    {
        try
        {
            await DisposeAsync();
        }
        catch (AggregateException e)
        {
            Debug.WriteLine(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var failures = new List<Exception>();
        while (_ends.TryPop(out var end))
        {
            try
            {
                await end();
            }
            catch (Exception e)
            {
                failures.Add(e);
            }
        }

        if (failures.Count > 0)
            throw new AggregateException("Not everything ended well.", failures);
    }
}
