using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Catalog.Storage.Objects.S3;

/// <summary>What a HEAD of an object told. <paramref name="Sha256"/> is null where the object was not put by us.</summary>
internal sealed record S3Head(long Bytes, string? Sha256);

/// <summary>
/// The requests to one bucket, each repeated while that may help, each failure an <see cref="ObjectStoreException"/>. Payloads are signed
/// with their SHA-256, which the server checks; no other checksums are sent, since servers that are not Amazon's refuse them.
/// </summary>
internal sealed class S3Bucket(IAmazonS3 client, S3Address address, S3Tuning tuning) : IDisposable
{
    private const string DigestName = "sha256";
    private const string Anything = "*";
    private static readonly TimeSpan AbortLimit = TimeSpan.FromSeconds(30);
    private readonly S3Retries _retries = new(tuning);
    private readonly ConcurrentQueue<(string Key, string Upload)> _left = new();

    public S3Address Address => address;

    public S3Tuning Tuning => tuning;

    public string NameOf(string key) => address.Prefix + key;

    public void Dispose() => client.Dispose();

    /// <summary>Sends a whole object.</summary>
    /// <returns>False where <paramref name="onlyNew"/> and the key holds an object.</returns>
    public Task<bool> PutAsync(string key, Part content, string sha256, bool onlyNew, CancellationToken ct) =>
        UnlessTakenAsync(() => RunAsync(key, async token =>
        {
            var request = new PutObjectRequest
            {
                BucketName = address.Bucket,
                Key = NameOf(key),
                InputStream = content.Open(),
                UseChunkEncoding = false,
                IfNoneMatch = onlyNew ? Anything : null,
            };
            request.Metadata[DigestName] = sha256;
            return await client.PutObjectAsync(request, token);
        }, ct));

    /// <summary>Null where no object has the key.</summary>
    public async Task<S3Head?> HeadAsync(string key, CancellationToken ct)
    {
        try
        {
            var head = await RunAsync(key, token => client.GetObjectMetadataAsync(address.Bucket, NameOf(key), token), ct);
            return new S3Head(head.ContentLength, head.Metadata[DigestName]);
        }
        catch (ObjectStoreException e) when (e.Error is ObjectStoreError.NotFound)
        {
            await DemandBucketAsync(ct);
            return null;
        }
    }

    /// <summary>Opens a range, in HTTP's words (<c>bytes=3-6</c>); null for all. Null where the range lies behind the end.</summary>
    public async Task<GetObjectResponse?> GetAsync(string key, string? range, CancellationToken ct)
    {
        try
        {
            return await RunAsync(key, token => GetOnceAsync(key, range, etag: null, token), ct);
        }
        catch (ObjectStoreException e) when (
            e.InnerException is AmazonServiceException { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable })
        {
            return null;
        }
    }

    /// <summary>One attempt at it, whose failures are not translated.</summary>
    /// <param name="key">Of the object.</param>
    /// <param name="range">In HTTP's words; null for all.</param>
    /// <param name="etag">Of the object that it must still be; null for whichever it is.</param>
    /// <param name="ct">Gives up.</param>
    public Task<GetObjectResponse> GetOnceAsync(string key, string? range, string? etag, CancellationToken ct)
    {
        var request = new GetObjectRequest { BucketName = address.Bucket, Key = NameOf(key), EtagToMatch = etag };
        if (range is not null)
            request.ByteRange = new ByteRange(range);
        return client.GetObjectAsync(request, ct);
    }

    /// <summary>A page of keys as they are in the bucket, in the order of their UTF-8 bytes, and where the next one begins.</summary>
    public async Task<(IReadOnlyList<S3Object> Objects, string? Next)> ListAsync(
        string prefix, string? after, string? page, CancellationToken ct)
    {
        var request = new ListObjectsV2Request
        {
            BucketName = address.Bucket,
            Prefix = NameOf(prefix),
            StartAfter = after is null ? null : NameOf(after),
            ContinuationToken = page,
        };
        var answer = await RunAsync(prefix, token => client.ListObjectsV2Async(request, token), ct);
        return (answer.S3Objects ?? [], answer.IsTruncated is true ? answer.NextContinuationToken : null);
    }

    public Task DeleteAsync(string key, CancellationToken ct) =>
        RunAsync(key, token => client.DeleteObjectAsync(address.Bucket, NameOf(key), token), ct);

    /// <returns>The id of an upload in parts.</returns>
    public async Task<string> BeginAsync(string key, string sha256, CancellationToken ct)
    {
        var request = new InitiateMultipartUploadRequest { BucketName = address.Bucket, Key = NameOf(key) };
        request.Metadata[DigestName] = sha256;
        return (await RunAsync(key, token => client.InitiateMultipartUploadAsync(request, token), ct)).UploadId;
    }

