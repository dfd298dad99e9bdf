using JasperFx.Events;
using Marten;
using Marten.Services.BatchQuerying;

namespace Catalog.Platform.Writes;

/// <summary>The streams that one shared commit decides on. Each is fetched once; writes on the same stream see each other's facts.</summary>
internal sealed class StreamsInPlay(IDocumentSession session)
{
    private readonly IBatchedQuery _batch = session.CreateBatchQuery();
    private readonly Dictionary<string, IStreamInPlay> _streams = new(StringComparer.Ordinal);

    public void Fetch<TState>(string id)
        where TState : class, IState<TState>
    {
        if (!_streams.ContainsKey(id))
            _streams.Add(id, new StreamInPlay<TState>(_batch.Events.FetchForWriting<TState>(id)));
    }

    public async Task LoadAsync(CancellationToken ct)
    {
        await _batch.Execute(ct);
        foreach (var stream in _streams.Values)
            await stream.ReadyAsync();
    }

    public StreamInPlay<TState> Get<TState>(string id)
        where TState : class, IState<TState> => (StreamInPlay<TState>)_streams[id];
}

/// <summary>A stream fetched for writing, whatever its state type.</summary>
internal interface IStreamInPlay
{
    /// <summary>Facts on the stream, those of this commit included.</summary>
    long Version { get; }

    object? Current { get; }

    Task ReadyAsync();

    void Append(IEvent fact);
}

internal sealed class StreamInPlay<TState>(Task<IEventStream<TState>> fetch) : IStreamInPlay
    where TState : class, IState<TState>
{
    private IEventStream<TState>? _stream;

    public TState? State { get; private set; }

    public long Version { get; private set; }

    public object? Current => State;

    public async Task ReadyAsync()
    {
        _stream = await fetch;
        State = _stream.Aggregate;
        Version = _stream.CurrentVersion ?? 0;
    }

    public void Append(IEvent fact)
    {
        (_stream ?? throw new InvalidOperationException("The stream has not been loaded.")).AppendOne(fact);
        State = TState.Fold(State, fact.Data);
        Version++;
    }
}
