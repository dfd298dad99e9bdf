using Polly;
using Polly.Retry;

namespace Catalog.Sdk.Http;

/// <summary>
/// Sends again what may be sent again, after exponential back-off with jitter on top of what the server asks for. A request that may
/// already have been acted on is repeated only when acting twice comes to the same.
/// </summary>
internal sealed class Retries(CatalogClientOptions options)
{
    private readonly ResiliencePipeline _always = Build(options, Repeat.Always);
    private readonly ResiliencePipeline _ifNotActedOn = Build(options, Repeat.IfNotActedOn);

    public async Task<T> RunAsync<T>(Repeat repeat, Func<CancellationToken, Task<T>> attempt, CancellationToken ct)
    {
        var pipeline = repeat switch
        {
            Repeat.Always => _always,
            Repeat.IfNotActedOn => _ifNotActedOn,
            _ => ResiliencePipeline.Empty,
        };
        return await pipeline.ExecuteAsync(async token => await attempt(token).ConfigureAwait(false), ct).ConfigureAwait(false);
    }

    private static ResiliencePipeline Build(CatalogClientOptions options, Repeat repeat)
    {
        if (options.MaxRetries <= 0)
            return ResiliencePipeline.Empty;

        return new ResiliencePipelineBuilder { TimeProvider = options.Time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.MaxRetries,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is CatalogException e && MayResend(e, repeat, options)),
                DelayGenerator = args => ValueTask.FromResult<TimeSpan?>(
                    Wait(options, args.AttemptNumber, (args.Outcome.Exception as CatalogException)?.RetryAfter)),
            })
            .Build();
    }

    /// <summary>
    /// At least what the server asked for, and our own wait on top: it tells all clients the same, and they must not come back together.
    /// </summary>
    /// <param name="options">Shortest and longest wait of our own.</param>
    /// <param name="attempt">0 for the wait after the first attempt.</param>
    /// <param name="asked">The server's <c>Retry-After</c>.</param>
    internal static TimeSpan Wait(CatalogClientOptions options, int attempt, TimeSpan? asked)
    {
        var grown = Math.Min(options.BaseDelay.TotalMilliseconds * Math.Pow(2, attempt), options.MaxDelay.TotalMilliseconds);
        return (asked ?? TimeSpan.Zero) + TimeSpan.FromMilliseconds(grown * (0.75 + (Random.Shared.NextDouble() / 4)));
    }

    private static bool MayResend(CatalogException failure, Repeat repeat, CatalogClientOptions options) => failure.Resend switch
    {
        _ when failure.RetryAfter > options.MaxRetryAfter => false,
        Resend.Safe => true,
        Resend.IfRepeatable => repeat is Repeat.Always,
        _ => false,
    };
}

/// <summary>What sending a request twice would do.</summary>
internal enum Repeat
{
    /// <summary>The same as once.</summary>
    Always,

    /// <summary>Something else, so it is sent again only when it was not acted on.</summary>
    IfNotActedOn,

    /// <summary>It cannot be sent again: its body is gone.</summary>
    Never,
}