    public async Task<PartETag> SendPartAsync(string key, string upload, Part part, CancellationToken ct)
    {
        var sent = await RunAsync(key, token => client.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = address.Bucket,
                Key = NameOf(key),
                UploadId = upload,
                PartNumber = part.Number,
                PartSize = part.Bytes,
                InputStream = part.Open(),
                UseChunkEncoding = false,
            },
            token), ct);
        return new PartETag(part.Number, sent.ETag);
    }

    /// <summary>Makes the parts an object.</summary>
    /// <returns>False where <paramref name="onlyNew"/> and the key holds an object; the parts are then still there.</returns>
    public async Task<bool> CompleteAsync(string key, string upload, IEnumerable<PartETag> parts, bool onlyNew, CancellationToken ct)
    {
        // Asked first, since some servers (Ceph before 19) have the condition for whole objects only.
        if (onlyNew && await HeadAsync(key, ct) is not null)
            return false;
        return await UnlessTakenAsync(() => RunAsync(key, token => client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest
            {
                BucketName = address.Bucket,
                Key = NameOf(key),
                UploadId = upload,
                PartETags = [.. parts.OrderBy(p => p.PartNumber)],
                IfNoneMatch = onlyNew ? Anything : null,
            },
            token), ct));
    }

    /// <summary>
    /// Takes back an upload in parts that was given up. It fails at nothing, since it must not hide why that was: what the server does not
    /// take back now is taken back before a later upload, or at a later start.
    /// </summary>
    public async Task AbortAsync(string key, string upload)
    {
        using var limit = new CancellationTokenSource(AbortLimit);
        try
        {
            await RunAsync(key, token => client.AbortMultipartUploadAsync(address.Bucket, NameOf(key), upload, token), limit.Token);
        }
        catch (ObjectStoreException e) when (e.Error is ObjectStoreError.NotFound)
        {
            Debug.WriteLine(e.Message);
        }
        catch (Exception e) when (e is ObjectStoreException or OperationCanceledException)
        {
            _left.Enqueue((key, upload));
        }
    }

    /// <summary>Takes back what could not be taken back when it was given up.</summary>
    public async Task AbortLeftAsync()
    {
        for (var count = _left.Count; count > 0 && _left.TryDequeue(out var left); count--)
            await AbortAsync(left.Key, left.Upload);
    }

    /// <summary>Takes back uploads in parts beneath our prefix that nobody can still be sending.</summary>
    public async Task AbortOlderThanAsync(DateTimeOffset time, CancellationToken ct)
    {
        var request = new ListMultipartUploadsRequest { BucketName = address.Bucket, Prefix = address.Prefix };
        var found = await RunAsync("", token => client.ListMultipartUploadsAsync(request, token), ct);
        foreach (var upload in found.MultipartUploads ?? [])
        {
            if (upload.Initiated?.ToUniversalTime() < time.UtcDateTime)
                await AbortAsync(upload.Key[address.Prefix.Length..], upload.UploadId);
        }
    }

    /// <param name="key">Of the object.</param>
    /// <param name="verb">What may be done.</param>
    /// <param name="expires">Until when.</param>
    /// <param name="headers">Signed, so that they must be sent along.</param>
    public async Task<Uri> SignAsync(
        string key, HttpVerb verb, DateTimeOffset expires, IReadOnlyDictionary<string, string> headers)
    {
        var request = new GetPreSignedUrlRequest
        {
            BucketName = address.Bucket,
            Key = NameOf(key),
            Verb = verb,
            Expires = expires.UtcDateTime,
            Protocol = address.Endpoint?.Scheme == Uri.UriSchemeHttp ? Protocol.HTTP : Protocol.HTTPS,
        };
        foreach (var (name, value) in headers)
            request.Headers[name] = value;
        try
        {
            return new Uri(await client.GetPreSignedURLAsync(request), Verbatim);
        }
        catch (Exception e) when (S3Faults.IsOfTheStore(e))
        {
            throw S3Faults.Translate(key, address, e);
        }
    }

    /// <summary>Runs what is to be tried again when it fails in passing, and translates how it fails for good.</summary>
    public async Task<T> RunAsync<T>(string key, Func<CancellationToken, Task<T>> attempt, CancellationToken ct)
    {
        try
        {
            return await _retries.RunAsync(attempt, ct);
        }
        catch (Exception e) when (S3Faults.IsOfTheStore(e))
        {
            ct.ThrowIfCancellationRequested();
            throw S3Faults.Translate(key, address, e);
        }
    }

    // .NET would undo "%2E" and the like, and the address would no longer be the one that was signed.
    private static UriCreationOptions Verbatim { get; } = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private static async Task<bool> UnlessTakenAsync<T>(Func<Task<T>> send)
    {
        try
        {
            await send();
            return true;
        }
        catch (ObjectStoreException e) when (e.Error is ObjectStoreError.Conflict)
        {
            return false;
        }
    }

    // A HEAD's answer has no body, so that a missing bucket looks like a missing object.
    private Task DemandBucketAsync(CancellationToken ct) => RunAsync("", async token =>
    {
        try
        {
            return await client.HeadBucketAsync(new HeadBucketRequest { BucketName = address.Bucket }, token);
        }
        catch (AmazonS3Exception e) when (e.StatusCode is HttpStatusCode.NotFound)
        {
            throw new AmazonS3Exception(e.Message, e.InnerException, e.ErrorType, "NoSuchBucket", e.RequestId, e.StatusCode);
        }
    }, ct);
}
