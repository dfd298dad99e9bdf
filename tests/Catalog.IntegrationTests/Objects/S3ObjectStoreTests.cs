using Catalog.Storage.Objects;
using Catalog.Storage.Objects.S3;
using Catalog.Tests.Storage.Objects;

namespace Catalog.IntegrationTests.Objects;

/// <summary>The contract of object stores, kept by a real S3 server under a prefix of a bucket.</summary>
public sealed class S3ObjectStoreTests(S3Fixture s3) : ObjectStoreContract, IAsyncLifetime
{
    private string _bucket = "";
    private IObjectStore? _store;

    protected override IObjectStore Store => _store ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        _bucket = await s3.BucketAsync();
        _store = S3Objects.Open(s3.AddressOf(_bucket, "a%20lake/é"), s3.SpoolFolder).Objects;
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    protected override Task<int> CountUnfinishedAsync() => s3.CountUploadsAsync(_bucket);

    protected override void Dispose(bool disposing) => (_store as IDisposable)?.Dispose();
}
