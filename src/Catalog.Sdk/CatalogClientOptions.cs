using Catalog.Access;

namespace Catalog.Sdk;

/// <summary>How a <see cref="CatalogClient"/> behaves.</summary>
public sealed record CatalogClientOptions
{
    /// <summary>What the data is wanted for; sent with every call and recorded with every decision.</summary>
    public Purpose? Purpose { get; init; }

    /// <summary>
    /// The run that data is read for: what is read is counted for it. <see cref="ActiveRun.ReadAsync(NodeId, string?, CancellationToken)"/>
    /// sees to that by itself.
    /// </summary>
    public Guid? Run { get; init; }

    /// <summary>Further attempts after the first, when the catalog is busy or cannot be reached. 0 turns retries off.</summary>
    public int MaxRetries { get; init; } = 7;

    /// <summary>Wait before the second attempt; it doubles with each one, with jitter, and comes on top of a <c>Retry-After</c>.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest wait of our own choosing.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest <c>Retry-After</c> that is honoured. When the server asks for more, the call fails at once.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Time one attempt of a short call may take. Long ones are bounded by <see cref="InactivityTimeout"/> instead.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>
    /// Uploads, downloads, commits, verifications and backups may take as long as they need, but end when neither bytes nor progress moved
    /// for so long: the machine at the other end may have gone without a word.
    /// </summary>
    public TimeSpan InactivityTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Files moved at the same time.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>Clock for waits and time-outs.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Replaces the network, in tests. Not disposed by the client.</summary>
    public HttpMessageHandler? Handler { get; init; }
}
