using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Catalog.Storage.Objects.Cache;

namespace Catalog.Storage.Objects;

/// <summary>Content that was stored: its SHA-256 (lower-case hex), its size, and the URI that names it in a manifest.</summary>
public sealed record StoredContent(string Sha256, long Bytes, string Uri);

/// <summary>
/// Content-addressed objects: <c>object://sha256/&lt;hex&gt;</c> lives under the key <c>sha256/ab/&lt;hex&gt;</c>. Content is hashed
/// while it streams through and is never whole in memory; storing the same content twice, also at once, keeps one object.
/// </summary>
public sealed class ContentStore(IObjectStore objects)
{
    /// <summary>What the keys of all content begin with; a store may hold other things beside it.</summary>
    public const string KeyPrefix = "sha256/";

    private const string UriPrefix = "object://sha256/";
    private const int BufferBytes = 256 * 1024;

    /// <summary>
    /// Stores the rest of a stream. With <paramref name="sha256"/>, content of another digest is refused and leaves nothing behind.
    /// </summary>
    /// <exception cref="ObjectStoreException"><see cref="ObjectStoreError.DigestMismatch"/>, or the store is in trouble.</exception>
    public async Task<StoredContent> StoreAsync(Stream content, string? sha256, CancellationToken ct)
    {
        if (sha256 is not null)
            KeyOf(sha256.ToLowerInvariant());

        // Named by its content also where a digest was announced, so that content which rotted in the store is replaced.
        var stored = await objects.PutAsync(KeyOf, content, sha256, ct);
        var digest = stored.Key[^64..];
        return new(digest, stored.Bytes, UriOf(digest));
    }

    /// <summary>The content's size in bytes; null when it is not in the store.</summary>
    public async Task<long?> FindAsync(string sha256, CancellationToken ct) => (await objects.HeadAsync(KeyOf(sha256), ct))?.Bytes;

    /// <summary>A range of the content, as <see cref="IObjectStore.OpenReadAsync"/> promises it.</summary>
    public Task<Stream> OpenReadAsync(string sha256, long offset, long? length, CancellationToken ct) =>
        objects.OpenReadAsync(KeyOf(sha256), offset, length, ct);

    /// <summary>
    /// The content for reading at random, its file where this machine has it. Opens at once; what goes wrong is told by reading.
    /// </summary>
    /// <param name="sha256">Lower-case hex.</param>
    /// <param name="bytes">Its size.</param>
    public Stream OpenSeekable(string sha256, long bytes)
    {
        var key = KeyOf(sha256);
        if ((objects as ILocalCopies)?.FindPath(key) is not { } path)
            return new SeekableObject(objects, key, bytes);
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.RandomAccess);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new SeekableObject(objects, key, bytes); // it was removed just now
        }
    }

    /// <summary>Reads the content again and says whether it still has its digest.</summary>
    /// <param name="progress">Told the bytes read since it was last told.</param>
    /// <exception cref="ObjectStoreException"><see cref="ObjectStoreError.NotFound"/>, or the store is in trouble.</exception>
    public async Task<bool> VerifyAsync(string sha256, IProgress<long>? progress, CancellationToken ct)
    {
        // What is stored is to be verified, not a copy of it.
        var stored = (objects as CachedObjectStore)?.Behind ?? objects;
        await using var content = await stored.OpenReadAsync(KeyOf(sha256), 0, null, ct);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (int read; (read = await content.ReadAsync(buffer, ct)) > 0; progress?.Report(read))
                hash.AppendData(buffer, 0, read);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset()) == sha256;
    }

    /// <summary>The key that content of this SHA-256 (64 lower-case hex digits) has in the object store.</summary>
    /// <exception cref="ObjectStoreException"><see cref="ObjectStoreError.InvalidKey"/>: not a SHA-256.</exception>
    public static string KeyOf(string sha256) => IsDigest(sha256)
        ? $"{KeyPrefix}{sha256[..2]}/{sha256}"
        : throw ObjectStoreException.InvalidKey(sha256, "is not a SHA-256 in lower-case hex");

    /// <summary>Whether a key is one that content has by its SHA-256.</summary>
    internal static bool IsKey(string key) => key.Length == 74 && IsDigest(key.AsSpan(10)) && key == KeyOf(key[10..]);

    /// <summary>The URI that a manifest holds for content of this SHA-256.</summary>
    public static string UriOf(string sha256) => UriPrefix + sha256;

    /// <summary>Whether a URI is one of ours, and the SHA-256 it names.</summary>
    public static bool TryParseUri(string uri, [NotNullWhen(true)] out string? sha256)
    {
        var ours = uri.StartsWith(UriPrefix, StringComparison.Ordinal) && IsDigest(uri.AsSpan(UriPrefix.Length));
        sha256 = ours ? uri[UriPrefix.Length..] : null;
        return ours;
    }

    /// <summary>The SHA-256 of the content that has this key; null for a key that is not one of <see cref="KeyOf"/>.</summary>
    public static string? DigestOf(string key) =>
        key.Length > 64 && IsDigest(key.AsSpan(^64..)) && KeyOf(key[^64..]) == key ? key[^64..] : null;

    private static bool IsDigest(ReadOnlySpan<char> text) => text.Length == 64 && !text.ContainsAnyExcept("0123456789abcdef");
}
