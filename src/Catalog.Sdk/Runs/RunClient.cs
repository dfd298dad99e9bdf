using System.Text.Json;
using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Runs by their id. A process that executes a run itself is better off with <see cref="CatalogClient.StartRunAsync"/>.</summary>
public sealed class RunClient
{
    private const string Root = "runs";
    private const int PointsPerCall = 1000;
    private readonly Transport _transport;

    internal RunClient(Transport transport) => _transport = transport;

    /// <summary>Starts a run; its id is <see cref="RunOptions.Id"/>, or made here, so that a retry starts no second one.</summary>
    public Task<Receipt> StartAsync(QualifiedName job, RunOptions? options = null, CancellationToken ct = default)
    {
        options ??= new RunOptions();
        var body = new StartRunBody(
            options.Id ?? Guid.CreateVersion7(),
            new NameBody(job.Namespace, job.Name),
            options.CodeRevision,
            options.Environment,
            options.Parameters is { } parameters ? ParameterText.Of(parameters) : null,
            options.Tags,
            options.Parent);
        return _transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of(Root), body, ct);
    }

    public IAsyncEnumerable<Run> ListAsync(RunQuery? query = null, CancellationToken ct = default)
    {
        query ??= new RunQuery();
        var job = query.Job is { } name ? NodeId.Job(name.Namespace, name.Name).ToString() : null;
        var state = query.State is { } s ? JsonNamingPolicy.CamelCase.ConvertName(s.ToString()) : null;
        return Pages.ReadAsync<Run>(_transport, () => Route.Of(Root).With("job", job).With("state", state), query.PageSize, ct);
    }

    public Task<Run> GetAsync(Guid id, CancellationToken ct = default) => _transport.GetAsync<Run>(Route.Of(Root, Text(id)), ct);

    /// <summary>Records that the run reads a version. An alias is resolved now, and what it pointed to is what is recorded.</summary>
    /// <returns>A receipt whose node is the version.</returns>
    public Task<Receipt> AddInputAsync(
        Guid id, QualifiedName dataset, VersionRef version = default, string? role = null, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(
            HttpMethod.Post,
            Route.Of(Root, Text(id), "inputs"),
            new InputBody(NodeId.Dataset(dataset.Namespace, dataset.Name, version.Text).ToString(), role),
            ct);

    /// <inheritdoc cref="AddInputAsync(Guid, QualifiedName, VersionRef, string?, CancellationToken)"/>
    public Task<Receipt> AddInputAsync(Guid id, NodeId dataset, string? role = null, CancellationToken ct = default) =>
        AddInputAsync(id, dataset.NameOf(NodeKind.Dataset), VersionRef.Of(dataset), role, ct);

    public Task<Receipt> LogParametersAsync(Guid id, IReadOnlyDictionary<string, object> values, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(
            HttpMethod.Post, Route.Of(Root, Text(id), "parameters"), new ParametersBody(ParameterText.Of(values)), ct);

    /// <summary>
    /// Adds points, a thousand in a call. Each call carries an id, so that points are logged once even when it has to be sent again.
    /// </summary>
    public async Task LogMetricsAsync(Guid id, IEnumerable<MetricPoint> points, CancellationToken ct = default)
    {
        foreach (var batch in points.Chunk(PointsPerCall))
        {
            var body = new MetricsBody(batch, Guid.CreateVersion7());
            await _transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of(Root, Text(id), "metrics"), body, ct).ConfigureAwait(false);
        }
    }

    /// <summary>The measured series of a run, by metric and step.</summary>
    public async Task<IReadOnlyList<MetricPoint>> MetricsAsync(Guid id, string? key = null, CancellationToken ct = default)
    {
        var points = new List<MetricPoint>();
        var pages = Pages.ReadAsync<MetricPoint>(_transport, () => Route.Of(Root, Text(id), "metrics").With("key", key), PointsPerCall, ct);
        await foreach (var point in pages.ConfigureAwait(false))
            points.Add(point);
        return [.. points.OrderBy(p => p.Key, StringComparer.Ordinal).ThenBy(p => p.Step)];
    }

    public Task<Receipt> TagAsync(Guid id, string tag, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Put, Route.Of(Root, Text(id), "tags", tag), body: null, ct);

    public Task<Receipt> UntagAsync(Guid id, string tag, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Delete, Route.Of(Root, Text(id), "tags", tag), body: null, ct);

    public Task<Receipt> CompleteAsync(Guid id, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of(Root, Text(id), "complete"), body: null, ct);

    public Task<Receipt> FailAsync(Guid id, string reason, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of(Root, Text(id), "fail"), new ReasonBody(reason), ct);

    public Task<Receipt> AbortAsync(Guid id, string reason, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of(Root, Text(id), "abort"), new ReasonBody(reason), ct);

    private static string Text(Guid id) => id.ToString("D");
}
