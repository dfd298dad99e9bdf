using Catalog.Storage.Columnar;

namespace Catalog.Columns;

/// <summary>
/// What orders are computed from, kept for the next reader: the row groups of a version, and how many rows of each meet a filter. Versions
/// do not change, so neither does what is kept; what was not used for longest goes first. Readers that come at the same time wait for one.
/// </summary>
/// <param name="maxBytes">Of all that is kept.</param>
internal sealed class RowGroupIndexes(long maxBytes)
{
    private const long EntryBytes = 256;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _recent = [];
    private long _bytes;

    /// <param name="manifest">Its hash.</param>
    /// <param name="read">Reads it; not stopped when the one who asked goes away, as others may wait for the same.</param>
    /// <param name="ct">Stops waiting.</param>
    public async Task<RowGroupIndex> OfAsync(string manifest, Func<Task<RowGroupIndex>> read, CancellationToken ct) =>
        (RowGroupIndex)await GetAsync(manifest, async () =>
        {
            var index = await read();
            return (index, index.Size);
        }, ct);

    /// <param name="manifest">Its hash.</param>
    /// <param name="filter">In one spelling.</param>
    /// <param name="count">Counts; not stopped when the one who asked goes away.</param>
    /// <param name="ct">Stops waiting.</param>
    public async Task<IReadOnlyList<int>> CountsAsync(
        string manifest, string filter, Func<Task<IReadOnlyList<int>>> count, CancellationToken ct) =>
        (IReadOnlyList<int>)await GetAsync($"{manifest}\n{filter}", async () =>
        {
            var counts = await count();
            return (counts, (long)counts.Count * sizeof(int));
        }, ct);

    private async Task<object> GetAsync(string key, Func<Task<(object Value, long Bytes)>> make, CancellationToken ct)
    {
        Entry entry;
        lock (_lock)
        {
            if (_byKey.TryGetValue(key, out var node))
            {
                _recent.Remove(node);
                _recent.AddFirst(node);
            }
            else
            {
                node = new(new Entry(key, Task.Run(make, CancellationToken.None)));
                _byKey[key] = node;
                _recent.AddFirst(node);
                _ = KeepAsync(node);
            }

            entry = node.Value;
        }

        return (await entry.Made.WaitAsync(ct)).Value;
    }

    private async Task KeepAsync(LinkedListNode<Entry> node)
    {
        await ((Task)node.Value.Made).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var bytes = node.Value.Made.IsCompletedSuccessfully
            ? EntryBytes + (node.Value.Key.Length * sizeof(char)) + (await node.Value.Made).Bytes
            : long.MaxValue;
        lock (_lock)
        {
            // What failed is tried again; what is larger than all that may be kept is not kept.
            if (bytes > maxBytes)
            {
                _byKey.Remove(node.Value.Key);
                _recent.Remove(node);
                return;
            }

            node.Value.Bytes = bytes;
            _bytes += bytes;
            Trim();
        }
    }

    private void Trim()
    {
        for (var (last, before) = (_recent.Last, _recent.Last?.Previous); _bytes > maxBytes && last is not null; last = before)
        {
            before = last.Previous;

            // What is being made is not kept yet, and is looked at when it is.
            if (last.Value.Bytes == 0)
                continue;
            _bytes -= last.Value.Bytes;
            _byKey.Remove(last.Value.Key);
            _recent.Remove(last);
        }
    }

    private sealed record Entry(string Key, Task<(object Value, long Bytes)> Made)
    {
        /// <summary>Zero while it is made.</summary>
        public long Bytes { get; set; }
    }
}
