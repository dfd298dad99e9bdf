using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Catalog.IntegrationTests.Hosting;
using Catalog.IntegrationTests.Objects;
using Catalog.IntegrationTests.Serving;
using Catalog.Storage.Objects.S3;

[assembly: AssemblyFixture(typeof(S3Fixture))]

namespace Catalog.IntegrationTests.Objects;

/// <summary>
/// One S3 server that all tests share, started by the first that asks for it, and credentials where the standard AWS chain looks for them:
/// a profile <c>default</c>, and one, <c>wrong</c>, whose secret is not the server's.
/// </summary>
public sealed class S3Fixture : IAsyncDisposable
{
    public const string WrongProfile = "wrong";
    private readonly SemaphoreSlim _starting = new(1, 1);
    private readonly TemporaryFolder _folder = new();
    private CephCluster? _cluster;
    private AmazonS3Client? _client;

    /// <summary>Amazon's own client, to look at the bucket beside our store.</summary>
    internal AmazonS3Client Client => _client ?? throw new InvalidOperationException("Ask for a bucket first.");

    internal CephCluster Cluster => _cluster ?? throw new InvalidOperationException("Ask for a bucket first.");

    /// <summary>For large uploads.</summary>
    internal string SpoolFolder => _folder["spool"];

    /// <summary>A new bucket.</summary>
    internal async Task<string> BucketAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (_client is null)
                await StartAsync();
        }
        finally
        {
            _starting.Release();
        }

        var bucket = New.Name("bucket");
        await Client.PutBucketAsync(bucket);
        return bucket;
    }

    /// <summary>The address of a bucket on the gateway that all share, or on another.</summary>
    internal S3Address AddressOf(string bucket, string prefix = "", string? profile = null, Uri? endpoint = null) =>
        S3Address.Parse(TextOf(bucket, prefix, profile, endpoint));

    internal string TextOf(string bucket, string prefix = "", string? profile = null, Uri? endpoint = null) =>
        $"s3://{bucket}/{prefix}?endpoint={endpoint ?? Cluster.Gateway.Address}{(profile is null ? "" : $"&profile={profile}")}";

    /// <summary>How many uploads in parts are unfinished in a bucket.</summary>
    internal async Task<int> CountUploadsAsync(string bucket) =>
        (await Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = bucket })).MultipartUploads?.Count ?? 0;

    /// <summary>How many objects are in a bucket, whoever put them there, without the marks of databases.</summary>
    internal async Task<int> CountObjectsAsync(string bucket) =>
        (await Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket })).S3Objects?
            .Count(o => !o.Key.Contains("databases/", StringComparison.Ordinal)) ?? 0;

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        _folder.Dispose();
        _starting.Dispose();
    }

    private async Task StartAsync()
    {
        var file = _folder["credentials"];
        await File.WriteAllTextAsync(file, $"""
            [default]
            aws_access_key_id = {CephCluster.AccessKey}
            aws_secret_access_key = {CephCluster.SecretKey}
            [{WrongProfile}]
            aws_access_key_id = {CephCluster.AccessKey}
            aws_secret_access_key = not-the-secret

            """);
        Environment.SetEnvironmentVariable("AWS_SHARED_CREDENTIALS_FILE", file);
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
        _cluster = await CephCluster.StartAsync();
        _client = new AmazonS3Client(
            new BasicAWSCredentials(CephCluster.AccessKey, CephCluster.SecretKey),
            new AmazonS3Config
            {
                ServiceURL = _cluster.Gateway.Address.ToString(),
                ForcePathStyle = true,
                AuthenticationRegion = "us-east-1",
                UseHttp = true,
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            });
    }
}
