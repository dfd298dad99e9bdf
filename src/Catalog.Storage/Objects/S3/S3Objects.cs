using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.S3;

namespace Catalog.Storage.Objects.S3;

/// <summary>Opens object stores that speak S3.</summary>
public static class S3Objects
{
    /// <summary>
    /// The objects beneath an address, with the credentials that the standard AWS chain finds. Nothing is asked of the server yet.
    /// </summary>
    /// <param name="address">Which bucket, and where.</param>
    /// <param name="spoolFolder">On a disk with room for the largest uploads whose digest nobody announced; made where missing.</param>
    /// <exception cref="ObjectStoreException">The profile is not there, or nothing says which region.</exception>
    public static S3Storage Open(S3Address address, string spoolFolder) =>
        Open(address, spoolFolder, new S3Tuning(), TimeProvider.System);

    internal static S3Storage Open(S3Address address, string spoolFolder, S3Tuning tuning, TimeProvider clock)
    {
        var store = new S3ObjectStore(new S3Bucket(Connect(address, tuning), address, tuning), spoolFolder, clock);
        return new S3Storage(store, store);
    }

    private static AmazonS3Client Connect(S3Address address, S3Tuning tuning)
    {
        var config = Configure(address, tuning);
        try
        {
            return new AmazonS3Client(config);
        }
        catch (AmazonClientException e)
        {
            throw new ObjectStoreException(
                ObjectStoreError.Misconfigured,
                $"Nothing says which region {address} is in: name it with region=… in --objects, or set AWS_REGION.",
                e);
        }
    }

    private static AmazonS3Config Configure(S3Address address, S3Tuning tuning)
    {
        var config = new AmazonS3Config
        {
            ForcePathStyle = address.PathStyle,
            MaxErrorRetry = 0,
            MaxStaleConnectionRetries = 0,
            ThrottleRetries = false,
            Timeout = tuning.RequestLimit,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (address.Profile is { } profile)
            config.DefaultAWSCredentials = CredentialsOf(profile);
        if (address.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.ToString();
            config.AuthenticationRegion = address.Region ?? "us-east-1";
            config.UseHttp = endpoint.Scheme == Uri.UriSchemeHttp;
        }
        else if (address.Region is { } region)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        return config;
    }

    // Asked by ourselves, since the SDK would silently use other credentials where the profile is missing.
    private static AWSCredentials CredentialsOf(string profile) =>
        new CredentialProfileStoreChain().TryGetAWSCredentials(profile, out var credentials)
            ? credentials
            : throw new ObjectStoreException(
                ObjectStoreError.Denied,
                $"There is no profile '{profile}' with credentials: add it to the file that AWS_SHARED_CREDENTIALS_FILE names "
                + "(~/.aws/credentials), or name another with profile=… in --objects.");
}

/// <summary>A bucket's objects, and addresses for them; one and the same adapter, which the store's owner disposes of.</summary>
public sealed record S3Storage(IObjectStore Objects, IUrlSigner Urls);
