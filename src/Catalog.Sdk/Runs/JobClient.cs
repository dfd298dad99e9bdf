using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Jobs: the named things that run.</summary>
public sealed class JobClient
{
    private readonly Transport _transport;

    internal JobClient(Transport transport) => _transport = transport;

    public IAsyncEnumerable<Job> ListAsync(string? @namespace = null, int pageSize = 100, CancellationToken ct = default) =>
        Pages.ReadAsync<Job>(_transport, () => Route.Of("jobs").With("namespace", @namespace), pageSize, ct);

    public Task<Job> GetAsync(QualifiedName name, CancellationToken ct = default) => _transport.GetAsync<Job>(Route.Of("jobs", name), ct);
}
