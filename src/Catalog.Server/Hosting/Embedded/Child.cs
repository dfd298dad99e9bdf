using System.Diagnostics;

namespace Catalog.Server.Hosting;

/// <summary>A child process with a thread of its own as its parent. Linux sends the parent-death signal when the <em>thread</em> that
/// forked ends, not the process, so a thread of the pool will not do: this one waits until the child has ended.</summary>
internal sealed class Child
{
    private const int KeptLines = 40;
    private static readonly TimeSpan DrainLimit = TimeSpan.FromMilliseconds(200);

    private readonly TaskCompletionSource<int> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<string> _lines = new();

    private Child() { }

    public int Id { get; private set; }

    /// <summary>Ends with the exit code; 128 + signal where a signal ended it.</summary>
    public Task<int> Exited => _exited.Task;

    /// <summary>The last lines it wrote on its own output.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public static async Task<Child> StartAsync(ProcessStartInfo start)
    {
        var child = new Child();
        new Thread(() => child.Run(start)) { IsBackground = true, Name = "parent of " + Path.GetFileName(start.FileName) }.Start();
        child.Id = await child._started.Task;
        return child;
    }

    /// <summary>Does nothing once it has ended: its id may then be another process's.</summary>
    public void Send(Signal signal)
    {
        if (!OperatingSystem.IsWindows() && !Exited.IsCompleted)
            Posix.Send(Id, signal);
    }

    public async Task<bool> ExitsWithinAsync(TimeSpan limit)
    {
        await Task.WhenAny(Exited, Task.Delay(limit));
        return Exited.IsCompleted;
    }

    private void Run(ProcessStartInfo start)
    {
        using var process = new Process { StartInfo = start };
        using var drained = new CountdownEvent(2);
        process.OutputDataReceived += (_, line) => Keep(line.Data, drained);
        process.ErrorDataReceived += (_, line) => Keep(line.Data, drained);
        try
        {
            process.Start();
        }
        catch (Exception e)
        {
            _started.SetException(e);
            return;
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _started.SetResult(process.Id);
        // With a limit it waits for the process only; without, also for grandchildren that hold the pipes.
        while (!process.WaitForExit(int.MaxValue))
            continue;
        drained.Wait(DrainLimit);
        _exited.SetResult(process.ExitCode);
    }

    private void Keep(string? line, CountdownEvent drained)
    {
        if (line is null)
        {
            SignalDrained(drained);
            return;
        }

        lock (_lines)
        {
            if (_lines.Count == KeptLines)
                _lines.Dequeue();
            _lines.Enqueue(line);
        }
    }

    private static void SignalDrained(CountdownEvent drained)
    {
        try
        {
            drained.Signal();
        }
        catch (ObjectDisposedException)
        {
            // The pipe closed after we had stopped waiting for it.
        }
    }
}
