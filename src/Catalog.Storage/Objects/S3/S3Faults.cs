using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.Runtime.Internal;

namespace Catalog.Storage.Objects.S3;

/// <summary>Turns what the SDK and the network throw into <see cref="ObjectStoreException"/>, and says what may pass by itself.</summary>
internal static class S3Faults
{
    public const string NoSuchUpload = "NoSuchUpload";

    // What the SDK calls a 400 that says nothing more. Ceph's gateway answers so what comes after a request that it refused without
    // reading its body, and for a moment after a start.
    private const string Unexplained = "BadRequest";

    /// <summary>Whether the same request may succeed a moment later.</summary>
    public static bool IsPassing(Exception fault) => fault switch
    {
        AmazonServiceException e when IsAnswer(e) => e.ErrorCode
                is "SlowDown" or "RequestTimeout" or "InternalError" or "ServiceUnavailable" or "OperationAborted"
                or "ConditionalRequestConflict" or "BadDigest" or "XAmzContentSHA256Mismatch" or "IncompleteBody" or Unexplained
            || e.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError
                or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout,
        AmazonServiceException e => IsOfTheNetwork(e),
        OperationCanceledException => true,
        _ => IsOfTheNetwork(fault),
    };

    /// <summary>What the server asked us to wait, in whole seconds (RFC 9110); null where it did not.</summary>
    public static TimeSpan? RetryAfter(Exception fault) =>
        fault is AmazonServiceException { InnerException: HttpErrorResponseException { Response: { } response } }
        && int.TryParse(
            response.GetHeaderValue("Retry-After"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    /// <summary>Whether it is a failure of the store, and not of ours.</summary>
    public static bool IsOfTheStore(Exception fault) =>
        fault is AmazonServiceException or AmazonClientException or OperationCanceledException || IsOfTheNetwork(fault);

    /// <summary>A failure of the store in our words. The SDK fails by itself only where it finds no credentials.</summary>
    public static ObjectStoreException Translate(string key, S3Address address, Exception fault) => fault switch
    {
        AmazonServiceException e when IsAnswer(e) => OfServer(key, address, e),
        _ when IsOfTheNetwork(fault) || fault is OperationCanceledException => new(
            ObjectStoreError.Unavailable, $"The object store {address} does not answer ({Innermost(fault)}).", fault),
        AmazonServiceException => new(
            ObjectStoreError.Unavailable, $"What the object store {address} answered cannot be read ({Plain(fault.Message)}).", fault),
        _ => new(
            ObjectStoreError.Denied,
            $"No credentials for {address} were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another source of the "
            + "standard AWS chain.",
            fault),
    };

    private static ObjectStoreException OfServer(string key, S3Address address, AmazonServiceException e) =>
        (e.ErrorCode, e.StatusCode) switch
        {
            ("NoSuchBucket", _) => new(
                ObjectStoreError.Misconfigured,
                $"There is no bucket '{address.Bucket}' ({address}): make it, or name another with --objects.",
                e),
            ("QuotaExceeded" or "InsufficientStorage" or "XMinioStorageFull", _) or (_, HttpStatusCode.InsufficientStorage) =>
                new(ObjectStoreError.OutOfSpace, $"The object store {address} has no space left.", e),
            ("InvalidAccessKeyId", _) => Denied(address, "it does not know the access key: check AWS_ACCESS_KEY_ID", e),
            ("SignatureDoesNotMatch", _) => Denied(address, "the secret key is wrong: check AWS_SECRET_ACCESS_KEY", e),
            ("ExpiredToken" or "TokenRefreshRequired", _) => Denied(address, "the credentials have expired: get new ones", e),
            ("RequestTimeTooSkewed", _) => Denied(address, "the clocks differ by over 15 minutes: set this machine's", e),
            ("AuthorizationHeaderMalformed" or "PermanentRedirect", _) or (_, HttpStatusCode.MovedPermanently) => new(
                ObjectStoreError.Misconfigured,
                $"The bucket '{address.Bucket}' is in another region ({Plain(e.Message)}): say which with region=… in --objects.",
                e),
            (_, HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized) =>
                Denied(address, "reading, writing, deleting and listing must all be allowed, and the keys be right", e),
            (_, HttpStatusCode.NotFound) => ObjectStoreException.NotFound(key),
            (_, HttpStatusCode.PreconditionFailed) => ObjectStoreException.Conflict(key),
            (_, HttpStatusCode.NotImplemented) => new(
                ObjectStoreError.Misconfigured,
                $"The object store {address} lacks something of S3 that is needed ({Plain(e.Message)}): use another server.",
                e),
            _ => new(
                ObjectStoreError.Unavailable,
                $"The object store {address} failed at '{key}' ({(int)e.StatusCode} {e.ErrorCode}: {Plain(e.Message)}).",
                e),
        };

    private static ObjectStoreException Denied(S3Address address, string why, Exception fault) =>
        new(ObjectStoreError.Denied, $"The object store {address} refuses this process: {why}.", fault);

    // Without a status nothing was answered at all.
    private static bool IsAnswer(AmazonServiceException e) => (int)e.StatusCode != 0;

    private static bool IsOfTheNetwork(Exception? fault) => fault switch
    {
        null => false,
        IOException or HttpRequestException or SocketException or TimeoutException => true,
        AggregateException many => many.InnerExceptions.Any(IsOfTheNetwork),
        _ => IsOfTheNetwork(fault.InnerException),
    };

    private static string Innermost(Exception fault) => fault switch
    {
        { InnerException: { } inner } => Innermost(inner),
        OperationCanceledException => "no answer in time",
        _ => Plain(fault.Message),
    };

    private static string Plain(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
