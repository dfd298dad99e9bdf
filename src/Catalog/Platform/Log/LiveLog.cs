using Marten;

namespace Catalog.Platform.Log;

/// <summary>
/// The end of the log, for all who follow it on this server: one look at the database serves them all, whoever asks for it first, and what
/// it finds is kept for those who are a little behind. Nobody looks while nobody follows.
/// </summary>
internal sealed class LiveLog(IDocumentStore store, LogSignal signal, TimeProvider clock)
{
    /// <summary>Facts read at a time, and handed over at once.</summary>
    public const int PageFacts = 200;

    /// <summary>Of their data, roughly: what a slow reader may keep in memory.</summary>
    public const long PageBytes = 512 * 1024;

    private const int KeptFacts = 4_096;
    private const long KeptBytes = 8 * 1024 * 1024;

    /// <summary>How long what another server wrote can go unseen: our own commits wake us.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseInDoubt = TimeSpan.FromMilliseconds(10);

    /// <summary>How long facts are gathered, so that a flood of small commits is not looked at one by one.</summary>
    private static readonly TimeSpan PauseBetweenLooks = TimeSpan.FromMilliseconds(10);

    private readonly LogTail _tail = new(store, types: null, PageFacts);
    private readonly Lock _gate = new();
    private Window _window = Window.Behind(long.MaxValue);
    private Task _look = Task.CompletedTask;
    private Task _committed = Task.CompletedTask;
    private long _lookedAt;

    /// <summary>The facts behind a position as far as they are at hand; null where the database must be asked for them.</summary>
    public IReadOnlyList<LogEntry>? After(long position) => Volatile.Read(ref _window).After(position);

    /// <summary>Completes when the end of the log was looked at again, whether or not there was anything new.</summary>
    /// <param name="position">What is before it is certain, and the caller has it.</param>
    public Task LookAsync(long position)
    {
        lock (_gate)
        {
            if (_look.IsCompleted)
                _look = Task.Run(() => LookOnceAsync(position));
            return _look;
        }
    }

    private async Task LookOnceAsync(long position)
    {
        // Further than anybody was while this server looked: as when nobody has followed for a while.
        if (position > _tail.Position || !_window.Includes(_tail.Position))
        {
            _tail.StartAt(position);
            _window = Window.Behind(position);
        }
        else if (!_tail.HasMore)
        {
            await Task.WhenAny(_committed, Task.Delay(_tail.IsInDoubt ? PauseInDoubt : Pause, clock));
            if (PauseBetweenLooks - clock.GetElapsedTime(_lookedAt) is var rest && rest > TimeSpan.Zero)
                await Task.Delay(rest, clock);
        }

        (_committed, _lookedAt) = (signal.NextAsync(), clock.GetTimestamp());
        var found = await _tail.ReadAsync(CancellationToken.None);
        Volatile.Write(ref _window, _window.With(found, _tail.Position));
    }

    /// <summary>The facts of a stretch of the log; it never changes.</summary>
    /// <param name="From">The stretch begins behind this position.</param>
    /// <param name="To">And includes this one.</param>
    /// <param name="Facts">All of it, in order.</param>
    private sealed record Window(long From, long To, LogEntry[] Facts)
    {
        public static Window Behind(long position) => new(position, position, []);

        public bool Includes(long position) => position >= From && position <= To;

        public IReadOnlyList<LogEntry>? After(long position)
        {
            if (!Includes(position))
                return null;
            var (low, high) = (0, Facts.Length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (Facts[middle].Position <= position)
                    low = middle + 1;
                else
                    high = middle;
            }

            return new ArraySegment<LogEntry>(Facts, low, Math.Min(PageFacts, Facts.Length - low));
        }

        /// <summary>Longer at its end; at its beginning what is too much is let go of.</summary>
        public Window With(IReadOnlyList<LogEntry> more, long to)
        {
            LogEntry[] all = [.. Facts, .. more];
            var (first, bytes) = (all.Length, 0L);
            while (first > 0 && all.Length - first < KeptFacts && (bytes += all[first - 1].Data.Length) <= KeptBytes)
                first--;
            return new Window(first == 0 ? From : all[first - 1].Position, to, all[first..]);
        }
    }
}
