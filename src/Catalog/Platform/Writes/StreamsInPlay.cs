using System.Text.Json;
using Catalog.Platform.Store;
using JasperFx.Events;
using Marten;

namespace Catalog.Platform.Writes;

/// <summary>The streams that one shared commit decides on. Each is loaded once; writes on the same stream see each other's facts.</summary>
internal sealed class StreamsInPlay(States states)
{
    private readonly Dictionary<string, IStreamInPlay> _streams = new(StringComparer.Ordinal);

    public void Fetch<TState>(string id)
        where TState : class, IState<TState>
    {
        if (!_streams.ContainsKey(id))
            _streams.Add(id, new StreamInPlay<TState>(id, states.Recall<TState>(id)));
    }

    /// <summary>Reads, in one round trip, the streams that are not remembered.</summary>
    public async Task LoadAsync(CancellationToken ct)
    {
        string[] unknown = [.. _streams.Values.Where(s => !s.IsLoaded).Select(s => s.Id)];
        if (unknown.Length == 0)
            return;
        var rows = await states.LoadAsync(unknown, ct);
        foreach (var id in unknown)
            await _streams[id].LoadAsync(rows.GetValueOrDefault(id), states, ct);
    }

    public StreamInPlay<TState> Get<TState>(string id)
        where TState : class, IState<TState> => (StreamInPlay<TState>)_streams[id];

    /// <summary>Queues every new fact, asserting each stream's version, and the states that follow.</summary>
    public void AppendTo(IDocumentSession session)
    {
        List<IStreamInPlay> changed = [.. _streams.Values.Where(s => s.Appended.Count > 0)];
        foreach (var stream in changed)
            session.Events.Append(stream.Id, stream.Version, stream.Appended);
        if (changed.Count > 0)
            StateTable.Write(session, [.. changed.Select(s => s.Snapshot())]);
    }

    public void Remember()
    {
        foreach (var stream in _streams.Values)
            stream.Remember(states);
    }

    public void Forget()
    {
        foreach (var id in _streams.Keys)
            states.Forget(id);
    }
}

/// <summary>A stream fetched for writing, whatever its state type.</summary>
internal interface IStreamInPlay
{
    string Id { get; }

    bool IsLoaded { get; }

    /// <summary>Whether the state is one that this server remembered and that another server may have overtaken.</summary>
    bool IsRemembered { get; }

    /// <summary>Facts on the stream, those of this commit included.</summary>
    long Version { get; }

    object? Current { get; }

    /// <summary>Log position of the newest fact, once what was appended is stored; 0 for a remembered stream.</summary>
    long Position { get; }

    IReadOnlyList<IEvent> Appended { get; }

    Task LoadAsync(StateTable.Row? row, States states, CancellationToken ct);

    void Append(IEvent fact);

    (string Id, long Version, int Revision, string Data) Snapshot();

    void Remember(States states);
}

internal sealed class StreamInPlay<TState>(string id, Versioned<TState>? remembered) : IStreamInPlay
    where TState : class, IState<TState>
{
    private readonly List<IEvent> _appended = [];
    private long _position;

    public string Id => id;

    public bool IsLoaded { get; private set; } = remembered is not null;

    public bool IsRemembered { get; } = remembered is not null && !(TState.IsFixed && remembered.State is not null);

    public TState? State { get; private set; } = remembered?.State;

    public long Version { get; private set; } = remembered?.Version ?? 0;

    public object? Current => State;

    public long Position => _appended is [.., var newest] ? newest.Sequence : _position;

    public IReadOnlyList<IEvent> Appended => _appended;

    public async Task LoadAsync(StateTable.Row? row, States states, CancellationToken ct)
    {
        _position = row?.Position ?? 0;
        (State, Version) = row is null ? new Versioned<TState>(State: null, Version: 0) : await states.ReadAsync<TState>(row, ct);
        IsLoaded = true;
    }

    public void Append(IEvent fact)
    {
        _appended.Add(fact);
        State = TState.Fold(State, fact.Data);
        Version++;
    }

    public (string Id, long Version, int Revision, string Data) Snapshot() =>
        (id, Version, TState.FoldRevision, JsonSerializer.Serialize(State, CatalogStore.Json));

    public void Remember(States states)
    {
        // That a stream does not exist is not worth remembering: it is about to. One that begins with what others told has facts and no
        // state.
        if (Version > 0)
            states.Remember(id, State, Version);
    }
}
