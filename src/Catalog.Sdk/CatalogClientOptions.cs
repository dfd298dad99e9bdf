using Catalog.Access;

namespace Catalog.Sdk;

/// <summary>How a <see cref="CatalogClient"/> behaves.</summary>
public sealed record CatalogClientOptions
{
    /// <summary>What the data is wanted for; sent with every call and recorded with every decision.</summary>
    public Purpose? Purpose { get; init; }

    /// <summary>Further attempts after the first, when the catalog is busy or cannot be reached. 0 turns retries off.</summary>
    public int MaxRetries { get; init; } = 5;

    /// <summary>Wait before the second attempt; it doubles with each one, with jitter.</summary>
    public TimeSpan BaseDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest wait of our own choosing.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest <c>Retry-After</c> that is honoured. When the server asks for more, the call fails at once.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Time one attempt of a short call may take. Uploads, downloads, commits and verifications are not bounded by it.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Files moved at the same time.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>Clock for waits and time-outs.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Replaces the network, in tests. Not disposed by the client.</summary>
    public HttpMessageHandler? Handler { get; init; }
}
