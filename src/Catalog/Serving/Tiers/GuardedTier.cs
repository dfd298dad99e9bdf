using Catalog.Hot;
using Catalog.Storage.Hot;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Catalog.Serving.Tiers;

/// <summary>How a tier does.</summary>
/// <param name="Tier">Which one.</param>
/// <param name="IsAsked">False while it failed so often that lookups pass it by.</param>
/// <param name="Failure">What went wrong last; null where nothing did.</param>
/// <param name="FailedAt">When that was.</param>
/// <param name="Timeouts">Lookups that were not waited for any longer, since this server started.</param>
/// <param name="Failures">Lookups that it did not answer for another reason.</param>
internal sealed record TierHealth(
    ServingTier Tier, bool IsAsked, string? Failure, DateTimeOffset? FailedAt, long Timeouts, long Failures);

/// <summary>
/// A tier that is waited for as long as it is worth, and passed by while it fails: a lookup costs a tier that is down nothing then, and
/// goes to the next. A caller who gives up says nothing about the tier.
/// </summary>
internal sealed class GuardedTier
{
    private readonly IRemoteTier _tier;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _clock;
    private readonly CircuitBreakerStateProvider _state = new();
    private readonly ResiliencePipeline _pipeline;
    private volatile Failed? _last;
    private long _timeouts;
    private long _failures;

    public GuardedTier(IRemoteTier tier, TierOptions options, TimeProvider clock)
    {
        (_tier, _timeout, _clock) = (tier, options.TimeoutOf(tier.Tier), clock);
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 0.5,
                MinimumThroughput = options.LeastLookups,
                SamplingDuration = options.Window,
                BreakDuration = options.Break,
                StateProvider = _state,
                ShouldHandle = new PredicateBuilder().Handle<TierException>().Handle<TimeoutRejectedException>(),
            })
            .AddTimeout(_timeout)
            .Build();
    }

    public ServingTier Tier => _tier.Tier;

    public TierHealth Health => new(
        Tier, _state.CircuitState is CircuitState.Closed or CircuitState.HalfOpen, _last?.Why, _last?.At, Interlocked.Read(ref _timeouts),
        Interlocked.Read(ref _failures));

    /// <inheritdoc cref="IRemoteTier.FindAsync"/>
    public async Task<bool> FindAsync(HotView view, KeyBatch keys, RowShelf shelf, Memory<nint> rows, CancellationToken ct)
    {
        try
        {
            return await _pipeline.ExecuteAsync(async token => await _tier.FindAsync(view, keys, shelf, rows, token), ct);
        }
        catch (BrokenCircuitException e)
        {
            throw new TierException($"it is not asked for a moment, because it failed repeatedly: {_last?.Why}", e);
        }
        catch (TimeoutRejectedException e)
        {
            Interlocked.Increment(ref _timeouts);
            throw Noted(new($"it did not answer within {_timeout.TotalMilliseconds:0} ms", e));
        }
        catch (TierException e)
        {
            Interlocked.Increment(ref _failures);
            throw Noted(e);
        }
    }

    private TierException Noted(TierException failure)
    {
        _last = new(failure.Message, _clock.GetUtcNow());
        return failure;
    }

    private sealed record Failed(string Why, DateTimeOffset At);
}
