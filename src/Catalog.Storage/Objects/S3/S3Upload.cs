using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon.S3.Model;

namespace Catalog.Storage.Objects.S3;

/// <summary>
/// An upload in parts. A few are in memory and on their way at once; nothing is an object before <see cref="CompleteAsync"/>, and
/// whatever was not completed is taken back when this is disposed of.
/// </summary>
internal sealed class S3Upload : IAsyncDisposable
{
    private readonly S3Bucket _bucket;
    private readonly string _key;
    private readonly string _sha256;
    private readonly string _id;
    private readonly ConcurrentBag<PartETag> _sent = [];
    private bool _completed;

    private S3Upload(S3Bucket bucket, string key, string sha256, string id) =>
        (_bucket, _key, _sha256, _id) = (bucket, key, sha256, id);

    public static async Task<S3Upload> BeginAsync(S3Bucket bucket, string key, string sha256, CancellationToken ct)
    {
        var upload = new S3Upload(bucket, key, sha256, await bucket.BeginAsync(key, sha256, ct));
        await bucket.AbortLeftAsync();
        return upload;
    }

    /// <summary>Sends the first part, which was read already, and the rest of the content.</summary>
    /// <returns>How many bytes.</returns>
    /// <exception cref="ObjectStoreException">
    /// <see cref="ObjectStoreError.DigestMismatch"/>, or the store is in trouble. What the content's stream throws comes through.
    /// </exception>
    public async Task<long> SendAsync(Part first, Stream rest, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = 0L;
        var options = new ParallelOptions { MaxDegreeOfParallelism = _bucket.Tuning.PartsAtOnce, CancellationToken = ct };
        await Parallel.ForEachAsync(Hashed(PartsAsync(first, rest, ct)), options, async (part, token) =>
        {
            using (part)
                _sent.Add(await _bucket.SendPartAsync(_key, _id, part, token));
        });
        var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        return digest == _sha256 ? bytes : throw ObjectStoreException.DigestMismatch(_sha256, digest);

        async IAsyncEnumerable<Part> Hashed(IAsyncEnumerable<Part> parts)
        {
            await foreach (var part in parts)
            {
                hash.AppendData(part.Content);
                bytes += part.Bytes;
                yield return part;
            }
        }
    }

    /// <summary>Makes it an object.</summary>
    /// <returns>False where <paramref name="onlyNew"/> and the key holds an object; it can then be completed all the same.</returns>
    public async Task<bool> CompleteAsync(long bytes, bool onlyNew)
    {
        try
        {
            // From here on it is not given up: whether the object is there could not be told.
            if (!await _bucket.CompleteAsync(_key, _id, _sent, onlyNew, CancellationToken.None))
                return false;
        }
        catch (ObjectStoreException e) when (e.InnerException is Amazon.S3.AmazonS3Exception { ErrorCode: S3Faults.NoSuchUpload })
        {
            // Completed by an attempt whose answer was lost, unless the object is not what was sent.
        }

        _completed = true;
        if (await _bucket.HeadAsync(_key, CancellationToken.None) is { } head && head.Bytes == bytes && head.Sha256 == _sha256)
            return true;
        throw new ObjectStoreException(
            ObjectStoreError.Unavailable, $"The object store {_bucket.Address} did not keep '{_key}' as it was sent: send it again.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_completed)
            await _bucket.AbortAsync(_key, _id);
    }

    private async IAsyncEnumerable<Part> PartsAsync(Part first, Stream rest, [EnumeratorCancellation] CancellationToken ct)
    {
        yield return first;
        for (var number = 2; ; number++)
        {
            var part = await Part.ReadAsync(rest, number, _bucket.Tuning.SizeOfPart(number), ct);
            if (part.Bytes == 0)
            {
                part.Dispose();
                yield break;
            }

            yield return part;
            if (part.Bytes < _bucket.Tuning.SizeOfPart(number))
                yield break;
        }
    }
}
