using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Feature services: which features a model is served. They are applied together with views.</summary>
public sealed class FeatureServiceClient
{
    private const string Root = "feature-services";
    private readonly Transport _transport;

    internal FeatureServiceClient(Transport transport) => _transport = transport;

    public IAsyncEnumerable<FeatureServiceSummary> ListAsync(
        string? @namespace = null, int pageSize = 100, CancellationToken ct = default) =>
        Pages.ReadAsync<FeatureServiceSummary>(_transport, () => Route.Of(Root).With("namespace", @namespace), pageSize, ct);

    /// <summary>A service with all its versions.</summary>
    public Task<FeatureService> GetAsync(QualifiedName name, CancellationToken ct = default) =>
        _transport.GetAsync<FeatureService>(Route.Of(Root, name), ct);

    /// <param name="name">Of the service.</param>
    /// <param name="version">A number, or <c>latest</c>.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<FeatureServiceVersion> GetVersionAsync(QualifiedName name, VersionRef version, CancellationToken ct = default) =>
        _transport.GetAsync<FeatureServiceVersion>(Route.Of(Root, name, "versions", version.Text), ct);

    /// <param name="version">As lineage names it: <c>feature-service:demo/flight_delay@2</c>.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<FeatureServiceVersion> GetVersionAsync(NodeId version, CancellationToken ct = default) =>
        GetVersionAsync(version.NameOf(NodeKind.FeatureService), VersionRef.Of(version), ct);

    /// <summary>How a service keeps what it promises, by what the server that answers counted of its own lookups.</summary>
    public Task<FeatureServiceLevels> LevelsAsync(QualifiedName name, CancellationToken ct = default) =>
        _transport.GetAsync<FeatureServiceLevels>(Route.Of(Root, name, "levels"), ct);

    public Task<Receipt> TagAsync(QualifiedName name, string tag, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Put, Route.Of(Root, name, "tags", tag), body: null, ct);

    public Task<Receipt> UntagAsync(QualifiedName name, string tag, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Delete, Route.Of(Root, name, "tags", tag), body: null, ct);

    /// <summary>Ends a service's life; its versions stay readable, and its name is not reused.</summary>
    public Task<Receipt> RetireAsync(QualifiedName name, string reason, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of(Root, name, "retire"), new ReasonBody(reason), ct);
}
