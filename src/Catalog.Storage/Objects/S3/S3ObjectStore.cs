using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon.S3;

namespace Catalog.Storage.Objects.S3;

/// <summary>
/// Objects in a bucket, each with its SHA-256 as metadata. What fits into one part is sent in one request with <c>If-None-Match: *</c>,
/// more in parts that are completed on the same condition. Content whose digest nobody announced is spooled first when it is large, since
/// it may decide the key.
/// </summary>
internal sealed class S3ObjectStore(S3Bucket bucket, string spoolFolder, TimeProvider clock) : IObjectStore, IUrlSigner, IDisposable
{
    private const int Attempts = 3;
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(7);
    private static readonly Dictionary<string, string> OnlyNew = new(StringComparer.Ordinal) { ["If-None-Match"] = "*" };

    public Task<ObjectInfo> PutAsync(string key, Stream content, string? sha256, CancellationToken ct)
    {
        ObjectKey.Require(key);
        return StoreAsync(_ => key, content, sha256?.ToLowerInvariant(), isNamedByContent: false, ct);
    }

    public Task<ObjectInfo> PutAsync(Func<string, string> keyOf, Stream content, string? sha256, CancellationToken ct) =>
        StoreAsync(digest => ObjectKey.Require(keyOf(digest)), content, sha256?.ToLowerInvariant(), isNamedByContent: true, ct);

    public async Task<Stream> OpenReadAsync(string key, long offset, long? length, CancellationToken ct)
    {
        ObjectKey.Require(key);
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0, nameof(length));
        if (length == 0 || (offset < 0 && length is not null))
        {
            var head = await bucket.HeadAsync(key, ct) ?? throw ObjectStoreException.NotFound(key);
            if (length == 0)
                return Stream.Null;
            offset = Math.Max(0, head.Bytes + offset);
        }

