using Polly;
using Polly.Retry;

namespace Catalog.Sdk.Http;

/// <summary>
/// Sends again what may be sent again: exponential back-off with jitter, or as long as the server asks. A request that may already have
/// been acted on is repeated only when acting twice comes to the same.
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
        return await pipeline.ExecuteAsync(async token => await attempt(token), ct);
    }

    private static ResiliencePipeline Build(CatalogClientOptions options, Repeat repeat)
    {
        if (options.MaxRetries <= 0)
            return ResiliencePipeline.Empty;

        return new ResiliencePipelineBuilder { TimeProvider = options.Time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.BaseDelay,
                MaxDelay = options.MaxDelay,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is CatalogException e && MayResend(e, repeat, options)),
                DelayGenerator = args => ValueTask.FromResult((args.Outcome.Exception as CatalogException)?.RetryAfter),
            })
            .Build();
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
