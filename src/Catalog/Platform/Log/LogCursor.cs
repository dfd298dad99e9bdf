using Marten;

namespace Catalog.Platform.Log;

/// <summary>
/// One reader's place in the log. What is long past is read from the database; near the end the reader shares what <see cref="LiveLog"/>
/// finds with all others. Either way in the order of positions, and never past a number that may still come.
/// </summary>
/// <param name="store">Where the log is.</param>
/// <param name="live">The end of the log.</param>
/// <param name="types">Stored names of the facts wanted; others may come without their data. Null for all.</param>
/// <param name="after">The position to begin behind.</param>
internal sealed class LogCursor(IDocumentStore store, LiveLog live, IReadOnlyCollection<string>? types, long after)
{
    private static readonly TimeSpan PauseInDoubt = TimeSpan.FromMilliseconds(10);

    private readonly LogTail _past = new(store, types, LiveLog.PageFacts);

    /// <summary>Everything up to here was handed over.</summary>
    public long Position { get; private set; } = after;

    /// <summary>The facts that follow; none when there was nothing new for a moment.</summary>
    public async Task<IReadOnlyList<LogEntry>> NextAsync(CancellationToken ct)
    {
        if (live.After(Position) is { } kept)
            return kept.Count > 0 ? Take(kept, kept[^1].Position) : await WaitAsync(ct);

        if (_past.Position != Position)
            _past.StartAt(Position);
        var found = await _past.ReadAsync(ct);
        if (found.Count > 0)
            return Take(found, _past.Position);
        if (!_past.IsInDoubt)
            return await WaitAsync(ct);
        await Task.Delay(PauseInDoubt, ct);
        return [];
    }

    private async Task<IReadOnlyList<LogEntry>> WaitAsync(CancellationToken ct)
    {
        await live.LookAsync(Position).WaitAsync(ct);
        return live.After(Position) is { Count: > 0 } kept ? Take(kept, kept[^1].Position) : [];
    }

    private IReadOnlyList<LogEntry> Take(IReadOnlyList<LogEntry> facts, long to)
    {
        Position = to;
        return facts;
    }
}
