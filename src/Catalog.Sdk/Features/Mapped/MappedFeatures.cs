using Catalog.Hot;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>
/// Features in this process: the generations that the catalog serves them from, mapped into memory. A lookup takes no call, no lock, and
/// no allocation once its keys have grown. It follows the catalog: where other generations serve, it brings them here and goes over to
/// all of them at once. Rows that were pushed since are not here; they come with the next generation.
/// <para>
/// Whoever maps features takes them away: no read of theirs can be masked, refused, or counted. The key needs the right to export. Where it
/// is refused later, reads end with <see cref="CatalogException"/>.
/// </para>
/// </summary>
public sealed class MappedFeatures : IAsyncDisposable
{
    private readonly MappedSource _source;
    private readonly MapOptions _options;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _over = new();
    private readonly SemaphoreSlim _goingOver = new(1, 1);
    private readonly Task _following;
    private volatile MappedState _state;
    private CatalogException? _refused;
    private long _askedAt;

    private MappedFeatures(MappedSource source, MapOptions options, TimeProvider clock, MappedState state)
    {
        (_source, _options, _clock, _state, _askedAt) = (source, options, clock, state, clock.GetTimestamp());
        _following = Task.Run(FollowAsync, CancellationToken.None);
    }

    internal static async Task<MappedFeatures> OpenAsync(
        MappedSource source, MapOptions options, TimeProvider clock, CancellationToken ct) =>
        new(source, options, clock, await source.MapAsync(
            await source.LocateAsync(ct).ConfigureAwait(false), before: null, ct).ConfigureAwait(false));

    /// <summary>In the order asked.</summary>
    public IReadOnlyList<MappedFeature> Features => _state.Features;

    /// <summary>The parts of a key, in the order that <see cref="MappedKeys"/> takes them.</summary>
    public IReadOnlyList<string> Keys => _state.KeyNames;

    /// <summary>The generations that reads are answered from, by view.</summary>
    public IReadOnlyDictionary<NodeId, NodeId> Generations => _state.Generations;

    /// <summary>How long ago the catalog, itself in step with its log, said which generations serve.</summary>
    public TimeSpan Age => _clock.GetElapsedTime(Volatile.Read(ref _askedAt));

    /// <summary>Keys to be filled, read with, cleared, and filled again; of one thread at a time.</summary>
    public MappedKeys NewKeys() => new(_state);

    /// <summary>
    /// Reads rows of keys. What comes back is of one set of generations, and good until the keys are changed or read with again.
    /// </summary>
    /// <exception cref="CatalogException">
    /// The catalog refuses to have these features here any more, or could not be asked for longer than <see cref="MapOptions.GoodFor"/>
    /// (<c>client.out_of_date</c>).
    /// </exception>
    public MappedRows Read(MappedKeys keys)
    {
        Demand();
        return keys.Read(_state, (_clock.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>Asks the catalog now, and goes over to what serves there.</summary>
    /// <exception cref="CatalogException">It refuses, or cannot be reached.</exception>
    /// <exception cref="GenerationException">A file is not what the catalog says.</exception>
    public async Task RefreshAsync(CancellationToken ct = default)
    {
        // One after the other, from asking on: what was true before is not to take the place of what is.
        await _goingOver.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            _state = await _source.MapAsync(await AskAsync(ct).ConfigureAwait(false), _state, ct).ConfigureAwait(false);
        }
        finally
        {
            _goingOver.Release();
        }
    }

    private async Task<LocatedFeatures> AskAsync(CancellationToken ct)
    {
        try
        {
            var located = await _source.LocateAsync(ct).ConfigureAwait(false);
            Volatile.Write(ref _refused, null);
            if (!located.Stale)
                Volatile.Write(ref _askedAt, _clock.GetTimestamp());
            return located;
        }
        catch (CatalogException e) when (e.Status is 401 or 403)
        {
            Volatile.Write(ref _refused, e);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        _over.Dispose();
        _goingOver.Dispose();
    }

    private void Demand()
    {
        if (Volatile.Read(ref _refused) is { } refused)
            throw new CatalogException(refused.Status, refused.Code, refused.Detail, inner: refused);
        if (_options.GoodFor is { } most && Age > most)
        {
            throw new CatalogException(
                null, "client.out_of_date", $"The catalog could not be asked for {Age.TotalSeconds:0} s whether these features are right.");
        }
    }

    /// <summary>Asks at every tick, also while files are still on their way here: a refusal counts at once.</summary>
    private async Task FollowAsync()
    {
        using var timer = new PeriodicTimer(_options.Refresh, _clock);
        var going = Task.CompletedTask;
        try
        {
            while (await timer.WaitForNextTickAsync(_over.Token).ConfigureAwait(false))
            {
                if (going.IsCompleted)
                    going = TryAsync(RefreshAsync);
                else
                    await TryAsync(AskAsync).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            await going.ConfigureAwait(false);
        }
    }

    /// <summary>What is mapped goes on, for as long as it may: reads say so when it may no longer.</summary>
    private async Task TryAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_over.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CatalogException or GenerationException or IOException or UnauthorizedAccessException
            || (e is OperationCanceledException && _over.IsCancellationRequested))
        {
        }
    }
}

/// <summary>A feature that is mapped.</summary>
/// <param name="Name">Of the feature; with its view's, <c>airport__delay</c>, where another one has the same.</param>
/// <param name="View">The version of its view.</param>
/// <param name="Type">As its definition has it.</param>
public sealed record MappedFeature(string Name, NodeId View, string Type);
