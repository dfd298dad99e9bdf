using Polly;
using Polly.Retry;

namespace Catalog.Storage.Objects.S3;

/// <summary>
/// Sends again what failed on its way or was put off by the server, with growing waits and jitter on top of what the server asks for.
/// Every request of ours may be sent twice: a second create finds the first and compares, a second completion finds the object.
/// </summary>
internal sealed class S3Retries(S3Tuning tuning)
{
    private readonly ResiliencePipeline _pipeline = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = tuning.Retries,
            ShouldHandle = args => ValueTask.FromResult(
                args.Outcome.Exception is { } e
                && !args.Context.CancellationToken.IsCancellationRequested
                && S3Faults.IsPassing(e)
                && (S3Faults.RetryAfter(e) ?? TimeSpan.Zero) <= tuning.LongestAskedWait),
            DelayGenerator = args => ValueTask.FromResult<TimeSpan?>(Wait(tuning, args.AttemptNumber, args.Outcome.Exception)),
        })
        .Build();

    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken ct) =>
        await _pipeline.ExecuteAsync(async token => await attempt(token).ConfigureAwait(false), ct).ConfigureAwait(false);

    private static TimeSpan Wait(S3Tuning tuning, int attempt, Exception? failure)
    {
        var grown = tuning.FirstWait * Math.Pow(2, attempt);
        var asked = failure is null ? null : S3Faults.RetryAfter(failure);
        return (asked ?? TimeSpan.Zero) + (grown * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}

/// <summary>How hard to try and how much to hold.</summary>
internal sealed record S3Tuning
{
    /// <summary>
    /// Bytes of a part, and of the largest object sent in one request. Parts double every two thousand, since an upload has at most ten
    /// thousand.
    /// </summary>
    public int PartBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Parts of one upload that are in memory and on their way at once.</summary>
    public int PartsAtOnce { get; init; } = 4;

    /// <summary>After the first attempt.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>Half to all of this before the second attempt, twice that before the third, and so on.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>A server that asks for more (<c>Retry-After</c>) is not waited for.</summary>
    public TimeSpan LongestAskedWait { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A read that brings nothing for so long has failed.</summary>
    public TimeSpan Inactivity { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Until the head of an answer is there, the request's body included.</summary>
    public TimeSpan RequestLimit { get; init; } = TimeSpan.FromMinutes(2);

    public int SizeOfPart(int number) => PartBytes << ((number - 1) / 2_000);
}
