namespace Catalog.Storage.Objects;

/// <summary>What kind of trouble an object store is in; each has one stable code.</summary>
public enum ObjectStoreError
{
    /// <summary>No object has this key.</summary>
    NotFound,

    /// <summary>The key breaks the rules of <see cref="ObjectKey"/>, or lies beneath an object.</summary>
    InvalidKey,

    /// <summary>The key holds other content.</summary>
    Conflict,

    /// <summary>The content is not what its digest said.</summary>
    DigestMismatch,

    /// <summary>No space is left, or a quota is used up.</summary>
    OutOfSpace,

    /// <summary>The store can be read only.</summary>
    ReadOnly,

    /// <summary>The store refuses this process.</summary>
    Denied,

    /// <summary>The store is there and was told of wrongly: no such bucket, another region, a server that lacks what is needed.</summary>
    Misconfigured,

    /// <summary>The store failed in another way; trying again may help.</summary>
    Unavailable,
}

/// <summary>The one exception of every <see cref="IObjectStore"/>.</summary>
public sealed class ObjectStoreException(ObjectStoreError error, string message, Exception? inner = null) : Exception(message, inner)
{
    public ObjectStoreError Error { get; } = error;

    /// <summary>The stable code, such as <c>object.not_found</c>.</summary>
    public string Code => Error switch
    {
        ObjectStoreError.NotFound => "object.not_found",
        ObjectStoreError.InvalidKey => "object.invalid_key",
        ObjectStoreError.Conflict => "object.conflict",
        ObjectStoreError.DigestMismatch => "object.digest_mismatch",
        ObjectStoreError.OutOfSpace => "object.out_of_space",
        ObjectStoreError.ReadOnly => "object.read_only",
        ObjectStoreError.Denied => "object.denied",
        ObjectStoreError.Misconfigured => "object.misconfigured",
        _ => "object.unavailable",
    };

    public static ObjectStoreException NotFound(string key) => new(ObjectStoreError.NotFound, $"No object has the key '{key}'.");

    public static ObjectStoreException InvalidKey(string key, string problem) =>
        new(ObjectStoreError.InvalidKey, $"The object key '{key}' {problem}.");

    public static ObjectStoreException Conflict(string key) =>
        new(ObjectStoreError.Conflict, $"The object key '{key}' already holds other content.");

    public static ObjectStoreException DigestMismatch(string expected, string actual) =>
        new(ObjectStoreError.DigestMismatch, $"The content has the SHA-256 {actual}, not {expected} as announced.");
}
