namespace Catalog.Sdk;

/// <summary>
/// A run that this process executes. What it reads is pinned as an input, what it writes is recorded as an output. Disposed without having
/// been completed, it is marked failed.
/// </summary>
public sealed class ActiveRun : IAsyncDisposable
{
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(10);
    private readonly CatalogClient _catalog;
    private readonly string? _owner;
    private bool _ended;

    internal ActiveRun(CatalogClient catalog, Guid id, QualifiedName job, string? owner)
    {
        (_catalog, _owner, Job) = (catalog, owner, job);
        (Id, Node) = (id, NodeId.Run(id));
    }

    public Guid Id { get; }

    public NodeId Node { get; }

    public QualifiedName Job { get; }

    /// <summary>Pins a version of a dataset as an input of the run, and opens it. What is read of it is counted for the run.</summary>
    /// <param name="dataset">Which.</param>
    /// <param name="version">A number or an alias; what an alias points to now is what is recorded and read.</param>
    /// <param name="role">What for: <c>train</c>, <c>validation</c>, <c>test</c>.</param>
    /// <param name="ct">Stops waiting.</param>
    public async Task<VersionReader> ReadAsync(
        QualifiedName dataset, VersionRef version = default, string? role = null, CancellationToken ct = default)
    {
        var pinned = await _catalog.Runs.AddInputAsync(Id, dataset, version, role, ct).ConfigureAwait(false);
        return _catalog.Datasets.Reader(pinned.Node, Id);
    }

    /// <inheritdoc cref="ReadAsync(QualifiedName, VersionRef, string?, CancellationToken)"/>
    public Task<VersionReader> ReadAsync(NodeId version, string? role = null, CancellationToken ct = default) =>
        ReadAsync(version.NameOf(NodeKind.Dataset), VersionRef.Of(version), role, ct);

    /// <summary>
    /// Uploads files and folders of this machine, and commits them as the next version of a dataset: an output of the run.
    /// </summary>
    public Task<CommitReceipt> WriteAsync(
        QualifiedName dataset, IEnumerable<string> paths, IProgress<WorkProgress>? progress = null, CancellationToken ct = default) =>
        WriteAsync(dataset, NewVersion.Of(paths), progress, ct);

    /// <summary>Commits the next version of a dataset: an output of the run. A dataset that is not there yet is registered.</summary>
    public async Task<CommitReceipt> WriteAsync(
        QualifiedName dataset, NewVersion version, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        var uploaded = await _catalog.Datasets.PrepareAsync(version with { Run = Id }, progress, ct).ConfigureAwait(false);
        return await OrRegisterAsync(
            () => _catalog.Datasets.CommitAsync(dataset, uploaded, progress, ct),
            "dataset",
            owner => _catalog.Datasets.RegisterAsync(dataset, new Registration(owner), ct),
            ct).ConfigureAwait(false);
    }

    /// <summary>
    /// Uploads a model's file or folder, and makes it the model's next version. A model that is not there yet is registered.
    /// </summary>
    public Task<CommitReceipt> LogModelAsync(
        QualifiedName model, string path, IProgress<WorkProgress>? progress = null, CancellationToken ct = default) =>
        LogModelAsync(model, new NewModelVersion { Sources = [path] }, progress, ct);

    /// <inheritdoc cref="LogModelAsync(QualifiedName, string, IProgress{WorkProgress}?, CancellationToken)"/>
    public async Task<CommitReceipt> LogModelAsync(
        QualifiedName model, NewModelVersion version, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        var uploaded = await _catalog.Models.PrepareAsync(Id, version, progress, ct).ConfigureAwait(false);
        return await OrRegisterAsync(
            () => _catalog.Models.CommitAsync(model, uploaded, progress, ct),
            "model",
            owner => _catalog.Models.RegisterAsync(model, new ModelRegistration(owner), ct),
            ct).ConfigureAwait(false);
    }

    /// <param name="key">The parameter.</param>
    /// <param name="value">A number, boolean or text.</param>
    /// <param name="ct">Stops waiting.</param>
    public Task LogParameterAsync(string key, object value, CancellationToken ct = default) =>
        LogParametersAsync(new Dictionary<string, object>(StringComparer.Ordinal) { [key] = value }, ct);

    public Task LogParametersAsync(IReadOnlyDictionary<string, object> values, CancellationToken ct = default) =>
        _catalog.Runs.LogParametersAsync(Id, values, ct);

    /// <summary>Adds one point to a metric. Many points are better sent together: <see cref="LogMetricsAsync"/>.</summary>
    public Task LogMetricAsync(string key, double value, long step = 0, CancellationToken ct = default) =>
        LogMetricsAsync([new MetricPoint(key, value, step)], ct);

    public Task LogMetricsAsync(IEnumerable<MetricPoint> points, CancellationToken ct = default) =>
        _catalog.Runs.LogMetricsAsync(Id, points, ct);

    public Task TagAsync(string tag, CancellationToken ct = default) => _catalog.Runs.TagAsync(Id, tag, ct);

    public Task CompleteAsync(CancellationToken ct = default) => EndAsync(_catalog.Runs.CompleteAsync(Id, ct));

    public Task FailAsync(string reason, CancellationToken ct = default) => EndAsync(_catalog.Runs.FailAsync(Id, reason, ct));

    public Task AbortAsync(string reason, CancellationToken ct = default) => EndAsync(_catalog.Runs.AbortAsync(Id, reason, ct));

    /// <summary>
    /// Marks the run failed unless it has ended. Tries for a few seconds, and throws nothing: the exception on its way out matters more.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_ended)
            return;

        _ended = true;
        using var limit = new CancellationTokenSource(FarewellLimit);
        try
        {
            await _catalog.Runs.FailAsync(Id, "The run was disposed without having been completed.", limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CatalogException or OperationCanceledException or ObjectDisposedException)
        {
            // The catalog keeps it as running; there is nobody here left to tell.
        }
    }

    private async Task EndAsync(Task<Receipt> ending)
    {
        await ending.ConfigureAwait(false);
        _ended = true;
    }

    /// <summary>Commits what is uploaded already; under a name that is not there yet, registers it first.</summary>
    /// <param name="commit">Commits.</param>
    /// <param name="kind">What codes of the thing's problems begin with.</param>
    /// <param name="register">Registers the name for an owner.</param>
    /// <param name="ct">Stops waiting.</param>
    private async Task<CommitReceipt> OrRegisterAsync(
        Func<Task<CommitReceipt>> commit, string kind, Func<string, Task<Receipt>> register, CancellationToken ct)
    {
        try
        {
            return await commit().ConfigureAwait(false);
        }
        catch (CatalogException e) when (e.Code == $"{kind}.not_found")
        {
            await RegisterAsync().ConfigureAwait(false);
            return await commit().ConfigureAwait(false);
        }

        async Task RegisterAsync()
        {
            try
            {
                await register(_owner ?? (await _catalog.WhoAmIAsync(ct).ConfigureAwait(false)).Principal).ConfigureAwait(false);
            }
            catch (CatalogException e) when (e.Code == $"{kind}.exists")
            {
                // Another run, of another owner, came first: the name is there, which is all that was wanted.
            }
        }
    }
}
