using System.Text.Json;
using Catalog.Platform.Store;
using Marten;
using Microsoft.Extensions.Caching.Memory;

namespace Catalog.Platform.Writes;

/// <summary>
/// The states of streams, from their snapshots; where a snapshot is missing, behind or of an older fold, from the log itself. States seen
/// last are remembered: a decision on a remembered state is safe, because the append asserts the stream's version.
/// </summary>
internal sealed class States(IDocumentStore store) : IDisposable
{
    private const int Remembered = 10_000;
    private readonly MemoryCache _seen = new(new MemoryCacheOptions { SizeLimit = Remembered });

    /// <summary>The state as it is in the database now; null when there is no such stream.</summary>
    public async Task<TState?> LoadAsync<TState>(string id, CancellationToken ct)
        where TState : class, IState<TState>
    {
        var found = await LoadAsync([id], ct);
        return found.TryGetValue(id, out var row) ? (await ReadAsync<TState>(row, ct)).State : null;
    }

    /// <summary>The state as this server saw it last, or as it is: good for going on, and for refusing only what is final.</summary>
    public async Task<TState?> PeekAsync<TState>(string id, CancellationToken ct)
        where TState : class, IState<TState> => Recall<TState>(id)?.State ?? await LoadAsync<TState>(id, ct);

    /// <summary>How many facts a stream has, and the log position of the newest; zeros when there is no such stream.</summary>
    public async Task<(long Version, long Position)> FindEndAsync(string id, CancellationToken ct) =>
        (await LoadAsync([id], ct)).TryGetValue(id, out var row) ? (row.Version, row.Position) : default;

    public Versioned<TState>? Recall<TState>(string id)
        where TState : class, IState<TState> => _seen.TryGetValue(id, out var seen) ? seen as Versioned<TState> : null;

    public void Remember<TState>(string id, TState? state, long version)
        where TState : class, IState<TState>
    {
        using var entry = _seen.CreateEntry(id);
        entry.Size = 1;
        entry.Value = new Versioned<TState>(state, version);
    }

    public void Forget(string id) => _seen.Remove(id);

    /// <summary>Snapshots of several streams in one round trip, by stream.</summary>
    public async Task<Dictionary<string, StateTable.Row>> LoadAsync(IReadOnlyCollection<string> ids, CancellationToken ct)
    {
        await using var connection = store.Storage.Database.CreateConnection();
        await connection.OpenAsync(ct);
        return (await StateTable.ReadAsync(connection, ids, ct)).ToDictionary(r => r.Id, StringComparer.Ordinal);
    }

    /// <summary>The state in a snapshot, or folded from the log where the snapshot does not say.</summary>
    public async Task<Versioned<TState>> ReadAsync<TState>(StateTable.Row row, CancellationToken ct)
        where TState : class, IState<TState>
    {
        if (row.Data is { } data && row.StateVersion == row.Version && row.Revision == TState.FoldRevision)
            return new(JsonSerializer.Deserialize<TState>(data, CatalogStore.Json), row.Version);

        await using var session = store.QuerySession();
        var facts = await session.Events.FetchStreamAsync(row.Id, token: ct);
        return new(facts.Aggregate(default(TState), (state, fact) => TState.Fold(state, fact.Data)), facts.Count);
    }

    public void Dispose() => _seen.Dispose();
}

/// <summary>A state and how many facts it was folded from.</summary>
internal sealed record Versioned<TState>(TState? State, long Version)
    where TState : class;
