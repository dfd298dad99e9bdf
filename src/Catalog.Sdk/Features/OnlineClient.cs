using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Features as they are now, by their keys: what a model is asked with.</summary>
public sealed class OnlineClient
{
    private readonly Transport _transport;

    internal OnlineClient(Transport transport) => _transport = transport;

    /// <summary>Reads all features of a service, in its order.</summary>
    /// <param name="service">Its newest version.</param>
    /// <param name="keys">A column for each key that the views of the service have.</param>
    /// <param name="options">What else to say.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<FeatureRows> ReadAsync(
        QualifiedName service, FeatureKeys keys, OnlineReadOptions? options = null, CancellationToken ct = default) =>
        ReadAsync(service.ToString(), features: null, keys, options, ct);

    /// <inheritdoc cref="ReadAsync(QualifiedName, FeatureKeys, OnlineReadOptions?, CancellationToken)"/>
    /// <param name="service"><c>feature-service:demo/delays@2</c>; the newest version where none is named.</param>
    public Task<FeatureRows> ReadAsync(
        NodeId service, FeatureKeys keys, OnlineReadOptions? options = null, CancellationToken ct = default) =>
        service.Kind == NodeKind.FeatureService
            ? ReadAsync(service.ToString()[(NodeId.WordOf(NodeKind.FeatureService).Length + 1)..], features: null, keys, options, ct)
            : throw new ArgumentException($"'{service}' is no feature service.", nameof(service));

    /// <summary>Reads features, in the order given.</summary>
    /// <param name="features"><c>demo/airport:delay_mean_7d</c>, or of a version: <c>demo/airport@2:delay_mean_7d</c>.</param>
    /// <param name="keys">A column for each key that the views have.</param>
    /// <param name="options">What else to say.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task<FeatureRows> ReadAsync(
        IEnumerable<string> features, FeatureKeys keys, OnlineReadOptions? options = null, CancellationToken ct = default) =>
        ReadAsync(service: null, [.. features], keys, options, ct);

    /// <summary>
    /// Lookups of one row each that are asked for at the same time go out together. Keep it: what waits is shared by those who share it.
    /// </summary>
    /// <param name="service">Its newest version.</param>
    public FeatureBatch BatchOf(QualifiedName service) => new((keys, ct) => ReadAsync(service, keys, ct: ct));

    /// <inheritdoc cref="BatchOf(QualifiedName)"/>
    /// <param name="features"><c>demo/airport:delay_mean_7d</c></param>
    public FeatureBatch BatchOf(IEnumerable<string> features)
    {
        IReadOnlyList<string> wanted = [.. features];
        return new((keys, ct) => ReadAsync(wanted, keys, ct: ct));
    }

    /// <summary>
    /// Maps all features of a service into this process, in its order, and follows what serves. It takes a key that may export them.
    /// </summary>
    /// <param name="service">Its newest version.</param>
    /// <param name="options">Where files are kept, and for how long they are good.</param>
    /// <param name="ct">Stops waiting.</param>
    /// <exception cref="CatalogException"><c>serving.not_materialized</c>, <c>access.denied</c></exception>
    public Task<MappedFeatures> MapAsync(QualifiedName service, MapOptions? options = null, CancellationToken ct = default) =>
        MapAsync(service.ToString(), features: null, options ?? new(), ct);

    /// <summary>Maps features into this process, in the order given.</summary>
    /// <param name="features"><c>demo/airport:delay_mean_7d</c>, or of a version: <c>demo/airport@2:delay_mean_7d</c>.</param>
    /// <inheritdoc cref="MapAsync(QualifiedName, MapOptions?, CancellationToken)"/>
    public Task<MappedFeatures> MapAsync(IEnumerable<string> features, MapOptions? options = null, CancellationToken ct = default) =>
        MapAsync(service: null, [.. features], options ?? new(), ct);

    private Task<MappedFeatures> MapAsync(string? service, IReadOnlyList<string>? features, MapOptions options, CancellationToken ct) =>
        MappedFeatures.OpenAsync(
            new MappedSource(_transport, service, features, options.PlaceOfFiles, _transport.Options.Time), options,
            _transport.Options.Time, ct);

    private async Task<FeatureRows> ReadAsync(
        string? service, IReadOnlyList<string>? features, FeatureKeys keys, OnlineReadOptions? options, CancellationToken ct)
    {
        var body = new Body(keys.Columns, service, features, options?.Receipt ?? false);
        var answer = await _transport.SendAsync<Answer>(HttpMethod.Post, Route.Of("features", "read"), body, ct).ConfigureAwait(false);
        return new FeatureRows(answer.Columns, answer.Views, answer.Stale);
    }

    private sealed record Body(
        IReadOnlyDictionary<string, IReadOnlyList<object?>> Keys, string? Service, IReadOnlyList<string>? Features, bool Receipt);

    private sealed record Answer(IReadOnlyList<FeatureColumn> Columns, IReadOnlyList<AnsweredView> Views, bool Stale);
}
