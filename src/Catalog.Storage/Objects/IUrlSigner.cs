namespace Catalog.Storage.Objects;

/// <summary>
/// Makes addresses under which whoever holds them may do one thing with one object, for a while and without any other credentials.
/// A reader whose address runs out while it still has bytes to ask for has a new one signed.
/// </summary>
public interface IUrlSigner
{
    /// <summary>An address to GET the object from, ranges included. Whether it is there is not asked.</summary>
    /// <param name="key">See <see cref="ObjectKey"/>.</param>
    /// <param name="lifetime">One second to seven days; null for <see cref="SignedUrl.DefaultLifetime"/>.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="ObjectStoreException"><see cref="ObjectStoreError.InvalidKey"/>, or no credentials were found.</exception>
    Task<SignedUrl> SignReadAsync(string key, TimeSpan? lifetime, CancellationToken ct);

    /// <summary>
    /// An address to PUT the object to, once: a key that holds an object already is refused with 412. The store does not know what the
    /// content should be, so it is to be verified before it is relied on.
    /// </summary>
    /// <inheritdoc cref="SignReadAsync"/>
    Task<SignedUrl> SignWriteAsync(string key, TimeSpan? lifetime, CancellationToken ct);
}

/// <summary>An address and what belongs to it.</summary>
/// <param name="Method"><c>GET</c> or <c>PUT</c>.</param>
/// <param name="Url">Absolute; or beginning with <c>/</c> where the catalog's own server answers.</param>
/// <param name="Headers">To be sent along as they are.</param>
/// <param name="ExpiresAt">From then on it is refused.</param>
public sealed record SignedUrl(string Method, Uri Url, IReadOnlyDictionary<string, string> Headers, DateTimeOffset ExpiresAt)
{
    /// <summary>Fifteen minutes.</summary>
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);

    /// <exception cref="ArgumentOutOfRangeException">Not between one second and seven days.</exception>
    internal static TimeSpan Lifetime(TimeSpan? lifetime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime ?? DefaultLifetime, Shortest, nameof(lifetime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime ?? DefaultLifetime, Longest, nameof(lifetime));
        return lifetime ?? DefaultLifetime;
    }
}
