using Catalog.Sdk.Http;

namespace Catalog.Sdk;

/// <summary>Models, their versions and where they serve.</summary>
public sealed class ModelClient
{
    private const string Root = "models";
    private readonly Transport _transport;
    private readonly Sources _sources;
    private readonly VersionCalls _versions;

    internal ModelClient(Transport transport, ObjectClient objects)
    {
        _transport = transport;
        _sources = new Sources(objects, transport.Options.Parallelism);
        _versions = new VersionCalls(transport, Root);
    }

    /// <summary>Puts a model in the catalog, under a name that is never reused.</summary>
    public Task<Receipt> RegisterAsync(QualifiedName name, Registration registration, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(
            HttpMethod.Post,
            Route.Of(Root),
            new RegisterBody(name.Namespace, name.Name, registration.Owner, registration.Documentation, registration.Tags),
            ct);

    public IAsyncEnumerable<Model> ListAsync(string? @namespace = null, int pageSize = 100, CancellationToken ct = default) =>
        Pages.ReadAsync<Model>(_transport, () => Route.Of(Root).With("namespace", @namespace), pageSize, ct);

    public Task<Model> GetAsync(QualifiedName name, CancellationToken ct = default) =>
        _transport.GetAsync<Model>(Route.Of(Root, name), ct);

    /// <summary>
    /// Uploads what has to be uploaded and makes the run's version of the model. Retried calls make one version, never two.
    /// </summary>
    public async Task<CommitReceipt> CommitAsync(
        QualifiedName name, Guid run, NewModelVersion version, IProgress<WorkProgress>? progress = null, CancellationToken ct = default)
    {
        var key = version.IdempotencyKey ?? Guid.CreateVersion7().ToString();
        if (version.Sources.OfType<VersionSource.Folder>().Any())
            throw new ArgumentException("A model is made of files: upload a folder, or name its files one by one.", nameof(version));

        var (files, _) = await _sources.PrepareAsync(version.Sources, progress, ct);
        var body = new CommitBody(
            files, Folders: null, Remove: null, Mode: null, ExpectedParent: null, key, run, version.Message, Format: null, Observed: null);
        return await LongWork.RunAsync<CommitReceipt>(
            _transport, Route.Of(Root, name, "versions"), body, WorkStage.Committing, progress, ct);
    }

    public IAsyncEnumerable<ModelVersion> VersionsAsync(QualifiedName name, int pageSize = 100, CancellationToken ct = default) =>
        _versions.ListAsync<ModelVersion>(name, pageSize, ct);

    public Task<ModelVersion> GetVersionAsync(QualifiedName name, VersionRef version, CancellationToken ct = default) =>
        _versions.GetAsync<ModelVersion>(name, version, ct);

    /// <summary>Reads a version's files.</summary>
    public async Task<VersionReader> ReadAsync(QualifiedName name, VersionRef version, CancellationToken ct = default)
    {
        var found = await GetVersionAsync(name, version, ct);
        return new VersionReader(_versions, found.Node);
    }

    /// <summary>Has the server hash a version's files again; the outcome is recorded.</summary>
    public Task<Verification> VerifyAsync(
        QualifiedName name, VersionRef version, IProgress<WorkProgress>? progress = null, CancellationToken ct = default) =>
        _versions.VerifyAsync(name, version, progress, ct);

    public Task<Receipt> SetAliasAsync(QualifiedName name, string alias, long version, CancellationToken ct = default) =>
        _versions.SetAliasAsync(name, alias, version, ct);

    public Task<Receipt> RemoveAliasAsync(QualifiedName name, string alias, CancellationToken ct = default) =>
        _versions.RemoveAliasAsync(name, alias, ct);

    /// <summary>Says that a version serves at an endpoint of the model's namespace.</summary>
    public Task<Receipt> DeployAsync(QualifiedName name, string endpoint, VersionRef version, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(
            HttpMethod.Put, Route.Of(Root, name, "deployments", endpoint), new DeployBody(version.Text), ct);

    public Task<Receipt> UndeployAsync(QualifiedName name, string endpoint, CancellationToken ct = default) =>
        _transport.SendAsync<Receipt>(HttpMethod.Delete, Route.Of(Root, name, "deployments", endpoint), body: null, ct);

    public Task<Receipt> RetireAsync(QualifiedName name, string reason, CancellationToken ct = default) =>
        _versions.RetireAsync(name, reason, ct);

    internal VersionReader Reader(NodeId version) => new(_versions, version);
}