        return await bucket.GetAsync(key, RangeOf(offset, length), ct) is { } open
            ? S3RangeStream.Over(bucket, key, open, length ?? long.MaxValue)
            : Stream.Null;
    }

    public async Task<ObjectInfo?> HeadAsync(string key, CancellationToken ct) =>
        await bucket.HeadAsync(ObjectKey.Require(key), ct) is { } head ? new ObjectInfo(key, head.Bytes, head.Sha256) : null;

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, string? after, [EnumeratorCancellation] CancellationToken ct)
    {
        string? page = null;
        do
        {
            var (found, next) = await bucket.ListAsync(prefix, after, page, ct);
            foreach (var entry in found)
            {
                // Others may keep things in the bucket whose names cannot be keys, such as the folders that consoles make.
                var key = entry.Key[bucket.NameOf("").Length..];
                if (ObjectKey.Check(key) is null)
                    yield return new ObjectInfo(key, entry.Size ?? 0, Sha256: null);
            }

            page = next;
        }
        while (page is not null);
    }

    public Task DeleteAsync(string key, CancellationToken ct) => bucket.DeleteAsync(ObjectKey.Require(key), ct);

    /// <summary>Asks with an object of its own whether the bucket can be written, keeps what is there, and can be deleted from.</summary>
    public async Task CheckAsync(CancellationToken ct)
    {
        var key = $".check/{Guid.CreateVersion7():N}";
        using var empty = await Part.ReadAsync(Stream.Null, 1, 1, ct);
        var digest = DigestOf(empty);
        await bucket.PutAsync(key, empty, digest, onlyNew: true, ct);
        var replaced = await bucket.PutAsync(key, empty, digest, onlyNew: true, ct);
        await bucket.DeleteAsync(key, CancellationToken.None);
        if (replaced)
        {
            throw new ObjectStoreException(
                ObjectStoreError.Misconfigured,
                $"The object store {bucket.Address} ignores conditions (If-None-Match), without which objects could be replaced: use one "
                + "that keeps them, such as Amazon S3, Ceph 16 or later, or a recent MinIO.");
        }

        await bucket.ListAsync("", after: null, page: null, ct);
        await bucket.AbortOlderThanAsync(clock.GetUtcNow() - AbandonedAfter, ct);
    }

    public Task<SignedUrl> SignReadAsync(string key, TimeSpan? lifetime, CancellationToken ct) =>
        SignAsync(key, HttpVerb.GET, lifetime, new Dictionary<string, string>(StringComparer.Ordinal));

    public Task<SignedUrl> SignWriteAsync(string key, TimeSpan? lifetime, CancellationToken ct) =>
        SignAsync(key, HttpVerb.PUT, lifetime, OnlyNew);

    public void Dispose() => bucket.Dispose();

    private async Task<SignedUrl> SignAsync(string key, HttpVerb verb, TimeSpan? lifetime, IReadOnlyDictionary<string, string> headers)
    {
        ObjectKey.Require(key);
        var expires = clock.GetUtcNow() + SignedUrl.Lifetime(lifetime);
        return new SignedUrl(verb.ToString(), await bucket.SignAsync(key, verb, expires, headers), headers, expires);
    }

    private async Task<ObjectInfo> StoreAsync(
        Func<string, string> keyOf, Stream content, string? expected, bool isNamedByContent, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var size = bucket.Tuning.SizeOfPart(1);
        var first = await Part.ReadAsync(content, 1, size, ct);
        if (first.Bytes < size)
        {
            using (first)
                return await StoreSmallAsync(keyOf, first, expected, isNamedByContent, ct);
        }

        if (expected is not null)
            return await StoreLargeAsync(keyOf(expected), first, content, expected, isNamedByContent, ct);
        await using var spool = await SpoolAsync(first, content, ct);
        var again = await Part.ReadAsync(spool.Content, 1, size, ct);
        return await StoreLargeAsync(keyOf(spool.Sha256), again, spool.Content, spool.Sha256, isNamedByContent, ct);
    }

    private async Task<Spool> SpoolAsync(Part first, Stream rest, CancellationToken ct)
    {
        using (first)
            return await Spool.TakeAsync(spoolFolder, first, rest, ct);
    }

    private async Task<ObjectInfo> StoreSmallAsync(
        Func<string, string> keyOf, Part whole, string? expected, bool isNamedByContent, CancellationToken ct)
    {
        var digest = DigestOf(whole);
        if (expected is not null && expected != digest)
            throw ObjectStoreException.DigestMismatch(expected, digest);

        var info = new ObjectInfo(keyOf(digest), whole.Bytes, digest);
        ct.ThrowIfCancellationRequested();

        // From here on it is not given up: whether the object is there could not be told.
        await PlaceAsync(info, isNamedByContent, onlyNew => bucket.PutAsync(info.Key, whole, digest, onlyNew, CancellationToken.None), ct);
        return info;
    }

    private async Task<ObjectInfo> StoreLargeAsync(
        string key, Part first, Stream rest, string digest, bool isNamedByContent, CancellationToken ct)
    {
        await using var upload = await S3Upload.BeginAsync(bucket, key, digest, ct);
        var info = new ObjectInfo(key, await upload.SendAsync(first, rest, ct), digest);
        ct.ThrowIfCancellationRequested();
        await PlaceAsync(info, isNamedByContent, onlyNew => upload.CompleteAsync(info.Bytes, onlyNew), ct);
        return info;
    }

    /// <summary>A key is written once. Where it is taken, what it holds decides.</summary>
    private async Task PlaceAsync(ObjectInfo info, bool isNamedByContent, Func<bool, Task<bool>> place, CancellationToken ct)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await place(true))
                return;

            // Gone again where it was deleted meanwhile.
            if (await bucket.HeadAsync(info.Key, ct) is not { } there)
                continue;
            if (await HoldsAsync(info, there, ct))
                return;
            if (!isNamedByContent)
                throw ObjectStoreException.Conflict(info.Key);
            await place(false);
            return;
        }

        throw new ObjectStoreException(
            ObjectStoreError.Unavailable, $"'{info.Key}' comes and goes while it is stored: others delete it; try again.");
    }

    /// <summary>Whether the bytes there are these. What the metadata says is not enough: content rots.</summary>
    private async Task<bool> HoldsAsync(ObjectInfo info, S3Head there, CancellationToken ct)
    {
        if (there.Bytes != info.Bytes || (there.Sha256 is { } said && said != info.Sha256))
            return false;
        await using var content = await OpenReadAsync(info.Key, 0, null, ct);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, ct)) == info.Sha256;
    }

    private static string? RangeOf(long offset, long? length) => (offset, length) switch
    {
        (0, null) => null,
        ( < 0, _) => $"bytes={offset}",
        (_, null) => $"bytes={offset}-",
        (_, { } some) => $"bytes={offset}-{(some - 1 > long.MaxValue - offset ? long.MaxValue : offset + some - 1)}",
    };

    private static string DigestOf(Part part) => Convert.ToHexStringLower(SHA256.HashData(part.Content));
}
