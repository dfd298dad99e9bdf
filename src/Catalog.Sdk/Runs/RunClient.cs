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
            (options.Id ?? Guid.CreateVersion7()).ToString(),
            new NameBody(job.Namespace, job.Name),
            options.CodeRevision,
            options.Environment,
            Scalars.Of(options.Parameters),
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

    public Task<Run> GetAsync(string id, CancellationToken ct = default) => _transport.GetAsync<Run>(Route.Of(Root, id), ct);

    /// <summary>Records that the run reads a version. An alias is resolved now, and what it pointed to is what is recorded.</summary>
    /// <returns>A receipt whose node is the version.</returns>
    public Task<Receipt> AddInputAsync(
        string id, QualifiedName dataset, VersionRef version = default, string? role = null, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(
            HttpMethod.Post,
            Route.Of(Root, id, "inputs"),
            new InputBody(NodeId.Dataset(dataset.Namespace, dataset.Name, version.Text).ToString(), role),
            ct);

    public Task<Receipt> LogParametersAsync(string id, IReadOnlyDictionary<string, object> values, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(
            HttpMethod.Post, Route.Of(Root, id, "parameters"), new ParametersBody(Scalars.Of(values) ?? throw new ArgumentNullException(nameof(values))), ct);

    /// <summary>Adds points. Points are added each time they are sent, so after a connection broke midway it is not known whether they were.</summary>
    public async Task LogMetricsAsync(string id, IEnumerable<MetricPoint> points, CancellationToken ct = default)
    {
        foreach (var batch in points.Chunk(PointsPerCall))
        {
            await _transport.SendAsync<Receipt>(
                HttpMethod.Post, Route.Of(Root, id, "metrics"), new MetricsBody(batch), ct, Repeat.IfNotActedOn);
        }
    }

    public IAsyncEnumerable<MetricPoint> MetricsAsync(string id, string? key = null, CancellationToken ct = default) =>
        Pages.ReadAsync<MetricPoint>(_transport, () => Route.Of(Root, id, "metrics").With("key", key), pageSize: 1000, ct);

    public Task<Receipt> TagAsync(string id, string tag, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Put, Route.Of(Root, id, "tags", tag), body: null, ct);

    public Task<Receipt> CompleteAsync(string id, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of(Root, id, "complete"), body: null, ct);

    public Task<Receipt> FailAsync(string id, string reason, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of(Root, id, "fail"), new ReasonBody(reason), ct);

    public Task<Receipt> AbortAsync(string id, string? reason = null, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Post, Route.Of(Root, id, "abort"), new ReasonBody(reason), ct);
}

/// <summary>Jobs: the named things that run.</summary>
public sealed class JobClient
{
    private readonly Transport _transport;

    internal JobClient(Transport transport) => _transport = transport;

    public IAsyncEnumerable<Job> ListAsync(string? @namespace = null, int pageSize = 100, CancellationToken ct = default) =>
        Pages.ReadAsync<Job>(_transport, () => Route.Of("jobs").With("namespace", @namespace), pageSize, ct);

    public Task<Job> GetAsync(QualifiedName name, CancellationToken ct = default) => _transport.GetAsync<Job>(Route.Of("jobs", name), ct);
}
