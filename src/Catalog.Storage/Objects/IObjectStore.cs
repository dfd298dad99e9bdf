namespace Catalog.Storage.Objects;

/// <summary>
/// Where bytes live: immutable objects under keys (see <see cref="ObjectKey"/>). Every failure of the store is an
/// <see cref="ObjectStoreException"/>; an exception of the caller's own stream, and cancellation, come through unchanged.
/// A key and the same key followed by <c>/…</c> are not used together: a store may refuse the second.
/// </summary>
public interface IObjectStore
{
    /// <summary>
    /// Stores the rest of <paramref name="content"/> under <paramref name="key"/>. The object is there whole and durable when this
    /// returns, and is never seen in part: a failing stream, a digest that is not <paramref name="sha256"/> (64 hex digits; null when
    /// unknown), cancellation or a crash leave nothing. A key is written once: the same content again is fine, other content is <see
    /// cref="ObjectStoreError.Conflict"/>.
    /// </summary>
    Task<ObjectInfo> PutAsync(string key, Stream content, string? sha256, CancellationToken ct);

    /// <summary>
    /// As <see cref="PutAsync(string, Stream, string?, CancellationToken)"/>, under the key that the SHA-256 (lower-case hex) of the
    /// content decides. Other content under that key has rotted: it is replaced. A store may need less where the digest is announced.
    /// </summary>
    Task<ObjectInfo> PutAsync(Func<string, string> keyOf, Stream content, string? sha256, CancellationToken ct);

    /// <summary>
    /// The bytes from <paramref name="offset"/> on, at most <paramref name="length"/> of them, as a forward-only stream. A negative
    /// offset counts from the end (<c>-8</c>: the last eight bytes, or all of a shorter object). A range beyond the end gives what there
    /// is, possibly nothing.
    /// </summary>
    /// <exception cref="ObjectStoreException"><see cref="ObjectStoreError.NotFound"/></exception>
    Task<Stream> OpenReadAsync(string key, long offset, long? length, CancellationToken ct);

    /// <summary>What is known of an object without reading it; null when it is not there.</summary>
    Task<ObjectInfo?> HeadAsync(string key, CancellationToken ct);

    /// <summary>
    /// The objects whose key starts with <paramref name="prefix"/> and comes after <paramref name="after"/>, in the order of their UTF-8
    /// bytes, fetched page by page as they are asked for.
    /// </summary>
    IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? after, CancellationToken ct);

    /// <summary>Removes an object. Removing what is not there is fine.</summary>
    Task DeleteAsync(string key, CancellationToken ct);

    /// <summary>Finds out whether the store can be reached and keeps what it promises here, and tidies what dead processes left.</summary>
    /// <exception cref="ObjectStoreException">It does not; the message says what would be right.</exception>
    Task CheckAsync(CancellationToken ct);
}

/// <summary>An object in a store.</summary>
/// <param name="Sha256">Lower-case hex, from the call that stored it; null where only the store was asked.</param>
public sealed record ObjectInfo(string Key, long Bytes, string? Sha256);
